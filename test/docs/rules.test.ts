import { expect, test } from 'vitest';
import { catalogue } from '../../src/rules/catalogue.ts';
import { RULE_IDS } from '../../src/rules/types.ts';
import { pages, read } from './pages.ts';

interface Section {
  readonly heading: string;
  readonly text: string;
}

function sections(text: string): Section[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => ({ heading: part.split('\n', 1)[0] ?? '', text: part }));
}

const isRuleId = (heading: string): boolean => /^(?:[A-Z][a-z0-9]+){2,}\w*$/.test(heading);
const ruleSections = sections(read('docs/rules.md')).filter(({ heading }) => isRuleId(heading));

test('docs/rules.md has one section for each rule, in the order of the catalogue, and no other', () => {
  expect(catalogue.map(({ id }) => id)).toEqual([...RULE_IDS]);
  expect(ruleSections.map(({ heading }) => heading)).toEqual([...RULE_IDS]);
});

test.each(catalogue.map((rule) => [rule.id, rule] as const))(
  'the section on %s says all there is to say',
  (id, rule) => {
    const text = ruleSections.find(({ heading }) => heading === id)?.text ?? '';
    expect(text).toContain(`${rule.title}.`);
    for (const part of ['Subject', 'Fires when', 'Severity', 'Change', 'Silent when', 'Unknown when', 'Sources'])
      expect(text).toContain(`**${part}**`);
    expect(text).toMatch(new RegExp(`\\*\\*Subject\\*\\* \\| ${rule.subject}\\b`));
    expect(text.includes('kept for')).toBe(rule.keepSeconds !== undefined);
  },
);

test('every rule named in a page exists', () => {
  const known: readonly string[] = RULE_IDS;
  for (const { path, text } of pages()) {
    const named =
      text.match(/\b(?:Gomaxprocs|Gomemlimit|GcOff|NextGc|Oom|PprofExposed|CpuThrottled|NodeNot)[A-Za-z0-9]*\b/g) ?? [];
    for (const name of named) expect(known, path).toContain(name);
  }
});

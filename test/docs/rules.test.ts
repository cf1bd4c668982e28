import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allThresholds, type ThresholdText, thresholdsOf } from '../../src/cli/rule-thresholds.ts';
import { timing } from '../../src/export/rule-timing.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { RULE_IDS, type Rule } from '../../src/rules/types.ts';
import { expectGenerated, pages, ROOT, read, row } from './pages.ts';

const pageOf = (id: string): string => `docs/rules/${id}.md`;
const ids: readonly string[] = RULE_IDS;

/** Ids of other rules become links to their pages; what is in code spans stays as it is. */
function linked(text: string, self: string, folder: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(/\b[A-Z]\w+\b/g, (word) =>
            word !== self && ids.includes(word) ? `[${word}](${folder}${word}.md)` : word,
          ),
    )
    .join('');
}

const usual = ({ usual: value, unit }: ThresholdText): string =>
  unit === '' ? `\`${value}\`` : `\`${value}\` ${unit}`;

/** The page of a rule. */
function page(rule: Rule): string {
  const { id, title, subject, about } = rule;
  const text = (words: string): string => linked(words, id, '');
  const parts: readonly (readonly [string, string])[] = [
    ['Judged for', [subject, ...timing(rule)].join('; ')],
    ['Fires when', about.firesWhen],
    ['Severity', about.severity],
    ['Change', about.change],
    ['Silent when', about.silentWhen],
    ['Unknown when', about.unknownWhen],
  ];
  const thresholds = thresholdsOf(rule);
  return [
    `# ${id}`,
    '',
    `${title}.`,
    '',
    text(about.meaning),
    '',
    '| | |',
    '| --- | --- |',
    ...parts.map(([name, words]) => row(`**${name}**`, text(words))),
    '',
    ...(thresholds.length === 0
      ? []
      : [
          '## Thresholds',
          '',
          '| Threshold | Default | What it is |',
          '| --- | --- | --- |',
          ...thresholds.map((threshold) => row(`\`${threshold.key}\``, usual(threshold), threshold.reason)),
          '',
        ]),
    '## Sources',
    '',
    ...about.sources.map((source) => `- ${text(source)}`),
    '',
    `The alert of this rule is \`Cgopher${id}\`: [its runbook](../runbooks/Cgopher${id}.md) says how to look and what to do.`,
    '',
    'Verdicts, terms and states are told in [rules.md](../rules.md), and how to set thresholds in [configuration.md](../configuration.md#settings).',
    '',
  ].join('\n');
}

test('the catalogue has every rule once, in the order of its ids', () => {
  expect(catalogue.map(({ id }) => id)).toEqual([...RULE_IDS]);
});

test.each(catalogue.map((rule) => [rule.id, rule] as const))('%s has its page, as the code says it', (id, rule) => {
  const wanted = page(rule);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(ROOT + pageOf(id), wanted);
  expect(existsSync(ROOT + pageOf(id)), `${pageOf(id)}: run UPDATE_DOCS=1`).toBe(true);
  expect(
    read(pageOf(id)),
    'out of date: run `UPDATE_DOCS=1 npx vitest run --config .config/vitest.config.ts test/docs`',
  ).toBe(wanted);
});

test.each(catalogue.map((rule) => [rule.id, rule] as const))('%s says all there is to say', (_, { about }) => {
  const { sources, meaning, ...rest } = about;
  expect(meaning.length).toBeGreaterThan(80);
  for (const words of Object.values(rest)) expect(words.length).toBeGreaterThan(4);
  expect(sources.length).toBeGreaterThan(0);
});

test('the thresholds a rule names exist', () => {
  const known = allThresholds().map(({ key }) => key);
  expect(known).toContain('thresholds.memory.headroomRatio');
  for (const { id, about } of catalogue)
    for (const key of JSON.stringify(about).match(/\bthresholds\.\w+\.\w+/g) ?? []) expect(known, id).toContain(key);
});

test('docs/rules has no page of a rule there is none of', () => {
  const written = readdirSync(`${ROOT}docs/rules`).map((name) => name.replace(/\.md$/, ''));
  expect(written.filter((id) => !ids.includes(id))).toEqual([]);
});

test('docs/rules.md lists every rule', () => {
  const rows = catalogue.map((rule) =>
    row(`[${rule.id}](rules/${rule.id}.md)`, rule.subject, rule.title, timing(rule).join('; ')),
  );
  const table = ['| Rule | Judged for | What it means | Timing |', '| --- | --- | --- | --- |', ...rows];
  expectGenerated('docs/rules.md', 'rules', table.join('\n'));
});

test('docs/rules.md lists every threshold with the rules that name it', () => {
  const users = new Map<string, string[]>();
  for (const rule of catalogue)
    for (const { key } of thresholdsOf(rule)) users.set(key, [...(users.get(key) ?? []), rule.id]);
  const rows = allThresholds().map((threshold) =>
    row(
      `\`${threshold.key}\``,
      usual(threshold),
      (users.get(threshold.key) ?? []).map((id) => `[${id}](rules/${id}.md)`).join(', '),
    ),
  );
  const table = ['| Threshold | Default | Named by |', '| --- | --- | --- |', ...rows];
  expectGenerated('docs/rules.md', 'thresholds', table.join('\n'));
});

test('every rule named in a page exists', () => {
  for (const { path, text } of pages()) {
    const named =
      text.match(/\b(?:Gomaxprocs|Gomemlimit|GcOff|NextGc|Oom|PprofExposed|CpuThrottled|NodeNot)[A-Za-z0-9]*\b/g) ?? [];
    for (const name of named) expect(ids, path).toContain(name);
  }
});

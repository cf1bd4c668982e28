import { expect, test } from 'vitest';
import { type AnnotationContext, annotations } from '../../../src/export/alertmanager/annotations.ts';
import type { Finding } from '../../../src/rules/types.ts';
import { FINDING } from '../base-model.ts';

const CONTEXT: AnnotationContext = { title: 'It happens', others: 0, runbookUrl: 'https://r', evidenceUrl: undefined };
const described = (more: Partial<Finding>, context: Partial<AnnotationContext> = {}): string =>
  annotations({ ...FINDING, ...more }, { ...CONTEXT, ...context })['description'] ?? '';
const nobody = { ...FINDING.subject, namespace: undefined, pod: undefined, container: undefined };

test('the summary has no values, the description has them and the change', () => {
  expect(annotations(FINDING, CONTEXT)).toEqual({
    summary: 'It happens.',
    description: 'shop/web-0/web: it is throttled. Change: raise the limit. Set (resources): limits.cpu=2.',
    runbook_url: 'https://r',
  });
});

test('it names whom it is about as far as that is known', () => {
  expect(described({ subject: nobody })).toMatch(/^this node: /);
  expect(described({ subject: { ...nobody, process: 'web' } })).toMatch(/^web: /);
  expect(described({}, { others: 2 })).toMatch(/^shop\/web-0\/web \(and 2 more like it\): /);
});

test('a remedy without settings has none', () => {
  expect(described({ remedy: { text: 'Fix it!' } })).toMatch(/Change: Fix it!$/);
});

test('hostile text is one line of bounded length', () => {
  const text = described({ summary: `a\u001b[2J\r\n\u202e\ud800b${'\u{1f4a5}'.repeat(3000)}` });
  expect(text).toMatch(/^shop\/web-0\/web: a \[2J \ufffdb/);
  expect(text.length).toBeLessThanOrEqual(2000);
  expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
  const keys = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']));
  expect(described({ remedy: { text: 'x', patch: { kind: 'env', set: keys } } })).toMatch(/k9=v\.$/);
});

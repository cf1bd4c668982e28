import { expect, test } from 'vitest';
import { alertLabels, labelKey } from '../../../src/export/alertmanager/labels.ts';
import type { Finding } from '../../../src/rules/types.ts';
import { FINDING } from '../base-model.ts';

const about = (subject: Partial<Finding['subject']>): Finding => ({
  ...FINDING,
  subject: { ...FINDING.subject, ...subject },
});

test('labels are those of the finding and of the node', () => {
  expect(alertLabels(about({ process: 'web' }), { node: 'n1', cluster: 'lab' })).toEqual({
    alertname: 'CgopherCpuThrottled',
    rule: 'CpuThrottled',
    severity: 'warning',
    namespace: 'shop',
    pod: 'web-0',
    container: 'web',
    process: 'web',
    node: 'n1',
    cluster: 'lab',
  });
});

test('what is not known has no label, and nobody speaks for the finding', () => {
  const labels = alertLabels(about({ namespace: undefined, pod: '', container: undefined }), {
    severity: 'critical',
    namespace: 'other',
    empty: '',
  });
  expect(labels).toEqual({
    alertname: 'CgopherCpuThrottled',
    rule: 'CpuThrottled',
    severity: 'warning',
  });
});

test('hostile names are well-formed and bounded, and do not end within a character', () => {
  const labels = alertLabels(about({ process: `a\ud800b"\n${'\u{1f4a5}'.repeat(1000)}`, pod: '\udc00' }), {});
  expect(labels['pod']).toBe('\ufffd');
  expect(labels['process']).toMatch(/^a\ufffdb"\n/);
  expect(labels['process']?.length).toBeLessThanOrEqual(256);
  for (const value of Object.values(labels)) expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value);
});

test('the key of labels knows no order, and tells apart what differs', () => {
  expect(labelKey({ a: '1', b: '2' })).toBe(labelKey({ b: '2', a: '1' }));
  expect(labelKey({ a: '1","b":"2' })).not.toBe(labelKey({ a: '1', b: '2' }));
});

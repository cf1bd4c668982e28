import { expect, test } from 'vitest';
import { firingAlerts } from '../../../src/export/alertmanager/firing.ts';
import type { Finding, Severity } from '../../../src/rules/types.ts';
import { FINDING } from '../base-model.ts';

const finding = (pod: string, more: Partial<Finding> = {}): Finding => ({
  ...FINDING,
  ...more,
  subject: { ...FINDING.subject, pod, key: `${pod}${more.sinceUnixMs ?? ''}` },
});
const pods = (findings: readonly Finding[], minSeverity: Severity) =>
  firingAlerts(findings, { minSeverity, labels: {} }).map(({ labels }) => labels['pod']);

test('only what fires, at the severity or above, gravest and then longest first', () => {
  const findings = [
    finding('info', { severity: 'info' }),
    finding('young', { sinceUnixMs: 9 }),
    finding('old', { sinceUnixMs: 3 }),
    finding('grave', { severity: 'critical', sinceUnixMs: 10 }),
    finding('pending', { state: 'pending' }),
    finding('resolved', { state: 'resolved' }),
  ];
  expect(pods(findings, 'info')).toEqual(['grave', 'old', 'young', 'info']);
  expect(pods(findings, 'warning')).toEqual(['grave', 'old', 'young']);
  expect(pods(findings, 'critical')).toEqual(['grave']);
});

test('findings with the same labels are one alert, told by the longest', () => {
  const same = [5, 2, 8].map((sinceUnixMs) => finding('web', { sinceUnixMs, summary: `since ${sinceUnixMs}` }));
  const [alert, ...others] = firingAlerts(same, { minSeverity: 'warning', labels: {} });
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ finding: { summary: 'since 2' }, others: 2 });
});

test('another severity is another alert', () => {
  const two = firingAlerts([finding('web'), finding('web', { severity: 'critical' })], {
    minSeverity: 'warning',
    labels: {},
  });
  expect(new Set(two.map(({ key }) => key)).size).toBe(2);
});

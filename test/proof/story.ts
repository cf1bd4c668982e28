import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import type { Finding } from '../../src/rules/types.ts';
import { ROOT } from '../deploy/committed.ts';
import type { Line } from './line.ts';
import { PODS } from './reports.ts';
import type { Timeline } from './timeline.ts';
import { until } from './until.ts';
import type { Told } from './webhook.ts';

const RULE = 'GomemlimitAboveMemoryLimit';
const ALERT = `Cgopher${RULE}`;
const RUNBOOKS = 'https://github.com/cgopher/cgopher/blob/main/';

/** The agent knows `reports` and has nothing to say of it: the start of the story, and its end. */
export async function judgedClear(line: Line, pod: string): Promise<void> {
  await until(`no finding about ${pod}`, async () => {
    const { findings, unknown } = await line.judged();
    const about = [...findings, ...unknown].filter(({ rule, subject }) => rule === RULE && subject.pod === pod);
    if (about.length > 0) return undefined;
    // It is not silent because it has not seen the pod.
    const metrics = await (await fetch(`${line.agentUrl}/metrics`)).text();
    return metrics.split('\n').some((row) => row.startsWith('cgopher_go_gomemlimit_bytes{') && row.includes(`"${pod}"`))
      ? true
      : undefined;
  });
}

export async function foundFiring(line: Line): Promise<Finding> {
  return until('the finding', async () =>
    (await line.judged()).findings.find(
      ({ rule, subject, state }) => rule === RULE && subject.pod === PODS.broken && state === 'firing',
    ),
  );
}

/** No finding of the rule about any pod: what a change of the workload was for. */
export async function foundNothing(line: Line): Promise<void> {
  await until('the end of the finding', async () =>
    (await line.judged()).findings.some(({ rule, state }) => rule === RULE && state !== 'resolved') ? undefined : true,
  );
}

export function isOurs({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean {
  return labels['alertname'] === ALERT && labels['pod'] === PODS.broken;
}

/** The alert as Alertmanager has it, and then as the receiver of its severity is told it. */
export async function told(line: Line, timeline: Timeline): Promise<Told> {
  await until('the alert in Alertmanager', async () => (await line.alertmanager.alerts()).find(isOurs));
  timeline.mark('alert in Alertmanager');
  const alert = await until('the notification', () => line.webhook.told.find(isOurs));
  timeline.mark('webhook is told: firing', alert.atMs);
  expect(alert.status).toBe('firing');
  expect(alert.path).toBe('pager');
  expect(alert.receiver).toBe('pager');
  const { runbook_url: runbook = '' } = alert.annotations;
  expect(runbook).toBe(`${RUNBOOKS}docs/runbooks/${ALERT}.md`);
  expect(existsSync(ROOT + runbook.slice(RUNBOOKS.length))).toBe(true);
  return alert;
}

/** The end of the alert, of which the receiver is told too. */
export async function toldResolved(line: Line, timeline: Timeline, firing: Told): Promise<void> {
  const end = await until('the notice that it is over', () =>
    line.webhook.told.find((alert) => isOurs(alert) && alert.status === 'resolved'),
  );
  timeline.mark('webhook is told: resolved', end.atMs);
  expect(end.labels).toEqual(firing.labels);
  expect(end.path).toBe('pager');
  // Of workloads nothing else was told, before, while and after.
  const others = line.webhook.told.filter((alert) => alert.labels['rule'] !== undefined && !isOurs(alert));
  expect(others.map(({ labels }) => labels)).toEqual([]);
}

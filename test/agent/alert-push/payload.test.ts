import { expect, test } from 'vitest';
import { type PayloadOptions, payload } from '../../../src/agent/alert-push/payload.ts';
import type { PostableAlert } from '../../../src/export/alertmanager/postable.ts';
import { alertOf } from './alerts.ts';

const SINCE = Date.parse('2026-11-21T10:00:00Z');
const NOW = { wallMs: Date.parse('2026-11-21T10:05:00Z'), monotonicMs: 700_000 };
const OPTIONS: PayloadOptions = {
  resendIntervalMs: 60_000,
  titleOf: (rule) => `about ${rule}`,
  externalUrl: undefined,
  runbookUrlOf: (alert) => `https://runbooks.example/${alert}.md`,
  evidenceIdOf: () => 'id-1',
};
const sent = (endedMs: number | undefined, options: Partial<PayloadOptions> = {}, now = NOW): PostableAlert =>
  (
    JSON.parse(
      payload([{ alert: alertOf('web-0'), sinceUnixMs: SINCE, endedMs, revision: 1 }], now, { ...OPTIONS, ...options }),
    ) as PostableAlert[]
  )[0]!;

test('an alert that fires is good for four intervals', () => {
  expect(sent(undefined)).toEqual({
    labels: { alertname: 'CgopherCpuThrottled', pod: 'web-0' },
    annotations: {
      summary: 'about CpuThrottled.',
      description: 'shop/web-0/web: it is throttled. Change: raise the limit. Set (resources): limits.cpu=2.',
      runbook_url: 'https://runbooks.example/CgopherCpuThrottled.md',
    },
    startsAt: '2026-11-21T10:00:00.000Z',
    // 10:05 + 4 x 1 min
    endsAt: '2026-11-21T10:09:00.000Z',
  });
});

test('one that ended says when, by how long ago it was', () => {
  // 700 s - 640 s = 60 s ago
  expect(sent(640_000)).toMatchObject({
    startsAt: '2026-11-21T10:00:00.000Z',
    endsAt: '2026-11-21T10:04:00.000Z',
  });
});

test('none ends before it starts, when the clock was set back', () => {
  const early = { ...NOW, wallMs: Date.parse('2026-11-21T08:00:00Z') };
  expect(sent(700_000, {}, early)).toMatchObject({
    startsAt: '2026-11-21T08:00:00.000Z',
    endsAt: '2026-11-21T08:00:00.000Z',
  });
});

test('links lead to the agent, and to evidence where there is some', () => {
  const externalUrl = 'https://cgopher.example/node-7';
  expect(sent(undefined, { externalUrl })).toMatchObject({
    generatorURL: 'https://cgopher.example/node-7/',
    annotations: { evidence: 'https://cgopher.example/node-7/evidence/id-1' },
  });
  expect(sent(undefined, { externalUrl, evidenceIdOf: () => undefined }).annotations).not.toHaveProperty('evidence');
});

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlertPush } from '../../../src/agent/alert-push/alert-push.ts';
import type { Clock } from '../../../src/base/clock.ts';
import type { AlertmanagerConfig } from '../../../src/config/alertmanager.ts';
import { type Config, defaultConfig } from '../../../src/config/config.ts';
import type { PostableAlert } from '../../../src/export/alertmanager/postable.ts';
import type { Finding } from '../../../src/rules/types.ts';
import { FINDING } from '../../export/base-model.ts';
import { recordingLogger } from '../recording-logger.ts';
import { countingMetrics } from './counting-metrics.ts';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of endings.splice(0).reverse()) await end();
});

/** A fake Alertmanager that takes everything. */
async function fakeAlertmanager(answer?: RequestListener) {
  const posts: PostableAlert[][] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      posts.push(JSON.parse(text) as PostableAlert[]);
      if (answer === undefined) response.end();
      else answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { posts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const config = (alertmanager: Partial<AlertmanagerConfig>): Config => {
  const defaults = defaultConfig();
  return { ...defaults, alertmanager: { ...defaults.alertmanager, ...alertmanager } };
};
const finding = (pod: string, more: Partial<Finding> = {}): Finding => ({
  ...FINDING,
  ...more,
  subject: { ...FINDING.subject, key: pod, pod },
});
// Only what is waited for by the sender is on fake time: the network is real.
let monotonicMs = 0;
const clock: Clock = { now: () => ({ wallMs: 1_795_000_000_000 + monotonicMs, monotonicMs }) };
beforeEach(() => {
  monotonicMs = 0;
});

function pushing(alertmanager: Partial<AlertmanagerConfig>) {
  const metrics = countingMetrics();
  const { logger, lines } = recordingLogger();
  const push = new AlertPush(config(alertmanager), {
    clock,
    logger,
    metrics: () => metrics,
    nodeName: 'node-7',
    evidenceIdOf: () => undefined,
    random: () => 0,
  });
  endings.push(() => {
    push.close();
  });
  return { push, metrics, lines };
}
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries === 400) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
const podsOf = (posts: readonly PostableAlert[][]): (string | undefined)[] =>
  posts.flat().map(({ labels }) => labels['pod']);

describe('AlertPush', () => {
  it('costs nothing without a target: no name is needed, no metric made, no timer set', () => {
    vi.useFakeTimers();
    const metrics = vi.fn(() => countingMetrics());
    const push = new AlertPush(defaultConfig(), {
      clock,
      logger: recordingLogger().logger,
      metrics,
      nodeName: undefined,
      evidenceIdOf: () => undefined,
      random: () => 0,
    });
    push.note([FINDING]);
    expect(metrics).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses to push from a node without a name, and then goes on as before', async () => {
    const { url, posts } = await fakeAlertmanager();
    const nameless = new AlertPush(config({}), {
      clock,
      logger: recordingLogger().logger,
      metrics: countingMetrics,
      nodeName: undefined,
      evidenceIdOf: () => undefined,
      random: () => 0,
    });
    expect(() => {
      nameless.reconfigure(config({ targets: [{ url }] }));
    }).toThrow(/set NODE_NAME .*externalLabels\.node/);
    nameless.note([FINDING]);
    nameless.reconfigure(config({ targets: [{ url }], externalLabels: { node: 'given' } }));
    nameless.note([FINDING]);
    await until(() => posts.length === 1);
    expect(posts[0]?.[0]?.labels['node']).toBe('given');
    nameless.close();
  });

  it('gives a target that is added everything that fires, and one that goes nothing more', async () => {
    const [one, two] = [await fakeAlertmanager(), await fakeAlertmanager()];
    const { push, metrics } = pushing({ targets: [{ url: one.url }] });
    push.note([finding('a')]);
    await until(() => one.posts.length === 1);
    push.reconfigure(config({ targets: [{ url: two.url }] }));
    expect(metrics.known).toEqual([`${two.url}/api/v2/alerts`]);
    push.note([finding('a'), finding('b')]);
    await until(() => two.posts.length === 1);
    expect(podsOf(two.posts)).toEqual(['a', 'b']);
    expect(podsOf(one.posts)).toEqual(['a']);
  });

  it('ends alerts that a new configuration leaves out, under the labels they had', async () => {
    const { url, posts } = await fakeAlertmanager();
    const targets = [{ url }];
    const { push } = pushing({ targets, externalLabels: { cluster: 'old' } });
    const look = [finding('a'), finding('b', { severity: 'critical' })];
    push.note(look);
    await until(() => posts.length === 1);
    push.reconfigure(config({ targets, minSeverity: 'critical', externalLabels: { cluster: 'old' } }));
    monotonicMs += 5000;
    push.note(look);
    await until(() => posts.length === 2);
    expect(posts[1]).toMatchObject([
      { labels: { pod: 'a', cluster: 'old' }, endsAt: new Date(clock.now().wallMs).toISOString() },
    ]);
    push.reconfigure(config({ targets, minSeverity: 'critical', externalLabels: { cluster: 'new' } }));
    push.note(look);
    await until(() => posts.length === 3);
    expect(posts[2]?.map(({ labels }) => [labels['pod'], labels['cluster']])).toEqual([
      ['b', 'old'],
      ['b', 'new'],
    ]);
  });

  it('pushes 1000 alerts at once in requests of 64, and says how many more there are', async () => {
    const { url, posts } = await fakeAlertmanager();
    const { push, metrics, lines } = pushing({ targets: [{ url }] });
    push.note(Array.from({ length: 1010 }, (_, index) => finding(`pod-${index}`)));
    // 15 x 64 + 40 = 1000
    await until(() => posts.length === 16);
    await until(() => metrics.counts.sent === 1000);
    expect(metrics.counts.dropped).toBe(10);
    expect(lines).toEqual([
      { level: 'warn', message: 'more alerts fire than are pushed', fields: { alerts: 10, capacity: 1000 } },
    ]);
  });

  it('resolves nothing when it ends', async () => {
    const { url, posts } = await fakeAlertmanager();
    const { push } = pushing({ targets: [{ url }] });
    push.note([finding('a')]);
    await until(() => posts.length === 1);
    push.close();
    push.note([]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(posts).toHaveLength(1);
  });

  it('ends a request under way when it is closed, with a fake Alertmanager that hangs', async () => {
    const { url, posts } = await fakeAlertmanager(() => undefined);
    const { push, metrics, lines } = pushing({ targets: [{ url }] });
    push.note([finding('a')]);
    await until(() => posts.length === 1);
    push.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(metrics.counts).toMatchObject({ sent: 0, errors: 0 });
    expect(lines).toEqual([]);
  });
});

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EndpointPoller } from '../../../src/sample/endpoints/poller.ts';
import type { PollPlan } from '../../../src/sample/endpoints/target.ts';
import { candidate, ScriptedFetch } from './scripted-fetch.ts';

const PLAN: PollPlan = { intervalMs: 10_000, metricsEveryMs: 10_000, profileEveryMs: 1e9, maxProfiledGoroutines: 0 };
const METRICS = { pprof: false, expvar: false, promhttp: true };

function set(concurrency: number, plan = PLAN) {
  const scripted = new ScriptedFetch({ metrics: {} });
  let nowMs = 0;
  const clock = { now: () => ({ wallMs: nowMs, monotonicMs: nowMs }) };
  const poller = new EndpointPoller({ fetch: scripted.fetch, clock, plan, concurrency });
  const add = (port: number) => {
    poller.add(`p${port}`, { candidates: [candidate(port)], detail: '' }, METRICS);
  };
  const at = async (ms: number): Promise<string[]> => {
    nowMs = ms;
    poller.tick();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    return scripted.take();
  };
  return { scripted, poller, add, at };
}

/** Something to wait for that a test brings about. */
function gate(): { readonly wait: Promise<unknown>; readonly open: () => void } {
  let open = (): void => undefined;
  const wait = new Promise<unknown>((resolve) => {
    open = () => {
      resolve({});
    };
  });
  return { wait, open };
}

describe('EndpointPoller', () => {
  it('asks nothing of a process without an endpoint, and says why', async () => {
    const { poller, at } = set(4);
    poller.add('none', { candidates: [], detail: 'listens on no TCP port' }, METRICS);
    poller.add('unknown', { candidates: [candidate(1)], detail: '' }, undefined);
    expect(await at(1e6)).toEqual([]);
    await poller.pollAll();
    expect(await at(2e6)).toEqual([]);
    expect(poller.sample('none')).toEqual({ endpoint: undefined, detail: 'listens on no TCP port' });
    expect(poller.sample('stranger')).toEqual({ endpoint: undefined, detail: 'not looked for' });
    expect([poller.has('none'), poller.has('stranger')]).toEqual([true, false]);
  });

  it('spreads first requests over five seconds', async () => {
    const { add, at } = set(64);
    for (let port = 0; port < 20; port += 1) add(port);
    const perSecond: number[] = [];
    for (let second = 0; second < 5; second += 1) perSecond.push((await at(second * 1000 + 999)).length);
    // Twenty golden-ratio steps: four in each fifth, one more or less.
    expect(perSecond.reduce((sum, count) => sum + count)).toBe(20);
    for (const count of perSecond) expect(Math.abs(count - 4)).toBeLessThanOrEqual(1);
  });

  it('has no more requests under way than allowed, and starts the longest overdue first', async () => {
    const { scripted, poller, add, at } = set(2);
    const first = gate();
    scripted.script = { metrics: first.wait };
    for (let port = 1; port <= 5; port += 1) add(port);
    const begun = await at(60_000);
    expect(begun).toHaveLength(2);
    expect(await at(61_000)).toEqual([]);
    first.open();
    scripted.script = { metrics: {} };
    expect(await at(70_500)).toEqual([]);
    // The two that answered were asked at 60 s and are due again at 70 s; the three others have waited longer.
    const next = [...(await at(71_000)), ...(await at(71_001))];
    expect(next).toHaveLength(4);
    expect(new Set([...begun, ...next.slice(0, 3)]).size).toBe(5);
    expect(begun).toContain(next[3]);
    expect(poller.sample('p1').endpoint?.address).toBe('127.0.0.1:1');
  });

  it('does not ask a target again that has not answered yet', async () => {
    const { scripted, add, at } = set(4);
    scripted.script = { metrics: gate().wait };
    add(1);
    expect(await at(10_000)).toEqual(['1 metrics']);
    expect(await at(90_000)).toEqual([]);
  });

  it('keeps back-off and answers when the same endpoint is found again, and starts anew for another', async () => {
    const { scripted, poller, add, at } = set(4);
    scripted.script = { metrics: 'failed' };
    add(1);
    await at(10_000);
    await at(20_000);
    // Two failures: the next time is 20 s later, whatever is found out meanwhile.
    add(1);
    expect(await at(39_000)).toEqual([]);
    expect(poller.sample('p1').detail).toContain('no debug endpoint answered');
    poller.add('p1', { candidates: [candidate(1), candidate(2)], detail: '' }, METRICS);
    expect(await at(45_000)).toEqual(['1 metrics', '2 metrics']);
  });

  it('asks all at once when told to, a few at a time, and returns when all have answered', async () => {
    const { scripted, poller, add } = set(3, { ...PLAN, intervalMs: 0 });
    let under = 0;
    let most = 0;
    scripted.script = {
      get metrics() {
        under += 1;
        most = Math.max(most, under);
        return turn().then(() => {
          under -= 1;
          return {};
        });
      },
    };
    for (let port = 1; port <= 10; port += 1) add(port);
    await poller.pollAll();
    expect(scripted.take()).toHaveLength(10);
    expect(most).toBe(3);
    for (let port = 1; port <= 10; port += 1) expect(poller.sample(`p${port}`).endpoint).toBeDefined();
  });

  it('forgets processes that are gone, and their misses', async () => {
    const { scripted, poller, add, at } = set(4);
    scripted.script = { metrics: 'failed' };
    add(1);
    add(2);
    await at(10_000);
    expect(poller.misses().map((miss) => miss.source)).toEqual(['1/metrics', '2/metrics']);
    // Told again while it lasts.
    expect(poller.misses()).toHaveLength(2);
    poller.retain(new Set(['p2']));
    expect(poller.misses().map((miss) => miss.source)).toEqual(['2/metrics']);
    expect([poller.has('p1'), poller.has('p2')]).toEqual([false, true]);
  });

  it('finishes quietly what was under way when its process went', async () => {
    const { scripted, poller, add, at } = set(1);
    const slow = gate();
    scripted.script = { metrics: slow.wait };
    add(1);
    await at(10_000);
    poller.retain(new Set());
    slow.open();
    scripted.script = { metrics: {} };
    add(2);
    await at(11_000);
    expect(await at(30_000)).toEqual(['2 metrics']);
    expect(poller.sample('p1').endpoint).toBeUndefined();
  });
});

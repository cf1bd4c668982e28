import { describe, expect, it } from 'vitest';
import { EndpointTarget, type PollPlan } from '../../../src/sample/endpoints/target.ts';
import { candidate, kinds, ScriptedFetch } from './scripted-fetch.ts';

/** An exposition that tells of memory, so that nothing else need be asked for it. */
const METRICS = { memStats: { nextGc: 1 << 22 } };

const PLAN: PollPlan = {
  intervalMs: 10_000,
  metricsEveryMs: 40_000,
  profileEveryMs: 300_000,
  maxProfiledGoroutines: 1000,
};
const ALL = { pprof: true, expvar: true, promhttp: true };
const PPROF = { pprof: true, expvar: false, promhttp: false };
const index = (goroutines: number) => ({ goroutines, threads: 3, profiles: new Map() });

describe('EndpointTarget', () => {
  it('takes memory figures from the heap profile where the exposition has none', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: { memStats: {} }, heap: { sys: 9 } });
    const plan = { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 0 };
    const target = new EndpointTarget([candidate(1)], ALL, plan, 0);
    await target.poll(fetch, 0);
    expect(scripted.take()).toContain('1 heap');
    expect(target.sample?.memStats).toMatchObject({ source: 'pprof heap', value: { sys: 9 } });
  });

  it('tries ports in order, stays with the first that answers and never asks for what it does not offer', async () => {
    const { fetch, ...scripted } = script({ index: index(5), goroutines: { total: 5 }, heap: { sys: 1 } });
    const target = new EndpointTarget([candidate(1), candidate(2)], ALL, PLAN, 0);
    expect(target.detail).toBe('not asked yet');
    expect(target.sample).toBeUndefined();
    await target.poll(fetch, 0);
    expect(scripted.take()).toEqual(['1 index', '1 metrics', '1 expvar', '1 heap', '1 goroutines']);
    expect(target.sample).toMatchObject({
      address: '127.0.0.1:1',
      index: { value: { goroutines: 5 } },
      metrics: undefined,
      memStats: { source: 'pprof heap' },
      goroutines: { value: { total: 5 } },
    });
    expect(target.detail).toBe('');
    expect(target.misses).toEqual([]);
    expect(target.nextDueMs).toBe(10_000);
    await target.poll(fetch, 10_000);
    expect(scripted.take()).toEqual(['1 index']);
  });

  it('asks each part at its own pace', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: METRICS, goroutines: {} });
    const target = new EndpointTarget([candidate(1)], ALL, PLAN, 0);
    await target.poll(fetch, 0);
    scripted.take();
    const asked: string[] = [];
    for (let at = 10_000; at <= 300_000; at += 10_000) {
      await target.poll(fetch, at);
      asked.push(...scripted.take());
    }
    const count = (what: string) => asked.filter((ask) => ask === what).length;
    // In 300 s: the index every 10, metrics every 40, the profile after 300; memory figures are in the metrics.
    expect([count('1 index'), count('1 metrics'), count('1 goroutines'), count('1 heap')]).toEqual([30, 7, 1, 0]);
  });

  it('asks for everything each time when all paces are zero, and for nothing twice', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: METRICS, goroutines: {} });
    const plan = { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 1000 };
    const target = new EndpointTarget([candidate(1)], ALL, plan, 0);
    await target.poll(fetch, 7);
    expect(scripted.take()).toEqual(['1 index', '1 metrics', '1 goroutines']);
    await target.poll(fetch, 8);
    expect(scripted.take()).toEqual(['1 index', '1 metrics', '1 goroutines']);
  });

  it('prefers expvar to the heap profile where it is linked and answers', async () => {
    const { fetch, ...scripted } = script({ index: index(5), expvar: { sys: 9 }, goroutines: {} });
    const target = new EndpointTarget([candidate(1)], ALL, PLAN, 0);
    await target.poll(fetch, 0);
    expect(scripted.take()).not.toContain('1 heap');
    expect(target.sample?.memStats).toMatchObject({ source: 'expvar', value: { sys: 9 } });
  });

  it('waits 1, 2, 4 ... intervals while nothing answers, ten minutes at most, and one after it answered', async () => {
    const { fetch, ...scripted } = script({ index: 'failed', metrics: 'failed' });
    const target = new EndpointTarget([candidate(1)], PPROF, PLAN, 0);
    const waits: number[] = [];
    for (let poll = 0; poll < 25; poll += 1) {
      await target.poll(fetch, 1000);
      waits.push((target.nextDueMs - 1000) / 10_000);
    }
    expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(waits.at(-1)).toBe(60);
    expect(kinds(target.misses)).toEqual(['index failed', 'metrics failed']);
    expect(target.detail).toBe('no debug endpoint answered (port 1: failed by script; port 1: failed by script)');
    scripted.answer({ index: index(1), heap: {}, goroutines: {} });
    await target.poll(fetch, 1000);
    expect(target.nextDueMs).toBe(11_000);
    expect(target.misses).toEqual([]);
  });

  it('goes back to the same port after failures and drops what it had been told', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: METRICS, goroutines: {} });
    const target = new EndpointTarget([candidate(1), candidate(2)], ALL, PLAN, 0);
    await target.poll(fetch, 0);
    scripted.answer({ index: 'failed', metrics: METRICS });
    scripted.take();
    await target.poll(fetch, 10_000);
    expect(scripted.take()).toEqual(['1 index']);
    // Neither the old count nor the profile that belongs to it stays; the metrics were not asked and do.
    expect(target.sample).toMatchObject({ index: undefined, goroutines: undefined, metrics: { value: {} } });
    expect(kinds(target.misses)).toEqual(['index failed']);
    expect(target.detail).toBe('index: failed by script');
    expect(target.nextDueMs).toBe(20_000);
    scripted.answer({ index: 'failed', metrics: 'failed' });
    await target.poll(fetch, 50_000);
    expect(target.sample).toBeUndefined();
    expect(target.nextDueMs).toBe(70_000);
    scripted.answer({ index: index(6), metrics: METRICS, goroutines: {} });
    scripted.take();
    await target.poll(fetch, 400_000);
    expect(scripted.take().every((ask) => ask.startsWith('1 '))).toBe(true);
    expect(target.sample?.index?.value.goroutines).toBe(6);
    expect([target.detail, target.misses]).toEqual(['', []]);
  });

  it('keeps a miss until its own thing is asked again', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: METRICS });
    const target = new EndpointTarget([candidate(1)], PPROF, PLAN, 0);
    await target.poll(fetch, 0);
    scripted.answer({ index: index(5), metrics: 'malformed', goroutines: {} });
    await target.poll(fetch, 40_000);
    await target.poll(fetch, 50_000);
    expect(kinds(target.misses)).toContain('metrics malformed');
    // Something that is there and not understood is no reason to wait longer.
    expect(target.nextDueMs).toBe(60_000);
    scripted.answer({ index: index(5), metrics: METRICS, goroutines: {} });
    await target.poll(fetch, 80_000);
    expect(kinds(target.misses)).not.toContain('metrics malformed');
  });

  it('asks for no profile above the bound, and does not keep an older one', async () => {
    const { fetch, ...scripted } = script({ index: index(1000), metrics: METRICS, goroutines: { total: 1000 } });
    const target = new EndpointTarget([candidate(1)], PPROF, { ...PLAN, profileEveryMs: 10_000 }, 0);
    await target.poll(fetch, 0);
    expect(target.sample?.goroutines?.value.total).toBe(1000);
    scripted.answer({ index: index(1001), metrics: METRICS, goroutines: { total: 1001 } });
    scripted.take();
    await target.poll(fetch, 10_000);
    expect(scripted.take()).toEqual(['1 index']);
    expect(target.sample?.goroutines).toBeUndefined();
    expect(target.sample?.index?.value.goroutines).toBe(1001);
  });

  it('does not call a port trouble that serves something else, but does when it fails or refuses', async () => {
    const { fetch, ...scripted } = script({ index: 'absent', metrics: 'malformed', expvar: 'absent' });
    const target = new EndpointTarget([candidate(1)], ALL, PLAN, 0);
    await target.poll(fetch, 0);
    expect(target.misses).toEqual([]);
    expect(target.detail).toContain('port 1: absent by script');
    scripted.answer({ index: 'denied', metrics: 'malformed', expvar: 'absent' });
    await target.poll(fetch, 10_000);
    expect(kinds(target.misses)).toEqual(['index denied']);
  });

  it('tries a handler again after a while that failed the first time, and one that is not there never', async () => {
    const { fetch, ...scripted } = script({ index: index(5), metrics: 'failed', goroutines: {} });
    const target = new EndpointTarget([candidate(1)], PPROF, PLAN, 0);
    await target.poll(fetch, 0);
    expect(kinds(target.misses)).toContain('metrics failed');
    scripted.answer({ index: index(5), metrics: { gomaxprocs: 4 }, goroutines: {} });
    scripted.take();
    await target.poll(fetch, 10_000);
    expect(scripted.take()).toEqual(['1 index']);
    await target.poll(fetch, 300_000);
    expect(scripted.take()).toContain('1 metrics');
    expect(target.sample?.metrics?.value.gomaxprocs).toBe(4);
    const other = script({ index: index(5), metrics: 'absent', goroutines: {} });
    const without = new EndpointTarget([candidate(1)], PPROF, PLAN, 0);
    await without.poll(other.fetch, 0);
    other.take();
    await without.poll(other.fetch, 900_000);
    expect(other.take()).not.toContain('1 metrics');
  });

  it('outlives a reader that throws', async () => {
    const { fetch, ...scripted } = script({ index: index(5), heap: {}, goroutines: {} });
    const target = new EndpointTarget([candidate(1)], PPROF, PLAN, 0);
    await target.poll(fetch, 0);
    scripted.answer({ index: new Error('a bug') });
    await target.poll(fetch, 10_000);
    expect(target.misses).toMatchObject([{ kind: 'failed', reader: 'endpoint', detail: 'a bug' }]);
    scripted.answer({ index: index(5) });
    await target.poll(fetch, 20_000);
    expect(target.misses).toEqual([]);
  });
});

function script(answers: ConstructorParameters<typeof ScriptedFetch>[0]) {
  const scripted = new ScriptedFetch(answers);
  return {
    fetch: scripted.fetch,
    take: () => scripted.take(),
    answer: (next: typeof answers) => {
      scripted.script = next;
    },
  };
}

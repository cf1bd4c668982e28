import { describe, expect, it } from 'vitest';
import { parseGoVersion } from '../../../src/go/version.ts';
import { EndpointTarget, type PollPlan } from '../../../src/sample/endpoints/target.ts';
import { candidate, kinds, ScriptedFetch } from './scripted-fetch.ts';

const PPROF = { pprof: true, expvar: false, promhttp: false };
const METRICS = { memStats: { nextGc: 1 << 22 } };
const PLAN: PollPlan = {
  intervalMs: 10_000,
  metricsEveryMs: 1e9,
  profileEveryMs: 300_000,
  maxProfiledGoroutines: 50_000,
};

const page = (goroutines: number, rows: Readonly<Record<string, number>> = {}) => ({
  goroutines,
  threads: 3,
  profiles: new Map(Object.entries({ goroutine: goroutines, ...rows })),
});

const contention = (events: number, delayNs: number) => ({
  events,
  delayNs,
  stacks: [{ key: 'main.f:1', site: undefined, stack: ['main.f'], events, delayNs }],
  other: { events: 0, delayNs: 0 },
});

/** A target that is polled every ten seconds; `asks` tells at which second something was asked for. */
function polled(plan: PollPlan, version?: string) {
  const scripted = new ScriptedFetch({});
  const target = new EndpointTarget(
    [candidate(1)],
    PPROF,
    plan,
    0,
    version === undefined ? undefined : parseGoVersion(version),
  );
  const asks: string[] = [];
  let second = 0;
  const until = async (last: number) => {
    for (; second <= last; second += 10) {
      scripted.nowMs = second * 1000;
      await target.poll(scripted.fetch, second * 1000);
      asks.push(...scripted.take().map((ask) => `${second} ${ask.slice(2)}`));
    }
  };
  const times = (what: string) => asks.filter((ask) => ask.endsWith(` ${what}`)).map((ask) => Number.parseInt(ask, 10));
  return { scripted, target, until, times, notes: () => target.sample!.profileNotes };
}

describe('goroutine profiles', () => {
  it('come every five minutes while nothing is suspect, and the index every time', async () => {
    const set = polled(PLAN);
    set.scripted.script = { index: page(500), metrics: METRICS, goroutines: { total: 500 } };
    await set.until(900);
    expect(set.times('goroutines')).toEqual([0, 300, 600, 900]);
    expect(set.times('index')).toHaveLength(91);
    expect(set.notes().goroutine).toBe('');
  });

  it('come sooner when goroutines grow, at most every 75 seconds', async () => {
    const set = polled(PLAN);
    let goroutines = 500;
    set.scripted.script = {
      get index() {
        return page((goroutines += 50));
      },
      metrics: METRICS,
      goroutines: {},
    };
    await set.until(290);
    // 300 more every minute: 20 % and 100 more long before 75 s are over; polls are at full tens. At 240 s there are 1800.
    expect(set.times('goroutines')).toEqual([0, 80, 160, 240]);
  });

  it('come less often the more goroutines there are, and say why', async () => {
    const set = polled(PLAN);
    set.scripted.script = { index: page(30_000), metrics: METRICS, goroutines: {} };
    await set.until(880);
    expect(set.times('goroutines')).toEqual([0]);
    expect(set.notes().goroutine).toBe('next in 20 s with 30000 goroutines');
    // There is one at hand, so nothing is missing.
    expect(set.target.detail).toBe('');
    await set.until(900);
    expect(set.times('goroutines')).toEqual([0, 900]);
  });

  it('come less often from a process that is slow to answer', async () => {
    const set = polled(PLAN);
    set.scripted.script = { index: page(50), metrics: METRICS, goroutines: {} };
    set.scripted.tookMs = 1500;
    await set.until(10);
    expect(set.notes().goroutine).toContain('its answers being slow (interval x 2)');
    await set.until(2000);
    // Twice 300 s, then four times.
    expect(set.times('goroutines')).toEqual([0, 600, 1800]);
  });

  it.each([
    ['go1.18.10', [0, 1200]],
    ['go1.19.1', [0, 300, 600, 900, 1200]],
    ['go1.27.4', [0, 300, 600, 900, 1200]],
  ])('of %s come at seconds %j', async (version, seconds) => {
    const set = polled(PLAN, version);
    set.scripted.script = { index: page(1500), metrics: METRICS, goroutines: {} };
    await set.until(1200);
    expect(set.times('goroutines')).toEqual(seconds);
  });

  it('are not asked of Go 1.18 above 2,000 goroutines, where every one makes the stop longer', async () => {
    const set = polled(PLAN, 'go1.17');
    set.scripted.script = { index: page(2001), metrics: METRICS, goroutines: {} };
    await set.until(0);
    expect(set.times('goroutines')).toEqual([]);
    expect(set.target.detail).toBe(
      'goroutine profile: 2001 goroutines, and above 2000 a profile costs the program too much',
    );
    expect(set.target.misses).toEqual([]);
    const recent = polled(PLAN, 'go1.19');
    recent.scripted.script = set.scripted.script;
    await recent.until(0);
    expect(recent.times('goroutines')).toEqual([0]);
  });

  it('keep their largest groups, and the sites that grew beside them', async () => {
    const set = polled(PLAN);
    const group = (index: number, count: number) => {
      const place = { function: `main.f${index}`, file: '', line: 1 };
      return { count, stack: [place.function], site: place, entry: place, cause: 'select', labels: {} };
    };
    const steady = Array.from({ length: 100 }, (_, index) => group(index, 120 - index));
    const sum = steady.reduce((total, { count }) => total + count, 0);
    set.scripted.script = {
      index: page(sum),
      metrics: METRICS,
      goroutines: { total: sum + 1, groups: [...steady, group(500, 1)] },
    };
    await set.until(290);
    set.scripted.script = {
      index: page(sum),
      metrics: METRICS,
      goroutines: { total: sum + 60, groups: [...steady, group(500, 60)] },
    };
    await set.until(300);
    const { goroutines, sites } = set.target.sample!;
    expect(goroutines!.value.groups).toHaveLength(64);
    // f64 to f99 and the one that grew.
    const rest = steady.slice(64).reduce((total, { count }) => total + count, 60);
    expect(goroutines!.value.otherGoroutines).toBe(rest);
    expect(sites!.value.sites).toHaveLength(21);
    expect(sites!.value.sites.at(-1)).toMatchObject({ count: 60, growth: 59, site: { function: 'main.f500' } });
    expect(sites!.at).toEqual(goroutines!.at);
  });
});

describe('goroutineleak profiles', () => {
  const script = { index: page(50, { goroutineleak: 0 }), metrics: METRICS, goroutines: {}, leaks: { total: 3 } };

  it('are never asked for unless the plan says so', async () => {
    const set = polled(PLAN);
    set.scripted.script = script;
    await set.until(3000);
    expect(set.times('leaks')).toEqual([]);
    expect(set.notes().goroutineleak).toBe('not asked for: each request is a full collection');
    expect(set.target.detail).toBe('');
  });

  it('wait their interval first, and are asked only where the runtime offers them', async () => {
    const set = polled({ ...PLAN, leakEveryMs: 600_000 });
    set.scripted.script = script;
    await set.until(1300);
    expect(set.times('leaks')).toEqual([600, 1200]);
    expect(set.target.sample!.leaks).toMatchObject({ at: { monotonicMs: 1_200_000 }, value: { total: 3 } });
    const without = polled({ ...PLAN, leakEveryMs: 0 });
    without.scripted.script = { ...script, index: page(50) };
    await without.until(100);
    expect(without.times('leaks')).toEqual([]);
    expect(without.notes().goroutineleak).toBe('the runtime does not offer it');
  });

  it('are asked for at once and each time by a plan of zero', async () => {
    const set = polled({ ...PLAN, leakEveryMs: 0 });
    set.scripted.script = script;
    await set.until(20);
    expect(set.times('leaks')).toEqual([0, 10, 20]);
  });

  it('drop an old answer when the next one fails', async () => {
    const set = polled({ ...PLAN, leakEveryMs: 0 });
    set.scripted.script = script;
    await set.until(0);
    set.scripted.script = { ...script, leaks: 'absent' };
    await set.until(10);
    expect(set.target.sample!.leaks).toBeUndefined();
    expect(kinds(set.target.misses)).toEqual(['leaks absent']);
    set.scripted.script = script;
    await set.until(20);
    expect(set.target.misses).toEqual([]);
  });
});

describe('block and mutex profiles', () => {
  const base = { metrics: METRICS, goroutines: {} };

  it('are not asked for while the index shows nothing recorded', async () => {
    const set = polled(PLAN);
    set.scripted.script = { ...base, index: page(50, { block: 0, mutex: 0 }) };
    await set.until(600);
    expect([set.times('block'), set.times('mutex')]).toEqual([[], []]);
    expect(set.notes().block).toContain('off unless the program switches it on');
    expect(set.target.sample).toMatchObject({ block: undefined, mutex: undefined });
  });

  it('tell the difference of two readings', async () => {
    const set = polled(PLAN);
    const index = page(50, { block: 2, mutex: 0 });
    set.scripted.script = { ...base, index, block: contention(10, 1e9) };
    await set.until(290);
    expect(set.times('block')).toEqual([0]);
    expect(set.target.sample!.block).toBeUndefined();
    set.scripted.script = { ...base, index, block: contention(14, 3e9) };
    await set.until(300);
    // 4 events and 2 s of delay more, 300 s later.
    expect(set.target.sample!.block).toMatchObject({ value: { seconds: 300, events: 4, delaySeconds: 2 } });
    expect(set.notes().block).toBe('');
  });

  it('count anew after counts went back', async () => {
    const set = polled({ ...PLAN, profileEveryMs: 0 });
    const index = page(50, { mutex: 1 });
    const told = async (second: number, events: number) => {
      set.scripted.script = { ...base, index, mutex: contention(events, events * 1e6) };
      await set.until(second);
      return set.target.sample!.mutex?.value.events;
    };
    expect([await told(0, 10), await told(10, 15), await told(20, 3), await told(30, 9)]).toEqual([
      undefined,
      5,
      undefined,
      6,
    ]);
  });

  it('are not asked of a process that was too busy for its goroutine profile', async () => {
    const set = polled({ ...PLAN, profileEveryMs: 0 });
    set.scripted.script = {
      ...base,
      goroutines: 'failed',
      index: page(50, { mutex: 1, goroutineleak: 0 }),
      mutex: contention(1, 1),
    };
    await set.until(0);
    expect(set.times('goroutines')).toEqual([0]);
    expect(set.times('mutex')).toEqual([]);
    expect(kinds(set.target.misses)).toContain('goroutines failed');
  });

  it('are misses like others when they fail', async () => {
    const set = polled({ ...PLAN, profileEveryMs: 0 });
    set.scripted.script = { ...base, index: page(50, { mutex: 1 }), mutex: 'malformed' };
    await set.until(0);
    expect(kinds(set.target.misses)).toEqual(['mutex malformed']);
    expect(set.target.sample!.mutex).toBeUndefined();
  });
});

describe('readings to measure a window from', () => {
  it('are a minute older once the endpoint is known that long', async () => {
    const set = polled({ ...PLAN, metricsEveryMs: 40_000 });
    let cycle = 0;
    set.scripted.script = {
      index: page(5),
      get metrics() {
        return { ...METRICS, limiterLastEnabledCycle: ++cycle };
      },
      goroutines: {},
    };
    await set.until(0);
    expect(set.target.sample!.metricsBefore).toBeUndefined();
    await set.until(80);
    // Asked at 0, 40 and 80 seconds.
    expect(set.target.sample).toMatchObject({
      metrics: { value: { limiterLastEnabledCycle: 3 } },
      metricsBefore: { at: { monotonicMs: 0 }, value: { limiterLastEnabledCycle: 1 } },
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { RuntimeSnapshot } from '../../src/go/memory/types.ts';
import type { SiteAccount } from '../../src/go/site-book.ts';
import type { EndpointSample, GoSample } from '../../src/sample/types.ts';
import { snapshot } from '../sample/runtime-memory/fake-runtime.ts';
import {
  BEFORE,
  endpoint,
  goMetrics,
  goSample,
  MIB,
  memoryStat,
  memStats,
  modelOf,
  NO_ENVIRONMENT,
  NO_MEMORY,
  NOW,
  now,
  podTree,
  status,
} from './builders.ts';

type Memory = GoSample['memory'];

const attested = (value: Partial<RuntimeSnapshot>, over: Partial<Memory> = {}): Memory => ({
  ...NO_MEMORY,
  state: 'attested',
  detail: 'layout of Go 1.26',
  snapshot: now(snapshot(value)),
  ...over,
});
const model = (memory: Memory, over: Partial<GoSample> = {}) => modelOf(goSample('go1.26.4', { memory, ...over }));
const metrics = (over: Parameters<typeof goMetrics>[0]): EndpointSample => endpoint({ metrics: now(goMetrics(over)) });

describe('figures from memory', () => {
  it('come before those of the endpoint, and say which variable they are', () => {
    const { runtime } = model(attested({ heapMarked: 7, numGc: 3 }), {
      endpoint: metrics({ heapLive: 9, memStats: memStats({ heapAlloc: 5 }) }),
    });
    expect(runtime.heapLiveBytes).toEqual({
      value: 7,
      from: 'memory',
      detail: 'gcController.heapMarked',
      ageSeconds: 0,
    });
    // What memory does not tell comes from the endpoint.
    expect(runtime.heapAllocBytes).toMatchObject({ value: 5, from: 'endpoint' });
  });

  it('say nothing of the live heap before the first collection', () => {
    expect(model(attested({ heapMarked: 0, numGc: 0 })).runtime.heapLiveBytes).toBeUndefined();
    expect(model(attested({ heapMarked: 0, numGc: 1 })).runtime.heapLiveBytes?.value).toBe(0);
  });

  it('add up as MemStats does', () => {
    const { runtime } = model(
      attested({
        heapFree: 30,
        heapReleased: 50,
        mspanSys: 1,
        mcacheSys: 2,
        buckHashSys: 4,
        gcSys: 8,
        otherSys: 16,
        stacksInUse: 100,
        stacksSys: 110,
        pauseTotalNs: 2_500_000_000,
      }),
    );
    // HeapIdle = free + released; metadata 1 + 2 + 4 + 8 + 16; Sys - HeapSys = metadata + StackSys, which holds StackInuse.
    expect(runtime.heapIdleBytes?.value).toBe(80);
    expect(runtime.metadataBytes?.value).toBe(31);
    expect(runtime.nonHeapBytes?.value).toBe(141);
    expect(runtime.stackInuseBytes?.value).toBe(100);
    expect(runtime.gcPauseSecondsTotal?.value).toBe(2.5);
    // With one part missing there is no sum.
    expect(model(attested({ mspanSys: 1, stacksSys: 110 })).runtime).toMatchObject({
      metadataBytes: undefined,
      nonHeapBytes: undefined,
    });
  });

  it('give way to a newer count of goroutines', () => {
    const index = (goroutines: number) => ({ goroutines, threads: undefined, profiles: new Map() });
    const old = attested({ goroutines: 10 }, { snapshot: { at: BEFORE, value: snapshot({ goroutines: 10 }) } });
    const fresh = endpoint({ index: now(index(12)) });
    expect(model(old, { endpoint: fresh }).runtime.goroutines).toMatchObject({ value: 12, from: 'endpoint' });
    expect(model(attested({ goroutines: 10 }), { endpoint: fresh }).runtime.goroutines).toMatchObject({
      value: 10,
      from: 'memory',
    });
    expect(model(old).runtime.goroutines).toMatchObject({ value: 10, ageSeconds: 10 });
  });

  it('name the places goroutines were started at, where there is no profile', () => {
    const plain = { stack: [], labels: {} };
    const account: SiteAccount = {
      sites: [
        {
          ...plain,
          count: 9,
          growth: 4,
          site: { function: 'main.work', file: '/a.go', line: 3 },
          entry: { function: 'main.main', file: '', line: 0 },
          cause: 'chan receive',
          waitSeconds: 120,
        },
        { ...plain, count: 1, growth: 0, site: undefined, entry: undefined, cause: 'running', waitSeconds: undefined },
      ],
      otherGoroutines: 0,
      since: { wallMs: 0, monotonicMs: BEFORE.monotonicMs - 600_000 },
    };
    // Counted ten seconds ago, against a count ten minutes before that.
    const told = { from: 'memory', ageSeconds: 10, growthSeconds: 600 };
    expect(model(attested({}, { sites: { at: BEFORE, value: account } })).runtime.goroutineSites).toEqual([
      {
        ...told,
        count: 9,
        growth: 4,
        site: 'main.work (/a.go:3)',
        createdBy: 'main.main',
        cause: 'chan receive',
        waitSeconds: 120,
      },
      {
        ...told,
        count: 1,
        growth: 0,
        site: 'unknown',
        createdBy: undefined,
        cause: 'running',
        waitSeconds: undefined,
      },
    ]);
  });
});

describe('settings from memory', () => {
  it('outrank endpoint and environment, and what differs is kept', () => {
    const { settings } = model(attested({ gomaxprocs: 4, gogc: 50, gomemlimit: 'off' }), {
      endpoint: metrics({ gomaxprocs: 4, gogc: 50, gomemlimit: 'off' }),
      environment: { ...NO_ENVIRONMENT, GOMAXPROCS: '4', GOGC: '200' },
    });
    expect(settings.gomaxprocs).toMatchObject({ value: 4, from: 'memory', detail: 'runtime.gomaxprocs' });
    expect(settings.gogc).toMatchObject({ value: 50, from: 'memory' });
    // GOGC=200 at exec and 50 now: the program called debug.SetGCPercent.
    expect(settings.contradictions.map(({ setting }) => setting)).toEqual(['gogc']);
    expect(settings.contradictions[0]?.values.map(({ value, from }) => [value, from])).toEqual([
      [50, 'memory'],
      [50, 'endpoint'],
      [200, 'environment'],
    ]);
  });

  it('leave nothing to contradict where one source speaks', () => {
    const { settings } = model(attested({ gogc: 50 }), { environment: undefined });
    expect(settings).toMatchObject({ gogc: { value: 50 }, contradictions: [] });
  });
});

describe('attribution by memory', () => {
  const of = (memory: Memory) =>
    modelOf(
      goSample('go1.26.4', { memory, status: status({ rssAnon: 90 * MIB }) }),
      podTree({ container: { memoryMax: 512 * MIB, memoryStat: memoryStat({ anon: 100 * MIB }) } }),
    ).attribution;

  it('subtracts what was managed from what was held in the same cycle', () => {
    const together = { workloadAnon: 80 * MIB, managed: 50 * MIB };
    expect(of(attested({ mappedReady: 70 * MIB }, { together }))).toMatchObject({
      nonGoBytes: 30 * MIB,
      anonShare: 0.9,
    });
  });

  it('is not known from a figure of memory without such a pair', () => {
    expect(of(attested({ mappedReady: 70 * MIB })).nonGoBytes).toBeUndefined();
  });
});

describe('what profiles tell', () => {
  it('is the contention of a window, and goroutines that can never run on', () => {
    const site = { function: 'a.Lock', file: '/a.go', line: 7 };
    const sites = [
      { site, stack: ['sync.(*Mutex).Lock'], events: 4, delaySeconds: 2, meanDelaySeconds: 0.5 },
      { site: undefined, stack: [], events: 1, delaySeconds: 1, meanDelaySeconds: 1 },
    ];
    const window = {
      seconds: 300,
      events: 5,
      delaySeconds: 3,
      delayWeightedP99OfMeansSeconds: 1,
      sites,
      otherDelaySeconds: 0,
    };
    const { runtime } = model(NO_MEMORY, {
      endpoint: endpoint({
        block: { at: BEFORE, value: window },
        leaks: now({ total: 3, groups: [], otherGoroutines: 3 }),
      }),
    });
    expect(runtime.blocking).toEqual({
      windowSeconds: 300,
      events: 5,
      delaySeconds: 3,
      delayWeightedP99OfMeansSeconds: 1,
      sites: [
        { site: 'a.Lock (/a.go:7)', events: 4, delaySeconds: 2, meanDelaySeconds: 0.5 },
        { site: 'unknown', events: 1, delaySeconds: 1, meanDelaySeconds: 1 },
      ],
      ageSeconds: 10,
    });
    expect(runtime.mutexContention).toBeUndefined();
    expect(runtime.leakedGoroutines).toEqual({
      value: 3,
      from: 'endpoint',
      detail: 'goroutineleak profile',
      ageSeconds: 0,
    });
  });
});

describe('the window of a runtime', () => {
  /** 60 s: three collections of 1, 2 and 4 ms, 6 of 30 busy CPU seconds collecting, latencies in the second bucket. */
  const early = snapshot({
    numGc: 10,
    cpuClasses: classes({ gcTotal: 1e9, idle: 10e9, total: 20e9 }),
    schedulerLatency: { boundsSeconds: [0, 0.001, 0.002, Number.POSITIVE_INFINITY], counts: [0, 5, 0, 0] },
    limiterLastEnabledCycle: 4,
  });
  const late = snapshot({
    numGc: 13,
    recentPauses: [1, 2, 4, 900].map((ms) => ({ endUnixMs: 0, pauseNs: ms * 1e6 })),
    cpuClasses: classes({ gcTotal: 7e9, idle: 40e9, total: 80e9 }),
    schedulerLatency: { boundsSeconds: [0, 0.001, 0.002, Number.POSITIVE_INFINITY], counts: [0, 5, 100, 0] },
    limiterLastEnabledCycle: 12,
  });
  const at = (value: RuntimeSnapshot, monotonicMs: number) => ({ at: { wallMs: 0, monotonicMs }, value });
  const memory = attested({}, { baseline: at(early, NOW.monotonicMs - 60_000), snapshot: at(late, NOW.monotonicMs) });

  it('tells shares and percentiles between two snapshots', () => {
    const { runtime } = model(memory);
    // 6 of 60 - 30 s; the longest of three pauses; 99 of 100 in the bucket from 1 to 2 ms.
    expect(runtime.gcCpuRatio).toEqual({
      value: 0.2,
      from: 'memory',
      detail: 'runtime variables over 60 s',
      ageSeconds: 0,
    });
    expect(runtime.gcPauseP99Seconds?.value).toBe(0.004);
    expect(runtime.schedulerLatencyP99Seconds?.value).toBeCloseTo(0.00199, 8);
    expect(runtime.gcLimiterActive?.value).toBe(true);
  });

  it('falls back to the metrics, and is unknown with one reading', () => {
    const cpu = (gc: number, total: number) => ({ cpuGcTotalSeconds: gc, cpuTotalSeconds: total, cpuIdleSeconds: 0 });
    const asked = endpoint({
      metrics: now(goMetrics(cpu(6, 30))),
      metricsBefore: { at: BEFORE, value: goMetrics(cpu(1, 10)) },
    });
    expect(model(attested({}), { endpoint: asked }).runtime.gcCpuRatio).toMatchObject({
      value: 0.25,
      from: 'endpoint',
      detail: 'metrics over 10 s',
    });
    const once = attested({}, { baseline: now(late), snapshot: now(late) });
    expect(model(once).runtime).toMatchObject({ gcCpuRatio: undefined, gcLimiterActive: undefined });
  });
});

function classes(over: { gcTotal: number; idle: number; total: number }): NonNullable<RuntimeSnapshot['cpuClasses']> {
  return { gcAssist: 0, gcDedicated: 0, gcIdle: 0, gcPause: 0, scavengeTotal: 0, user: 0, ...over };
}

import { describe, expect, it } from 'vitest';
import type { GoEnvironment } from '../../src/go/types.ts';
import type { EndpointSample } from '../../src/sample/types.ts';
import {
  BEFORE,
  CONTAINER,
  endpoint,
  goMetrics,
  goSample,
  MIB,
  memoryStat,
  memStats,
  modelOf,
  NO_ENVIRONMENT,
  now,
  podTree,
  status,
} from './builders.ts';

type Environment = Partial<GoEnvironment>;
const runtime = (over: Partial<EndpointSample>, environment: Environment = {}) =>
  modelOf(goSample('go1.26.4', { endpoint: endpoint(over), environment: { ...NO_ENVIRONMENT, ...environment } }))
    .runtime;
const metricsOf = (stats: Parameters<typeof memStats>[0], over: Parameters<typeof goMetrics>[0] = {}) => ({
  metrics: now(goMetrics({ memStats: memStats(stats), ...over })),
});
const heapText = (stats: Parameters<typeof memStats>[0]) => ({
  memStats: { ...now(memStats(stats)), source: 'pprof heap' as const },
});

describe('figures of the runtime', () => {
  it('are all unknown without an endpoint', () => {
    const values = Object.values(modelOf(goSample()).runtime);
    expect(values).toHaveLength(33);
    expect(values.every((value) => value === undefined)).toBe(true);
  });

  it('come from the metrics first, and from the heap profile what the metrics leave out', () => {
    const both = runtime({ ...metricsOf({ heapAlloc: 5 }), ...heapText({ heapAlloc: 9, stackInuse: 3 }) });
    expect(both.heapAllocBytes).toEqual({ value: 5, from: 'endpoint', detail: 'metrics', ageSeconds: 0 });
    expect(both.stackInuseBytes).toEqual({ value: 3, from: 'endpoint', detail: 'pprof heap', ageSeconds: 0 });
  });

  it('are differences of one source, never of two', () => {
    // Sys from one page and HeapReleased from another are of two moments.
    const split = runtime({ ...metricsOf({ sys: 100 }), ...heapText({ heapReleased: 30, sys: 90, heapSys: 60 }) });
    expect(split.managedBytes).toEqual({ value: 60, from: 'endpoint', detail: 'pprof heap', ageSeconds: 0 });
    expect(split.nonHeapBytes).toEqual({ value: 30, from: 'endpoint', detail: 'pprof heap', ageSeconds: 0 });
    expect(runtime(metricsOf({ sys: 10, heapReleased: 30 })).managedBytes?.value).toBe(0);
  });

  it('take goroutines from whichever spoke last, and threads from the index first', () => {
    const index = (at: typeof BEFORE) => ({
      index: { at, value: { goroutines: 10, threads: 4, profiles: new Map() } },
    });
    const metrics = metricsOf({}, { goroutines: 20, threads: 5 });
    const sameTime = runtime({ ...index({ wallMs: 1_700_000_000_000, monotonicMs: 1_000_000 }), ...metrics });
    expect(sameTime).toMatchObject({ goroutines: { value: 10, detail: 'pprof index' }, threads: { value: 4 } });
    const older = runtime({ ...index(BEFORE), ...metrics });
    expect(older).toMatchObject({ goroutines: { value: 20, detail: 'go_goroutines' }, threads: { value: 4 } });
    expect(runtime(metrics).threads).toMatchObject({ value: 5, detail: 'go_threads' });
    // The index was read 10 s before this sample.
    expect(older.ageSeconds).toBe(10);
    expect(runtime(metrics).ageSeconds).toBe(0);
    expect(runtime({}).ageSeconds).toBeUndefined();
  });

  it('name the places goroutines wait at', () => {
    const plain = { entry: undefined, labels: {}, growth: undefined, waitSeconds: undefined };
    const sites = [
      { ...plain, count: 9, stack: ['a.F'], site: { function: 'a.F', file: '/a.go', line: 3 }, cause: 'chan receive' },
      { ...plain, count: 2, stack: ['runtime.gopark'], site: undefined, cause: 'other' },
      { ...plain, count: 1, stack: [], site: undefined, cause: 'other' },
    ];
    const told = {
      createdBy: undefined,
      waitSeconds: undefined,
      growth: undefined,
      growthSeconds: undefined,
      from: 'endpoint',
      ageSeconds: 0,
    };
    expect(runtime({ sites: now({ sites, otherGoroutines: 0, since: undefined }) }).goroutineSites).toEqual([
      { ...told, count: 9, site: 'a.F (/a.go:3)', cause: 'chan receive' },
      { ...told, count: 2, site: 'runtime.gopark', cause: 'other' },
      { ...told, count: 1, site: 'unknown', cause: 'other' },
    ]);
  });
});

describe('the live heap', () => {
  const live = (nextGc: number | 'off', environment: Environment = {}, over: Parameters<typeof goMetrics>[0] = {}) =>
    runtime(metricsOf({ nextGc }, over), environment).heapLiveBytes;

  it('is what the runtime says, else the goal x 100 / (100 + GOGC)', () => {
    expect(live(300 * MIB, {}, { heapLive: 7 * MIB })).toMatchObject({ value: 7 * MIB, from: 'endpoint' });
    // 300 x 100 / 200 and 300 x 100 / 150.
    expect(live(300 * MIB)).toMatchObject({ value: 150 * MIB, from: 'inferred' });
    expect(live(300 * MIB, { GOGC: '50' })).toMatchObject({ value: 200 * MIB });
    expect(live(300 * MIB, { GOGC: '0' })).toMatchObject({ value: 300 * MIB });
  });

  it('cannot be told from a goal at the runtime’s floor of 4 MiB x GOGC / 100', () => {
    expect(live(4 * MIB)).toBeUndefined();
    expect(live(8 * MIB, { GOGC: '200' })).toBeUndefined();
    expect(live(5 * MIB)).toMatchObject({ value: 2.5 * MIB });
  });

  it('cannot be told from a goal that GOMEMLIMIT may set, or without GOGC', () => {
    expect(live(300 * MIB, { GOMEMLIMIT: '1GiB' })).toBeUndefined();
    expect(live('off', { GOGC: 'off' })).toBeUndefined();
    expect(live(300 * MIB, { GOGC: 'off' })).toBeUndefined();
    const blind = goSample('go1.26.4', {
      environment: undefined,
      endpoint: endpoint(metricsOf({ nextGc: 300 * MIB })),
    });
    expect(modelOf(blind).runtime.heapLiveBytes).toBeUndefined();
  });
});

describe('attribution of memory', () => {
  const of = (over: {
    readonly anon?: number;
    readonly podAnon?: number;
    readonly podLimit?: number;
    readonly rssAnon?: number;
    readonly atEndpoint?: number;
    readonly stats?: Parameters<typeof memStats>[0];
  }) => {
    const anonOf = (anon: number | undefined) => (anon === undefined ? {} : { memoryStat: memoryStat({ anon }) });
    const cgroups = podTree({
      pod: { ...anonOf(over.podAnon), ...(over.podLimit === undefined ? {} : { memoryMax: over.podLimit }) },
      container: anonOf(over.anon),
    });
    const stats = over.stats === undefined ? undefined : endpoint(metricsOf(over.stats));
    const go = goSample('go1.26.4', {
      status: status({ rssAnon: over.rssAnon }),
      endpoint: stats,
      workloadAnonAtEndpoint: over.atEndpoint,
    });
    return modelOf(go, cgroups).attribution;
  };
  const stats = { sys: 90 * MIB, heapReleased: 10 * MIB };

  it('is what the cgroup held when the runtime spoke, less what the runtime manages', () => {
    const model = of({ anon: 130 * MIB, rssAnon: 117 * MIB, atEndpoint: 100 * MIB, stats });
    // 117 / 130; 100 - (90 - 10), not 130 - 80: what the heap grew by since is not outside Go.
    expect(model).toEqual({ anonShare: 0.9, nonGoBytes: 20 * MIB, detail: undefined });
  });

  it('is never below zero: managed pages need not have been touched', () => {
    expect(of({ anon: 70 * MIB, rssAnon: 70 * MIB, atEndpoint: 70 * MIB, stats }).nonGoBytes).toBe(0);
  });

  it('is measured at the pod when the limit is the pod’s, siblings included', () => {
    const given = { anon: 100 * MIB, podAnon: 160 * MIB, rssAnon: 96 * MIB, atEndpoint: 100 * MIB, stats };
    // 96 / 160; 100 - 80 and 160 - 100 of the siblings.
    expect(of({ ...given, podLimit: 512 * MIB })).toEqual({ anonShare: 0.6, nonGoBytes: 80 * MIB, detail: undefined });
    expect(of(given)).toMatchObject({ anonShare: 0.96, nonGoBytes: 20 * MIB });
    expect(
      of({ ...given, anon: 40 * MIB, podLimit: 512 * MIB, podAnon: undefined as never }).nonGoBytes,
    ).toBeUndefined();
  });

  it('says which part is missing', () => {
    const full = { anon: 100 * MIB, rssAnon: 90 * MIB, atEndpoint: 100 * MIB, stats };
    expect(of({ rssAnon: 1, atEndpoint: 1, stats }).detail).toContain('memory.stat anon');
    expect(of({ anon: 1, atEndpoint: 1, stats }).detail).toContain('RssAnon');
    expect(of({ ...full, anon: 0 })).toMatchObject({ anonShare: undefined, nonGoBytes: undefined });
    expect(of({ anon: 100, rssAnon: 90, atEndpoint: 100 })).toMatchObject({ anonShare: 0.9, nonGoBytes: undefined });
    expect(of({ ...full, stats: { sys: 5 } }).detail).toContain('runtime manages');
    expect(of({ anon: 100, rssAnon: 90, stats }).nonGoBytes).toBeUndefined();
  });
});

it('the place of a process is its own cgroup', () => {
  expect(modelOf(goSample()).effective.memoryMaxBytes?.cgroupPath).toBe(CONTAINER);
});

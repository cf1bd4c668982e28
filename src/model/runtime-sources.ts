import type { Instant } from '../base/clock.ts';
import type { Known, Provenance } from '../base/known.ts';
import type { RuntimeSnapshot } from '../go/memory/types.ts';
import type { MemStats } from '../go/types.ts';
import type { EndpointSample, GoSample, Timed } from '../sample/types.ts';

/** What one source can say of a runtime, in base units. */
export interface RuntimeQuantities {
  goroutines: number;
  threads: number;
  heapGoalBytes: number | 'off';
  heapTriggerBytes: number;
  heapLiveBytes: number;
  heapAllocBytes: number;
  heapInuseBytes: number;
  heapIdleBytes: number;
  heapReleasedBytes: number;
  stackInuseBytes: number;
  metadataBytes: number;
  managedBytes: number;
  nonHeapBytes: number;
  gcCycles: number;
  forcedGcCycles: number;
  gcPauseSecondsTotal: number;
  lastGcUnixMs: number;
  gcLimiterLastCycle: number;
  idleProcessors: number;
  runnableGoroutines: number;
}

type Values = { readonly [K in keyof RuntimeQuantities]?: RuntimeQuantities[K] | undefined };

/** One reading of one source. A difference is always taken within one reading: two readings are of two moments. */
export interface RuntimeSource {
  readonly from: Provenance;
  readonly at: Instant;
  /** For all values without a name of their own. */
  readonly name: string;
  readonly values: Values;
  readonly names: { readonly [K in keyof RuntimeQuantities]?: string };
}

function sum(...parts: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    total += part;
  }
  return total;
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(0, a - b);
}

/** HeapSys = HeapInuse + free + released, and Sys adds StackSys and metadata to it (runtime/mstats.go, readmemstats_m). */
function fromMemory({ at, value }: Timed<RuntimeSnapshot>): RuntimeSource {
  const { mspanSys, mcacheSys, buckHashSys, gcSys, otherSys, stacksSys } = value;
  const metadataBytes = sum(mspanSys, mcacheSys, buckHashSys, gcSys, otherSys);
  return {
    from: 'memory',
    at,
    name: 'runtime variables',
    values: {
      goroutines: value.goroutines,
      threads: value.threads,
      heapGoalBytes: value.heapGoal,
      heapTriggerBytes: value.heapTrigger,
      // Until the first collection has ended nothing has been marked, which is not the same as nothing being live.
      heapLiveBytes: value.numGc === 0 ? undefined : value.heapMarked,
      heapAllocBytes: value.heapLive,
      heapInuseBytes: value.heapInUse,
      heapIdleBytes: sum(value.heapFree, value.heapReleased),
      heapReleasedBytes: value.heapReleased,
      stackInuseBytes: value.stacksInUse,
      metadataBytes,
      managedBytes: value.mappedReady,
      nonHeapBytes: sum(metadataBytes, stacksSys),
      gcCycles: value.numGc,
      forcedGcCycles: value.numForcedGc,
      gcPauseSecondsTotal: value.pauseTotalNs === undefined ? undefined : value.pauseTotalNs / 1e9,
      lastGcUnixMs: value.lastGcUnixMs,
      gcLimiterLastCycle: value.limiterLastEnabledCycle,
      idleProcessors: value.idlePs,
      runnableGoroutines: value.runnable,
    },
    names: {
      goroutines: 'allgs less free and system goroutines',
      heapGoalBytes: 'pacer of this Go version on gcController',
      heapTriggerBytes: 'pacer of this Go version on gcController',
      heapLiveBytes: 'gcController.heapMarked',
      heapAllocBytes: 'gcController.heapLive',
      managedBytes: 'gcController.mappedReady',
      gcCycles: 'memstats.numgc',
      gcPauseSecondsTotal: 'memstats.pause_total_ns',
      gcLimiterLastCycle: 'gcCPULimiter.lastEnabledCycle',
    },
  };
}

function memStatsValues(stats: MemStats): Values {
  const { mspanSys, mcacheSys, buckHashSys, gcSys, otherSys } = stats;
  return {
    heapGoalBytes: stats.nextGc,
    heapAllocBytes: stats.heapAlloc,
    heapInuseBytes: stats.heapInuse,
    heapIdleBytes: stats.heapIdle,
    heapReleasedBytes: stats.heapReleased,
    stackInuseBytes: stats.stackInuse,
    metadataBytes: sum(mspanSys, mcacheSys, buckHashSys, gcSys, otherSys),
    managedBytes: minus(stats.sys, stats.heapReleased),
    nonHeapBytes: minus(stats.sys, stats.heapSys),
    gcCycles: stats.numGc,
    forcedGcCycles: stats.numForcedGc,
    lastGcUnixMs: stats.lastGcUnixMs,
  };
}

function fromEndpoint({ index, metrics, memStats }: EndpointSample): RuntimeSource[] {
  const sources: RuntimeSource[] = [];
  if (index !== undefined) {
    const { goroutines, threads } = index.value;
    sources.push({ from: 'endpoint', at: index.at, name: 'pprof index', values: { goroutines, threads }, names: {} });
  }
  if (metrics !== undefined) {
    const { goroutines, threads, heapLive, gcPauseCount, gcPauseSumSeconds, limiterLastEnabledCycle } = metrics.value;
    const stats = memStatsValues(metrics.value.memStats);
    sources.push({
      from: 'endpoint',
      at: metrics.at,
      name: 'metrics',
      values: {
        ...stats,
        goroutines,
        threads,
        heapLiveBytes: heapLive,
        gcCycles: gcPauseCount ?? stats.gcCycles,
        gcPauseSecondsTotal: gcPauseSumSeconds,
        gcLimiterLastCycle: limiterLastEnabledCycle,
      },
      names: {
        goroutines: 'go_goroutines',
        threads: 'go_threads',
        heapLiveBytes: 'go_gc_heap_live_bytes',
        gcPauseSecondsTotal: 'go_gc_duration_seconds_sum',
        ...(gcPauseCount === undefined ? {} : { gcCycles: 'go_gc_duration_seconds_count' }),
      },
    });
  }
  if (memStats !== undefined)
    sources.push({
      from: 'endpoint',
      at: memStats.at,
      name: memStats.source,
      values: memStatsValues(memStats.value),
      names: {},
    });
  return sources;
}

/** What is known of a process's runtime, best source first: its memory is read in every cycle and asks nothing of it. */
export function runtimeSources(go: GoSample): RuntimeSource[] {
  const { snapshot } = go.memory;
  return [
    ...(snapshot === undefined ? [] : [fromMemory(snapshot)]),
    ...(go.endpoint === undefined ? [] : fromEndpoint(go.endpoint)),
  ];
}

/** Seconds between a reading and the look at the node; never negative, though a reading may come after the sample was dated. */
export function ageSeconds(read: Instant, now: Instant): number {
  return Math.max(0, (now.monotonicMs - read.monotonicMs) / 1000);
}

/** A quantity as one source tells it. */
export function tell<K extends keyof RuntimeQuantities>(
  source: RuntimeSource,
  quantity: K,
  now: Instant,
): Known<RuntimeQuantities[K]> | undefined {
  const value = source.values[quantity];
  if (value === undefined) return undefined;
  const detail = source.names[quantity] ?? source.name;
  return { value, from: source.from, detail, ageSeconds: ageSeconds(source.at, now) };
}

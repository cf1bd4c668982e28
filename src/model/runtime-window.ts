import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import { type GcCpuReading, gcCpuRatio, gcPauseWindow, limiterWasOn, type PauseReading } from '../go/gc-window.ts';
import { type CumulativeHistogram, cumulativeOf, quantileBetween, type WindowQuantile } from '../go/histogram.ts';
import type { RuntimeSnapshot } from '../go/memory/types.ts';
import type { GoMetrics, MemStats } from '../go/types.ts';
import type { GoSample, Timed } from '../sample/types.ts';
import { type GcWork, type GcWorkReading, gcWorkBetween } from './gc-work.ts';
import type { GoRuntimeModel } from './go-runtime-types.ts';
import { ageSeconds } from './runtime-sources.ts';

type WindowModel = Pick<
  GoRuntimeModel,
  | 'gcCpuRatio'
  | 'gcPauseP99Seconds'
  | 'schedulerLatencyP99Seconds'
  | 'schedulerLatencyWindow'
  | 'gcLimiterActive'
  | 'gcWork'
>;

/** What a window is made of, whichever source it is from. */
interface Reading {
  readonly pauses: PauseReading | undefined;
  readonly pauseHistogram: CumulativeHistogram | undefined;
  readonly cpu: GcCpuReading | undefined;
  readonly latency: CumulativeHistogram | undefined;
  readonly limiterCycle: number | undefined;
  readonly work: Omit<GcWorkReading, 'monotonicMs' | 'cpu'> | undefined;
}

interface Window {
  readonly from: 'memory' | 'endpoint';
  readonly name: string;
  readonly before: Timed<Reading>;
  readonly after: Timed<Reading>;
}

function fromSnapshot(snapshot: RuntimeSnapshot): Reading {
  const { cpuClasses, schedulerLatency } = snapshot;
  return {
    pauses: { numGc: snapshot.numGc, pauses: snapshot.recentPauses },
    pauseHistogram: undefined,
    cpu:
      cpuClasses === undefined
        ? undefined
        : { gcTotal: cpuClasses.gcTotal / 1e9, total: cpuClasses.total / 1e9, idle: cpuClasses.idle / 1e9 },
    latency:
      schedulerLatency === undefined
        ? undefined
        : cumulativeOf(schedulerLatency.boundsSeconds, schedulerLatency.counts),
    limiterCycle: snapshot.limiterLastEnabledCycle,
    work: {
      gomaxprocs: snapshot.gomaxprocs,
      collections: snapshot.numGc,
      forcedCollections: snapshot.numForcedGc,
      allocatedBytes: snapshot.totalAlloc,
      liveBytes: snapshot.numGc === 0 ? undefined : snapshot.heapMarked,
      triggerRoomBytes: less(snapshot.heapTrigger, snapshot.heapMarked),
      rootBytes:
        snapshot.stackScan === undefined || snapshot.globalsScan === undefined
          ? undefined
          : snapshot.stackScan + snapshot.globalsScan,
    },
  };
}

function fromMetrics(metrics: GoMetrics): Reading {
  return {
    pauses: undefined,
    pauseHistogram: metrics.gcPauses,
    cpu: { gcTotal: metrics.cpuGcTotalSeconds, total: metrics.cpuTotalSeconds, idle: metrics.cpuIdleSeconds },
    latency: metrics.schedulerLatency,
    limiterCycle: metrics.limiterLastEnabledCycle,
    work: {
      gomaxprocs: metrics.gomaxprocs,
      collections: metrics.gcPauseCount ?? metrics.memStats.numGc,
      forcedCollections: undefined,
      allocatedBytes: metrics.memStats.totalAlloc,
      liveBytes: metrics.heapLive,
      triggerRoomBytes: undefined,
      rootBytes: undefined,
    },
  };
}

function less(trigger: number | undefined, marked: number | undefined): number | undefined {
  return trigger === undefined || marked === undefined || !Number.isFinite(trigger)
    ? undefined
    : Math.max(0, trigger - marked);
}

function fromMemStats({ numGc, recentPausesNs }: MemStats): Reading {
  return {
    pauses: { numGc, pauses: recentPausesNs },
    pauseHistogram: undefined,
    cpu: undefined,
    latency: undefined,
    limiterCycle: undefined,
    work: undefined,
  };
}

function windows({ memory, endpoint }: GoSample): Window[] {
  const found: Window[] = [];
  const add = <T>(
    from: Window['from'],
    name: string,
    read: (value: T) => Reading,
    before: Timed<T> | undefined,
    after: Timed<T> | undefined,
  ): void => {
    if (before === undefined || after === undefined || before.at.monotonicMs >= after.at.monotonicMs) return;
    const reading = ({ at, value }: Timed<T>): Timed<Reading> => ({ at, value: read(value) });
    found.push({ from, name, before: reading(before), after: reading(after) });
  };
  add('memory', 'runtime variables', fromSnapshot, memory.baseline, memory.snapshot);
  add('endpoint', 'metrics', fromMetrics, endpoint?.metricsBefore, endpoint?.metrics);
  add('endpoint', endpoint?.memStats?.source ?? '', fromMemStats, endpoint?.memStatsBefore, endpoint?.memStats);
  return found;
}

/** What happened between two readings of one source: the process's memory, else its metrics. Undefined where neither can tell. */
export function runtimeWindow(go: GoSample, at: Instant): WindowModel {
  const all = windows(go);
  const pick = <T>(
    of: (before: Reading, after: Reading, beforeMs: number, afterMs: number) => T | undefined,
  ): Known<T> | undefined => {
    for (const { from, name, before, after } of all) {
      const value = of(before.value, after.value, before.at.monotonicMs, after.at.monotonicMs);
      if (value === undefined) continue;
      const seconds = Math.round((after.at.monotonicMs - before.at.monotonicMs) / 1000);
      return { value, from, detail: `${name} over ${seconds} s`, ageSeconds: ageSeconds(after.at, at) };
    }
    return undefined;
  };
  const latency = pick((before, after) => p99(before.latency, after.latency));
  return {
    gcCpuRatio: pick((before, after) =>
      before.cpu === undefined || after.cpu === undefined ? undefined : gcCpuRatio(before.cpu, after.cpu),
    ),
    gcPauseP99Seconds: pick(pauseP99),
    schedulerLatencyP99Seconds: latency === undefined ? undefined : { ...latency, value: latency.value.value },
    schedulerLatencyWindow: latency === undefined ? undefined : latencyWindow(latency.value),
    gcLimiterActive: pick((before, after) => limiterWasOn(before.limiterCycle, after.limiterCycle)),
    gcWork: pick(workBetween),
  };
}

function workBetween(before: Reading, after: Reading, beforeMs: number, afterMs: number): GcWork | undefined {
  if (before.work === undefined || after.work === undefined) return undefined;
  return gcWorkBetween(
    { ...before.work, cpu: before.cpu, monotonicMs: beforeMs },
    { ...after.work, cpu: after.cpu, monotonicMs: afterMs },
  );
}

function pauseP99(before: Reading, after: Reading): number | undefined {
  if (before.pauses !== undefined && after.pauses !== undefined)
    return gcPauseWindow(before.pauses, after.pauses)?.p99Seconds;
  return p99(before.pauseHistogram, after.pauseHistogram)?.value;
}

function latencyWindow({ observations, atLeast, upTo }: WindowQuantile): GoRuntimeModel['schedulerLatencyWindow'] {
  return { observations, upToSeconds: atLeast ? (Number.isFinite(upTo) ? upTo : 'unbounded') : undefined };
}

function p99(
  before: CumulativeHistogram | undefined,
  after: CumulativeHistogram | undefined,
): WindowQuantile | undefined {
  return before === undefined || after === undefined ? undefined : quantileBetween(before, after, 0.99);
}

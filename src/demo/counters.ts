import { fractionOf } from './identifiers.ts';
import type { Workload } from './workload.ts';

/** Everything a cgroup only ever counts up, since the cgroup was made. */
export interface Counters {
  readonly usageUsec: number;
  readonly userUsec: number;
  readonly systemUsec: number;
  readonly nrPeriods: number;
  readonly nrThrottled: number;
  readonly throttledUsec: number;
  readonly cpuSomeUsec: number;
  readonly cpuFullUsec: number;
  readonly memorySomeUsec: number;
  readonly memoryFullUsec: number;
  readonly ioSomeUsec: number;
  readonly ioFullUsec: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
  readonly pageFaults: number;
  readonly majorFaults: number;
}

/** Nothing counted yet. */
export const NO_COUNTERS: Counters = {
  usageUsec: 0,
  userUsec: 0,
  systemUsec: 0,
  nrPeriods: 0,
  nrThrottled: 0,
  throttledUsec: 0,
  cpuSomeUsec: 0,
  cpuFullUsec: 0,
  memorySomeUsec: 0,
  memoryFullUsec: 0,
  ioSomeUsec: 0,
  ioFullUsec: 0,
  readBytes: 0,
  writtenBytes: 0,
  reads: 0,
  writes: 0,
  pageFaults: 0,
  majorFaults: 0,
};

/** Load swings by this much around its mean, over {@link SWING_SECONDS}. */
const SWING = 0.2;
const SWING_SECONDS = 73;
/** Runqueue time lost in one throttled period, summed over CPUs, microseconds. */
const STALL_USEC = 62_000;

/** The share of the mean load at this moment: 0.8 to 1.2. */
export function loadAt(workload: Workload, second: number): number {
  return 1 + SWING * Math.sin(phase(workload, second));
}

/**
 * What the workload's cgroup counted from one second to another. The integral of a rate that is never negative, so a later `to` never
 * gives less.
 */
export function countersBetween(workload: Workload, from: number, to: number): Counters {
  const loaded =
    to -
    from +
    (SWING * SWING_SECONDS * (Math.cos(phase(workload, from)) - Math.cos(phase(workload, to)))) / (2 * Math.PI);
  const usageUsec = Math.floor(workload.cpu.meanCores * loaded * 1e6);
  const userUsec = Math.floor(usageUsec * 0.8);
  const ratio = workload.cpu.throttledRatio;
  // A group with a quota counts a period only while it has something to run.
  const nrPeriods = Math.floor(9.5 * (to - from));
  const nrThrottled = Math.min(nrPeriods, Math.floor(9.5 * ratio * loaded));
  const usec = (share: number) => Math.floor(share * loaded * 1e6);
  const nearLimit = workload.go?.retains === 'all' && workload.go.gogc !== 'off' ? 0.02 : 0;
  const reads = Math.floor(0.4 * loaded);
  const writes = Math.floor(2.5 * loaded);
  return {
    usageUsec,
    userUsec,
    systemUsec: usageUsec - userUsec,
    nrPeriods,
    nrThrottled,
    throttledUsec: nrThrottled * STALL_USEC,
    cpuSomeUsec: usec(cpuSomeShare(workload)),
    cpuFullUsec: usec(ratio * 0.4),
    memorySomeUsec: usec(nearLimit),
    memoryFullUsec: usec(nearLimit * 0.8),
    ioSomeUsec: usec(0.002),
    ioFullUsec: usec(0.001),
    readBytes: reads * 4096,
    writtenBytes: writes * 8192,
    reads,
    writes,
    pageFaults: Math.floor(35 * loaded),
    majorFaults: Math.floor(0.05 * loaded),
  };
}

/** Share of the time in which at least one task waits for a CPU, on average. */
export function cpuSomeShare(workload: Workload): number {
  return 0.01 + workload.cpu.throttledRatio * 0.5;
}

/** Counters of a parent: the sum of its children's. A level without a quota of its own counts no periods. */
export function sumCounters(parts: readonly Counters[]): Counters {
  const sum: Record<keyof Counters, number> = { ...NO_COUNTERS };
  for (const part of parts) for (const key of Object.keys(sum) as (keyof Counters)[]) sum[key] += part[key];
  return sum;
}

/** The same, without periods: for a level whose cpu.max is `max`. */
export function withoutQuota(counters: Counters): Counters {
  return { ...counters, nrPeriods: 0, nrThrottled: 0, throttledUsec: 0 };
}

function phase(workload: Workload, second: number): number {
  return 2 * Math.PI * (second / SWING_SECONDS + fractionOf(`phase/${workload.name}`));
}

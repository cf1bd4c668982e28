import type { Limit } from '../../base/limit.ts';

/*
 * Raw cgroup v2 values under the kernel's own names and units
 * (Documentation/admin-guide/cgroup-v2.rst, Linux 6.12). `undefined` = the file or key was not there or could not be read;
 * the reason, when it is not plain absence, is in the sample's misses.
 */

/** cpu.stat, microseconds and counts. The throttling keys exist only with the cpu controller. */
export interface CpuStat {
  readonly usageUsec: number;
  readonly userUsec: number | undefined;
  readonly systemUsec: number | undefined;
  readonly nrPeriods: number | undefined;
  readonly nrThrottled: number | undefined;
  readonly throttledUsec: number | undefined;
  readonly nrBursts: number | undefined;
  readonly burstUsec: number | undefined;
}

/** cpu.max: `quotaUsec` per `periodUsec`. */
export interface CpuMax {
  readonly quotaUsec: Limit;
  readonly periodUsec: number;
}

/** One line of a *.pressure file. Averages in percent, total in microseconds. */
export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUsec: number;
}

/** A *.pressure file. irq.pressure has no `some`; cpu.pressure has no `full` before Linux 5.13. */
export interface Pressure {
  readonly some: PressureLine | undefined;
  readonly full: PressureLine | undefined;
}

/** memory.stat, bytes (pgfault and pgmajfault: counts). Only the keys this project uses. */
export interface MemoryStat {
  readonly anon: number | undefined;
  readonly file: number | undefined;
  readonly kernel: number | undefined;
  readonly kernelStack: number | undefined;
  readonly pagetables: number | undefined;
  readonly sock: number | undefined;
  readonly shmem: number | undefined;
  readonly fileMapped: number | undefined;
  readonly fileDirty: number | undefined;
  readonly fileWriteback: number | undefined;
  readonly swapcached: number | undefined;
  readonly anonThp: number | undefined;
  readonly inactiveAnon: number | undefined;
  readonly activeAnon: number | undefined;
  readonly inactiveFile: number | undefined;
  readonly activeFile: number | undefined;
  readonly unevictable: number | undefined;
  readonly slabReclaimable: number | undefined;
  readonly slabUnreclaimable: number | undefined;
  readonly slab: number | undefined;
  readonly pgfault: number | undefined;
  readonly pgmajfault: number | undefined;
  readonly workingsetRefaultAnon: number | undefined;
  readonly workingsetRefaultFile: number | undefined;
  readonly pgscan: number | undefined;
  readonly pgsteal: number | undefined;
}

/** memory.events / memory.events.local, counts since the cgroup was made. */
export interface MemoryEvents {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly max: number | undefined;
  readonly oom: number | undefined;
  readonly oomKill: number | undefined;
  readonly oomGroupKill: number | undefined;
}

/** memory.swap.events, counts. */
export interface SwapEvents {
  readonly high: number | undefined;
  readonly max: number | undefined;
  readonly fail: number | undefined;
}

/** One device of io.stat, bytes and operations. A line without pairs gives all undefined. */
export interface IoDeviceStat {
  /** `MAJ:MIN`. */
  readonly device: string;
  readonly rbytes: number | undefined;
  readonly wbytes: number | undefined;
  readonly rios: number | undefined;
  readonly wios: number | undefined;
  readonly dbytes: number | undefined;
  readonly dios: number | undefined;
  /** iocost's keys, microseconds. Present only where io.cost.qos is on for the device. */
  readonly costUsageUsec: number | undefined;
  readonly costWaitUsec: number | undefined;
}

/** Memory on one NUMA node. */
export interface NumaBytes {
  readonly node: number;
  readonly bytes: number;
}

/** The last two readings of io.stat of one cgroup: the older one, and the times of both. */
export interface IoStatPair {
  readonly before: readonly IoDeviceStat[];
  readonly beforeAtMs: number;
  readonly atMs: number;
}

/** io.weight or io.bfq.weight. */
export interface IoWeight {
  readonly defaultWeight: number | undefined;
  readonly byDevice: ReadonlyMap<string, number>;
}

/** One device of io.max. */
export interface IoDeviceMax {
  readonly device: string;
  readonly rbps: Limit;
  readonly wbps: Limit;
  readonly riops: Limit;
  readonly wiops: Limit;
}

/** cgroup.stat. */
export interface CgroupStat {
  readonly nrDescendants: number | undefined;
  readonly nrDyingDescendants: number | undefined;
}

/** cgroup.events. */
export interface CgroupEvents {
  readonly populated: boolean | undefined;
  readonly frozen: boolean | undefined;
}

/** Everything read of one cgroup at one instant. */
export interface CgroupSample {
  /** Relative to the cgroup2 mount, `/` for the root, else `/a/b`. */
  readonly path: string;
  /** Inode of the directory: a re-created cgroup of the same name has another one. */
  readonly inode: number;
  /** Monotonic milliseconds of the files read every cycle. */
  readonly readAtMs: number;
  /** Monotonic milliseconds of the slower files (limits other than cpu.max and memory.max, io, pids, cpuset). */
  readonly slowReadAtMs: number;
  readonly cpuStat: CpuStat | undefined;
  readonly cpuMax: CpuMax | undefined;
  readonly cpuMaxBurstUsec: number | undefined;
  /** 0 when cpu.idle is 1. */
  readonly cpuWeight: number | undefined;
  readonly cpuIdle: number | undefined;
  readonly cpuPressure: Pressure | undefined;
  /** CPU numbers; undefined also for an empty file, which means inherit. */
  readonly cpusetCpus: readonly number[] | undefined;
  readonly cpusetCpusEffective: readonly number[] | undefined;
  readonly cpusetMems: readonly number[] | undefined;
  readonly cpusetMemsEffective: readonly number[] | undefined;
  readonly memoryCurrent: number | undefined;
  readonly memoryPeak: number | undefined;
  readonly memoryMin: Limit | undefined;
  readonly memoryLow: Limit | undefined;
  readonly memoryHigh: Limit | undefined;
  readonly memoryMax: Limit | undefined;
  readonly memoryStat: MemoryStat | undefined;
  readonly memoryEvents: MemoryEvents | undefined;
  readonly memoryEventsLocal: MemoryEvents | undefined;
  readonly memoryOomGroup: number | undefined;
  /** The `anon` line of memory.numa_stat. Undefined also on a machine with one NUMA node, where it is not read. */
  readonly memoryNumaAnon: readonly NumaBytes[] | undefined;
  readonly memorySwapCurrent: number | undefined;
  readonly memorySwapHigh: Limit | undefined;
  readonly memorySwapMax: Limit | undefined;
  readonly memorySwapEvents: SwapEvents | undefined;
  readonly memoryPressure: Pressure | undefined;
  readonly ioStat: readonly IoDeviceStat[] | undefined;
  /**
   * The reading of io.stat before {@link ioStat}, and when both were read (monotonic milliseconds): two samples in a row seldom hold
   * two. Undefined: io.stat was read once or could not be read.
   */
  readonly ioStatPair?: IoStatPair | undefined;
  readonly ioWeight: IoWeight | undefined;
  readonly ioBfqWeight: IoWeight | undefined;
  readonly ioMax: readonly IoDeviceMax[] | undefined;
  readonly ioPressure: Pressure | undefined;
  readonly irqPressure: Pressure | undefined;
  readonly pidsCurrent: number | undefined;
  readonly pidsPeak: number | undefined;
  readonly pidsMax: Limit | undefined;
  readonly pidsEventsMax: number | undefined;
  readonly controllers: readonly string[] | undefined;
  readonly events: CgroupEvents | undefined;
  readonly stat: CgroupStat | undefined;
}

import type { GrowthOptions } from './growth/options.ts';

/** Every number a rule compares with that is a choice and no law. Reasons are in the config schema, which sets them. */
export interface Thresholds {
  /** The part of the growth detector's options that people may want to change; see growth/options.ts. */
  readonly goroutineGrowth: Pick<
    GrowthOptions,
    | 'warmUpSeconds'
    | 'minAddedGoroutines'
    | 'minAddedRatio'
    | 'criticalSecondsToLimit'
    | 'warningSecondsToLimit'
    | 'criticalPerHour'
    | 'warningPerHour'
  >;
  readonly goroutineLeak: {
    /** Goroutines added at one place / all that were added, from which that place accounts for the growth. */
    readonly siteRatio: number;
    /** Counts of a place in which none of its goroutines left. */
    readonly minCounts: number;
  };
  readonly numa: {
    /** CPU used below which it does not matter where memory is. */
    readonly busyCores: number;
    /** Anonymous memory on the second node / all of it, from which memory is on more than one. */
    readonly memoryRatio: number;
  };
  readonly sandbox: {
    /** Tasks of a pod's pause container. */
    readonly taskCount: number;
    /** Anonymous memory of a pod's pause container. */
    readonly memoryBytes: number;
  };
  readonly gomaxprocs: {
    /** Share of throttled periods from which GOMAXPROCS above the limit is a warning rather than a note. */
    readonly warningThrottledRatio: number;
    readonly criticalThrottledRatio: number;
  };
  readonly cpuThrottled: {
    readonly warningRatio: number;
    readonly criticalRatio: number;
    /** Fewer periods than this in the window say nothing. */
    readonly minPeriods: number;
    /** Share of the window in which some task waited for CPU, from which throttling counts as felt. */
    readonly minStalledRatio: number;
  };
  readonly memory: {
    /** Kept free below the memory limit when a GOMEMLIMIT is computed (Go's guide: 5 to 10 %). */
    readonly headroomRatio: number;
    /** Predicted peak / memory limit from which a missing GOMEMLIMIT matters. */
    readonly predictedPeakRatio: number;
    /** Share of the cgroup's anonymous memory a process must hold for per-process figures to be compared with the cgroup's. */
    readonly attributionRatio: number;
    /** Memory outside the Go runtime / all anonymous memory from which it is worth a note. */
    readonly nonGoRatio: number;
    /** Goroutine stacks / memory limit from which they are worth a warning. */
    readonly stackRatio: number;
  };
  readonly gc: {
    /** Share of the program's CPU time spent collecting. */
    readonly cpuRatio: number;
    /** Room between live heap and goal, as the GOGC it amounts to, below which the collector works for the memory limit only. */
    readonly effectiveGogcPercent: number;
  };
  readonly memoryPressure: {
    /** Share of time in which some task waited for memory. */
    readonly warningRatio: number;
    /** Share of time in which all tasks waited at once. */
    readonly criticalFullRatio: number;
  };
  readonly scheduling: {
    /** CPU used / GOMAXPROCS from which all Ps count as busy. */
    readonly saturatedRatio: number;
    /** 99th percentile of the time a goroutine waits for a P from which it is worth a word. */
    readonly latencySeconds: number;
    /** Share of time some task waited for CPU from which neighbours on the node explain it. */
    readonly waitedRatio: number;
    /** Waits for a P in the window from which their 99th percentile is believed. */
    readonly minObservations: number;
  };
  readonly gcThrottling: {
    /** Share of the program's CPU time spent collecting from which collections may be what uses up the quota. */
    readonly minGcCpuRatio: number;
    /** 99th percentile of stop-the-world pauses from which they count as long. */
    readonly pauseSeconds: number;
    /** Windows with a collection, and as many without, that a comparison needs. */
    readonly minWindows: number;
  };
  readonly capacity: {
    /** Use of a hard limit (tasks, open files) from which it is a warning, and critical. */
    readonly warningRatio: number;
    readonly criticalRatio: number;
  };
  readonly threads: {
    /** Fewer threads than this are never worth a word. */
    readonly warningCount: number;
    /** Threads for each P from which there are far more than it takes to run goroutines. */
    readonly perProcessor: number;
  };
  readonly blocking: {
    /** Mean wait at the stacks that make up the worst hundredth of all waiting. */
    readonly delaySeconds: number;
    /** Fewer recorded waits than this say nothing. */
    readonly minEvents: number;
  };
  readonly io: {
    /** Share of time some task waited for a device. */
    readonly waitedRatio: number;
    /** Share of a device's bytes from which a container counts as a competitor. */
    readonly competitorRatio: number;
  };
  readonly restarts: {
    readonly count: number;
    readonly windowSeconds: number;
  };
  readonly clock: {
    /** Jump of the wall clock against the monotonic clock between two looks. */
    readonly stepSeconds: number;
  };
}

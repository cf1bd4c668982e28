import type { Known } from '../base/known.ts';
import type { GcWork } from './gc-work.ts';

/** Goroutines that are at one place. */
export interface GoroutineSiteModel {
  readonly count: number;
  /** From a profile: the first frame of the program's own code. From memory: the function they run. */
  readonly site: string;
  /** Where they were started. */
  readonly createdBy: string | undefined;
  /** What they wait for, in the runtime's words. */
  readonly cause: string | undefined;
  /** Longest known wait; a lower bound. */
  readonly waitSeconds: number | undefined;
  /** Goroutines more than when the site was first counted, or some hours ago; undefined on the first count. */
  readonly growth: number | undefined;
  /** Over how long. */
  readonly growthSeconds: number | undefined;
  readonly from: 'endpoint' | 'memory';
  readonly ageSeconds: number;
}

/** Waiting that a block or mutex profile recorded between two readings. */
export interface ContentionModel {
  readonly windowSeconds: number;
  readonly events: number;
  /** Summed over goroutines, so it may exceed the window. */
  readonly delaySeconds: number;
  /** Mean delay of the stack at which 99 % of the whole delay is reached, stacks in order of their means. No percentile of delays. */
  readonly delayWeightedP99OfMeansSeconds: number | undefined;
  /** Largest delay first. */
  readonly sites: readonly {
    readonly site: string;
    readonly events: number;
    readonly delaySeconds: number;
    readonly meanDelaySeconds: number;
  }[];
  readonly ageSeconds: number;
}

/** The runtime's own figures, each with its source and age in the detail. */
export interface GoRuntimeModel {
  readonly goroutines: Known<number> | undefined;
  readonly threads: Known<number> | undefined;
  /** Heap size at which the next collection must be done; off when GOGC is off and there is no memory limit. */
  readonly heapGoalBytes: Known<number | 'off'> | undefined;
  /** Which rule of the pacer sets the goal. Undefined: only the runtime's memory tells. */
  readonly goalSetBy: 'GOGC' | 'GOMEMLIMIT' | 'minimum heap' | undefined;
  /** Heap size at which the next collection starts. */
  readonly heapTriggerBytes: Known<number> | undefined;
  /** Heap marked live by the last collection. */
  readonly heapLiveBytes: Known<number> | undefined;
  readonly heapAllocBytes: Known<number> | undefined;
  readonly heapInuseBytes: Known<number> | undefined;
  readonly heapIdleBytes: Known<number> | undefined;
  readonly heapReleasedBytes: Known<number> | undefined;
  readonly stackInuseBytes: Known<number> | undefined;
  /** The runtime's own bookkeeping: mspan, mcache, profiling buckets, GC and other system memory. */
  readonly metadataBytes: Known<number> | undefined;
  /** Sys - HeapReleased: what GOMEMLIMIT governs. */
  readonly managedBytes: Known<number> | undefined;
  /** Sys - HeapSys: stacks and runtime metadata, the part of managed memory that is no heap. */
  readonly nonHeapBytes: Known<number> | undefined;
  readonly gcCycles: Known<number> | undefined;
  readonly forcedGcCycles: Known<number> | undefined;
  readonly gcPauseSecondsTotal: Known<number> | undefined;
  readonly lastGcUnixMs: Known<number> | undefined;
  /** The collection during which the GC CPU limiter was last on; 0: never. */
  readonly gcLimiterLastCycle: Known<number> | undefined;
  /** Ps without work. */
  readonly idleProcessors: Known<number> | undefined;
  /** Goroutines that wait for a P. */
  readonly runnableGoroutines: Known<number> | undefined;
  /** What follows is over a window of one or two minutes, or since the sample before. The window of each is in its detail. */
  /** Share of the program's CPU time that went into collecting. */
  readonly gcCpuRatio: Known<number> | undefined;
  /** 99th percentile of the time a collection stopped the world. */
  readonly gcPauseP99Seconds: Known<number> | undefined;
  /** 99th percentile of the time goroutines were ready to run before they ran. */
  readonly schedulerLatencyP99Seconds: Known<number> | undefined;
  /**
   * What that rests on: how many waits were recorded (the runtime records one in eight), and whether their buckets are too wide to tell
   * more than that it is not below the value and not above `upToSeconds`.
   */
  readonly schedulerLatencyWindow:
    | { readonly observations: number; readonly upToSeconds: number | 'unbounded' | undefined }
    | undefined;
  /** The GC CPU limiter was on during the window. */
  readonly gcLimiterActive: Known<boolean> | undefined;
  /** What collecting cost and what was allocated. Undefined also where the source does not tell the CPU time by class (before Go 1.20). */
  readonly gcWork: Known<GcWork> | undefined;
  /** Age of the oldest endpoint value used, seconds. */
  readonly ageSeconds: number | undefined;
  /** Largest groups of goroutines. */
  readonly goroutineSites: readonly GoroutineSiteModel[] | undefined;
  /** Goroutines that can never run on, as the last goroutineleak profile found; only where such profiles are switched on. */
  readonly leakedGoroutines: Known<number> | undefined;
  /** Where those are, most first. */
  readonly leakedSites:
    | readonly { readonly site: string; readonly count: number; readonly cause: string }[]
    | undefined;
  /** Undefined: the program does not record it, or it was read only once. */
  readonly blocking: ContentionModel | undefined;
  readonly mutexContention: ContentionModel | undefined;
}

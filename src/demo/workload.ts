/** One mebibyte. */
export const MIB = 1024 * 1024;

/** Where a workload runs. */
export type Place =
  | {
      readonly kind: 'pod';
      readonly namespace: string;
      readonly pod: string;
      readonly qos: 'Guaranteed' | 'Burstable' | 'BestEffort';
      /** False: no log directory and no kubelet mount, so its names cannot be learnt. */
      readonly named: boolean;
    }
  | { readonly kind: 'unit'; readonly path: string };

/** The Go side of a workload. */
export interface GoProgram {
  /** As `runtime.Version()` says it. */
  readonly version: string;
  readonly module: string;
  /** The DefaultGODEBUG build setting. */
  readonly defaultGodebug?: string;
  /** What the runtime ended up with on a node with 16 CPUs. */
  readonly gomaxprocs: number;
  readonly gogc: number | 'off';
  /** Bytes. */
  readonly gomemlimit: number | 'off';
  /** Heap marked live after a collection, bytes; for a growing heap, at the start of the process. */
  readonly liveBytes: number;
  /** Bytes allocated a second. */
  readonly allocationRate: number;
  /** `all`: nothing that was allocated is ever freed. */
  readonly retains: 'nothing' | 'all';
  readonly goroutines: number;
  /** Milliseconds of a typical collection's pauses. */
  readonly pauseMs: number;
  /** What it serves over HTTP; nothing for an empty object. */
  readonly serves: {
    readonly pprof?: true;
    readonly expvar?: true;
    /** client_golang release: from 1.20 on it exports GOGC, GOMEMLIMIT and GOMAXPROCS. */
    readonly metrics?: '1.14' | '1.20';
    /** The live heap and `/cpu/classes` as well: client_golang has them when a program asks (collectors.WithGoCollectorRuntimeMetrics). */
    readonly runtimeMetrics?: true;
  };
}

/** One simulated program: invented numbers, real formats. */
export interface Workload {
  /** Container or unit name. */
  readonly name: string;
  readonly place: Place;
  /** What the agent should say about it, by rule; empty for a healthy one. */
  readonly expects: readonly string[];
  /** One sentence for a person. */
  readonly story: string;
  /** Seconds its pod has existed when the simulation starts. */
  readonly podAgeSeconds: number;
  readonly cpu: {
    readonly requestMilli: number;
    /** cpu.max of the container itself, cores. */
    readonly limitCores?: number;
    /** cpu.max of the pod, cores. */
    readonly podLimitCores?: number;
    readonly meanCores: number;
    /** Share of the periods in which the quota ran out, 0..1. */
    readonly throttledRatio: number;
  };
  readonly memory: {
    readonly limitBytes?: number;
    /** Anonymous memory that no Go runtime manages. */
    readonly otherAnonBytes: number;
    readonly fileBytes: number;
  };
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly threads: number;
  readonly go?: GoProgram;
}

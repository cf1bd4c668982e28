/** One sample of runtime/metrics. Of a uint64 the value is decimal digits, of a float64 a number or the name of what JSON lacks. */
export type TargetMetric =
  | { readonly kind: 'uint64'; readonly value: string }
  | { readonly kind: 'float64'; readonly value: number | 'Infinity' | '-Infinity' | 'NaN' }
  | {
      readonly kind: 'histogram';
      readonly counts: readonly string[];
      /** One more than there are counts. */
      readonly buckets: readonly (number | 'Infinity' | '-Infinity')[];
    }
  | { readonly kind: 'bad' };

type Amounts =
  | 'Alloc'
  | 'TotalAlloc'
  | 'Sys'
  | 'Lookups'
  | 'Mallocs'
  | 'Frees'
  | 'HeapAlloc'
  | 'HeapSys'
  | 'HeapIdle'
  | 'HeapInuse'
  | 'HeapReleased'
  | 'HeapObjects'
  | 'StackInuse'
  | 'StackSys'
  | 'MSpanInuse'
  | 'MSpanSys'
  | 'MCacheInuse'
  | 'MCacheSys'
  | 'BuckHashSys'
  | 'GCSys'
  | 'OtherSys'
  | 'NextGC'
  | 'LastGC'
  | 'PauseTotalNs';

/** runtime.MemStats; decimal digits where a number could be too large for JSON. */
export type TargetMemStats = Readonly<Record<Amounts, string>> & {
  /** Rings of 256: the newest at [(NumGC + 255) % 256]. */
  readonly PauseNs: readonly string[];
  readonly PauseEnd: readonly string[];
  readonly NumGC: number;
  readonly NumForcedGC: number;
  readonly GCCPUFraction: number;
  readonly EnableGC: boolean;
  readonly BySize: readonly { readonly Size: number; readonly Mallocs: string; readonly Frees: string }[];
};

/** What a target knows of itself at one moment (report/state.go). */
export interface TargetState {
  /** `go1.27.4`. */
  readonly version: string;
  readonly pid: number;
  readonly cgo: boolean;
  readonly atUnixNano: string;
  readonly numGoroutine: number;
  readonly gomaxprocs: number;
  readonly numCpu: number;
  /** -1: off. */
  readonly gogc: number;
  /** Decimal digits; undefined to Go 1.18. */
  readonly gomemlimit?: string;
  readonly memStats: TargetMemStats;
  /** By name: `/gc/heap/goal:bytes`. */
  readonly metrics: Readonly<Record<string, TargetMetric | undefined>>;
}

interface Allocated {
  readonly inUseObjects: number;
  readonly inUseBytes: number;
  readonly allocObjects: number;
  readonly allocBytes: number;
}

/** The memory profile as runtime.MemProfile gives it, sites without live objects included: sampled, not scaled (report/heap.go). */
export interface HeapState extends Allocated {
  readonly rate: number;
  readonly sites: readonly (Allocated & {
    /** Innermost first. */
    readonly stack: readonly { readonly function: string; readonly file: string; readonly line: number }[];
  })[];
}

/** One look at a process. */
export interface GrowthSample {
  /** Seconds of a clock that is not set. A sample older than the last one is left out. */
  readonly atSeconds: number;
  /** How many goroutines there are. */
  readonly goroutines: number;
  /** What the memory limit is compared with, best without page cache that can be reclaimed; undefined when not read. */
  readonly memoryCurrentBytes?: number;
  /** The smallest memory limit around the process; undefined when there is none or it was not read. */
  readonly memoryLimitBytes?: number;
  /** Memory of all goroutine stacks (MemStats.StackInuse); undefined when not read. */
  readonly stackInuseBytes?: number;
  /** Age of the process. Undefined: the first sample counts as its start. */
  readonly uptimeSeconds?: number;
}

/** Equal steps of time, each with the lowest count in it. */
export interface GrowthLevel {
  /** Number of the open bucket: seconds / width, rounded down. */
  readonly bucket: number;
  /** Lowest count in the open bucket so far; null while it has none. */
  readonly openTrough: number | null;
  /** Lowest memory in the open bucket so far, KiB; null when not read. */
  readonly openMemoryKib: number | null;
  /** Lowest count of each closed bucket, oldest first; null for a bucket without a sample. */
  readonly troughs: readonly (number | null)[];
  /** Lowest memory of each closed bucket, KiB. */
  readonly memoryKib: readonly (number | null)[];
}

/** Everything remembered of one process. Plain data of bounded size, never changed in place. */
export interface GrowthState {
  readonly firstAtSeconds: number;
  /** When the process started; undefined when no sample had an uptime. */
  readonly startedAtSeconds: number | undefined;
  readonly samples: number;
  readonly last: GrowthSample;
  /** From fine to coarse. */
  readonly levels: readonly GrowthLevel[];
}

export type GrowthSeverity = 'info' | 'warning' | 'critical';

/** What a verdict rests on. */
export interface GrowthEvidence {
  /** `window`: troughs rise through one stretch of time. `daily`: each hour is above the same hour of the day before. */
  readonly test: 'window' | 'daily';
  /** Length of the stretch that was judged. */
  readonly windowSeconds: number;
  /** Length that was enough, by the time left to the memory limit. */
  readonly neededSeconds: number;
  /** `window`: Kendall's tau of the troughs. `daily`: share of the hours that are above. From 0 to 1. */
  readonly agreement: number;
  /** Lowest count in the first part of the stretch. */
  readonly fromGoroutines: number;
  /** Lowest count in its last part. */
  readonly toGoroutines: number;
}

/** What is said of a process at the time of its last sample. */
export type GrowthVerdict =
  | {
      readonly kind: 'growing';
      /** Goroutines added in an hour (Theil-Sen slope of the troughs). */
      readonly perHour: number;
      /** Unix seconds: from here on the growth is seen. */
      readonly sinceSeconds: number;
      readonly evidence: GrowthEvidence;
      /** Goroutines added since then, by the slope. */
      readonly goroutinesAdded: number;
      /** Memory for one more goroutine, stack and heap; undefined when neither memory nor stacks were read. */
      readonly bytesPerGoroutine?: number;
      /** From the last sample until the memory limit is reached at this rate; undefined without a limit or cost. */
      readonly secondsToLimit?: number;
      readonly severity: GrowthSeverity;
      /** For a person. */
      readonly reason: string;
    }
  | { readonly kind: 'steady' | 'too early'; readonly reason: string };

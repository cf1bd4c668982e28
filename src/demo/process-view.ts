import type { RuntimeStats } from './runtime-stats.ts';
import type { GoProgram, Workload } from './workload.ts';

/** What a simulated Go process can say about itself at one moment. */
export interface ProcessView {
  readonly workload: Workload;
  readonly program: GoProgram;
  readonly stats: RuntimeStats;
  readonly goroutines: number;
  /** Unix milliseconds at which the process started and its last collection ended. */
  readonly startedAtMs: number;
  readonly lastGcMs: number | undefined;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly openFiles: number;
}

/** End of the collection with this number, Unix nanoseconds; the exact times of older ones do not matter. */
export function pauseEndNs(view: ProcessView, collection: number): bigint {
  const sinceLast = view.stats.heap.collections - 1 - collection;
  const last = view.lastGcMs ?? view.startedAtMs;
  return BigInt(Math.round(Math.max(view.startedAtMs, last - sinceLast * 2000))) * 1_000_000n;
}

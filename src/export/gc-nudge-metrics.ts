import type { CounterFamily, MetricFamilies } from './metric-families.ts';

/** Collections that Go programs were asked for. Not by program: what was done to which is in the log. */
export class GcNudgeMetrics {
  readonly #requested: CounterFamily;
  readonly #skipped: CounterFamily<'reason'>;
  readonly #failed: CounterFamily<'reason'>;
  readonly #measured: CounterFamily;
  readonly #heapFreed: CounterFamily;
  readonly #memoryReturned: CounterFamily;

  constructor(families: MetricFamilies) {
    this.#requested = families.counter(
      'cgopher_gc_nudges_requested_total',
      'Collections that Go programs were asked for.',
    );
    this.#skipped = families.counter(
      'cgopher_gc_nudges_skipped_total',
      'Looks at a selected program near its memory limit that ended without asking it.',
      ['reason'],
    );
    this.#failed = families.counter(
      'cgopher_gc_nudges_failed_total',
      'Requests without an answer, and such that no collection followed.',
      ['reason'],
    );
    this.#measured = families.counter(
      'cgopher_gc_nudges_measured_total',
      'Collections asked for whose effect is in the two counters of bytes.',
    );
    this.#heapFreed = families.counter(
      'cgopher_gc_nudge_heap_freed_bytes_total',
      'Heap allocated before a collection that was asked for, less the live heap it found.',
    );
    this.#memoryReturned = families.counter(
      'cgopher_gc_nudge_memory_returned_bytes_total',
      'By how much memory.current was lower some seconds after such a collection. Other causes are in it.',
    );
  }

  begin(skipReasons: readonly string[], failureReasons: readonly string[]): void {
    for (const reason of skipReasons) this.#skipped.inc({ reason }, 0);
    for (const reason of failureReasons) this.#failed.inc({ reason }, 0);
  }

  requested(): void {
    this.#requested.inc();
  }

  skipped(reason: string): void {
    this.#skipped.inc({ reason });
  }

  failed(reason: string): void {
    this.#failed.inc({ reason });
  }

  measured(heapFreedBytes: number, memoryReturnedBytes: number): void {
    this.#measured.inc();
    this.#heapFreed.inc(heapFreedBytes);
    this.#memoryReturned.inc(memoryReturnedBytes);
  }
}

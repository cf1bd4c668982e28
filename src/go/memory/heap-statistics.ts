import type { Layout } from './layout.ts';
import { int64 } from './words.ts';

/** Bytes by use, as MemStats forms them from the runtime's consistentHeapStats. */
export interface HeapStatistics {
  readonly inHeap: number;
  readonly released: number;
  readonly inStacks: number;
  /** Work buffers of the collector, and up to Go 1.24 pointer bitmaps: the part of GCSys that is not `gcMiscSys`. */
  readonly inGcBuffers: number;
}

/**
 * Adds up the three deltas of `memstats.heapStats`: only their sum means anything, since the runtime moves counts from one to the next.
 * Undefined when a sum is negative or not exact, which happens for a moment while the runtime moves them.
 * Source: runtime/mstats.go consistentHeapStats.unsafeRead, Go 1.17 to 1.27.
 */
export function heapStatistics(memstats: Buffer, layout: Layout): HeapStatistics | undefined {
  const delta = layout.offsets.heapStatsDelta;
  const inHeap = sum(memstats, layout, delta.inHeap[0]);
  const released = sum(memstats, layout, delta.released[0]);
  const inStacks = sum(memstats, layout, delta.inStacks[0]);
  const inWorkBufs = sum(memstats, layout, delta.inWorkBufs[0]);
  const bitmaps = delta.inPtrScalarBits === undefined ? 0 : sum(memstats, layout, delta.inPtrScalarBits[0]);
  if (inHeap === undefined || released === undefined || inStacks === undefined) return undefined;
  if (inWorkBufs === undefined || bitmaps === undefined) return undefined;
  return { inHeap, released, inStacks, inGcBuffers: inWorkBufs + bitmaps };
}

function sum(memstats: Buffer, layout: Layout, field: number): number | undefined {
  const [start, size, count] = layout.offsets.memstats['heapStats.stats'];
  let total = 0;
  for (let index = 0; index < count; index++) {
    const part = int64(memstats, start + index * size + field);
    if (part === undefined) return undefined;
    total += part;
  }
  return Number.isSafeInteger(total) && total >= 0 ? total : undefined;
}

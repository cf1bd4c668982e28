import type { HeapState } from './heap-model.ts';
import { type GoProgram, MIB } from './workload.ts';

/** What runtime.ReadMemStats would say, bytes; the parts add up to `sys` as in Go. */
export interface RuntimeStats {
  readonly heap: HeapState;
  readonly heapSys: number;
  readonly heapIdle: number;
  readonly heapInuse: number;
  readonly heapReleased: number;
  readonly heapObjects: number;
  readonly mallocs: number;
  readonly stackInuse: number;
  readonly mspanInuse: number;
  readonly mspanSys: number;
  readonly mcacheInuse: number;
  readonly mcacheSys: number;
  readonly buckHashSys: number;
  readonly gcSys: number;
  readonly otherSys: number;
  readonly sys: number;
  /** sys - heapReleased: what GOMEMLIMIT governs and what the process really holds. */
  readonly managed: number;
  readonly pauseTotalNs: number;
}

const OBJECT_BYTES = 160;
const pages = (bytes: number) => Math.round(bytes / 8192) * 8192;

/**
 * The figures behind one heap. `slack` (0..1) is how far the scavenger has come in giving memory above the peak back.
 */
export function runtimeStats(program: GoProgram, heap: HeapState, slack: number): RuntimeStats {
  const heapSys = Math.ceil((heap.peak * 1.08) / (4 * MIB)) * 4 * MIB;
  const heapInuse = pages(heap.allocated * 1.02);
  const held = Math.max(heapInuse, pages(heap.peak * 1.02 * (1 - 0.01 * slack)));
  const heapReleased = heapSys - held;
  const stackInuse = 512 * 1024 + program.goroutines * 4096;
  const mspanSys = pages(heapSys * 0.008);
  const mcacheSys = 1200 * 16;
  const buckHashSys = 1_455_233;
  const gcSys = 2 * MIB + pages(heapSys * 0.012);
  const otherSys = 1_203_417;
  const sys = heapSys + stackInuse + mspanSys + mcacheSys + buckHashSys + gcSys + otherSys;
  return {
    heap,
    heapSys,
    heapIdle: heapSys - heapInuse,
    heapInuse,
    heapReleased,
    heapObjects: Math.floor(heap.allocated / OBJECT_BYTES),
    mallocs: Math.floor(heap.totalAllocated / OBJECT_BYTES),
    stackInuse,
    mspanInuse: pages(heapInuse * 0.0075),
    mspanSys,
    mcacheInuse: 1200 * program.gomaxprocs,
    mcacheSys,
    buckHashSys,
    gcSys,
    otherSys,
    sys,
    managed: sys - heapReleased,
    pauseTotalNs: pauseTotalNs(program, heap.collections),
  };
}

/** Pauses of the collection with this number (from 0), nanoseconds: five lengths in turn around the typical one. */
export function pauseNs(program: GoProgram, collection: number): number {
  return Math.round(program.pauseMs * 1e6 * (0.6 + 0.2 * (collection % 5)));
}

function pauseTotalNs(program: GoProgram, collections: number): number {
  let total = Math.floor(collections / 5) * 5 * program.pauseMs * 1e6;
  for (let index = collections - (collections % 5); index < collections; index += 1) total += pauseNs(program, index);
  return Math.round(total);
}

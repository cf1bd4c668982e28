import { gogcOf, gomemlimitOf } from './gc-settings.ts';
import type { HeapStatistics } from './heap-statistics.ts';
import type { Layout } from './layout.ts';
import { heapGoal, type PacerState } from './pacer.ts';
import type { RuntimeSnapshot } from './types.ts';
import { counter, uint64, uint64OrInfinity } from './words.ts';

/** The fields of a snapshot that say how large the heap is and may become. */
export type HeapState = Pick<
  RuntimeSnapshot,
  | 'gogc'
  | 'gomemlimit'
  | 'heapLive'
  | 'heapMarked'
  | 'heapGoal'
  | 'heapTrigger'
  | 'goalSetBy'
  | 'stackScan'
  | 'globalsScan'
  | 'heapInUse'
  | 'heapFree'
  | 'heapReleased'
  | 'mappedReady'
  | 'totalAlloc'
  | 'totalFree'
>;

/** Settings, goal and sizes from copies of `gcController` and `memstats`. Source: runtime/mgcpacer.go, runtime/mstats.go, Go 1.17 to 1.27. */
export function heapState(
  gcController: Buffer,
  memstats: Buffer,
  statistics: HeapStatistics | undefined,
  layout: Layout,
): HeapState {
  const c = layout.offsets.gcController;
  const optional = (field: readonly [number, number] | undefined): number | undefined =>
    field === undefined ? undefined : uint64(gcController, field[0]);
  const total = (field: readonly [number, number] | undefined): number | undefined =>
    field === undefined ? undefined : counter(gcController, field[0]);
  const heapMarked = optional(c.heapMarked);
  return {
    gogc: gogcOf(gcController, layout),
    gomemlimit: gomemlimitOf(gcController, layout),
    heapLive: optional(c.heapLive),
    heapMarked,
    ...goalOf(gcController, layout),
    stackScan: optional(c.lastStackScan),
    globalsScan: optional(c.globalsScan),
    ...sizesOf(gcController, memstats, statistics, layout),
    totalAlloc: total(c.totalAlloc),
    totalFree: total(c.totalFree),
  };
}

function goalOf(gcController: Buffer, layout: Layout): Pick<HeapState, 'heapGoal' | 'heapTrigger' | 'goalSetBy'> {
  const c = layout.offsets.gcController;
  if (c.heapGoal !== undefined && c.trigger !== undefined) {
    const goal = uint64OrInfinity(gcController, c.heapGoal[0]);
    if (goal === Number.POSITIVE_INFINITY) return { heapGoal: 'off', heapTrigger: undefined, goalSetBy: undefined };
    const heapTrigger = uint64(gcController, c.trigger[0]);
    const isMinimum = goal <= uint64OrInfinity(gcController, c.heapMinimum[0]);
    return { heapGoal: goal, heapTrigger, goalSetBy: isMinimum ? 'minimum heap' : 'GOGC' };
  }
  const state = pacerState(gcController, layout);
  if (state === undefined) return { heapGoal: undefined, heapTrigger: undefined, goalSetBy: undefined };
  const { goal, trigger, setBy } = heapGoal(state, layout.minor);
  if (goal === Number.POSITIVE_INFINITY) return { heapGoal: 'off', heapTrigger: undefined, goalSetBy: undefined };
  return { heapGoal: goal, heapTrigger: trigger, goalSetBy: setBy };
}

/** What the pacer of 1.19 and later works with. Undefined for earlier layouts. */
function pacerState(gcController: Buffer, layout: Layout): PacerState | undefined {
  const c = layout.offsets.gcController;
  const { gcPercentHeapGoal, memoryLimit, sweepDistMinTrigger, triggered, runway } = c;
  const { heapFree, totalAlloc, totalFree, mappedReady } = c;
  if (gcPercentHeapGoal === undefined || memoryLimit === undefined || sweepDistMinTrigger === undefined)
    return undefined;
  if (triggered === undefined || runway === undefined || heapFree === undefined) return undefined;
  if (totalAlloc === undefined || totalFree === undefined || mappedReady === undefined) return undefined;
  return {
    gcPercentHeapGoal: uint64OrInfinity(gcController, gcPercentHeapGoal[0]),
    heapMinimum: uint64OrInfinity(gcController, c.heapMinimum[0]),
    heapMarked: uint64OrInfinity(gcController, c.heapMarked[0]),
    memoryLimit: uint64OrInfinity(gcController, memoryLimit[0]),
    sweepDistMinTrigger: uint64OrInfinity(gcController, sweepDistMinTrigger[0]),
    triggered: uint64OrInfinity(gcController, triggered[0]),
    runway: uint64OrInfinity(gcController, runway[0]),
    heapFree: counter(gcController, heapFree[0]),
    totalAlloc: counter(gcController, totalAlloc[0]),
    totalFree: counter(gcController, totalFree[0]),
    mappedReady: counter(gcController, mappedReady[0]),
  };
}

function sizesOf(
  gcController: Buffer,
  memstats: Buffer,
  statistics: HeapStatistics | undefined,
  layout: Layout,
): Pick<HeapState, 'heapInUse' | 'heapFree' | 'heapReleased' | 'mappedReady'> {
  const { heapInUse, heapFree, heapReleased, mappedReady } = layout.offsets.gcController;
  if (heapInUse !== undefined && heapFree !== undefined && heapReleased !== undefined && mappedReady !== undefined) {
    return {
      heapInUse: uint64(gcController, heapInUse[0]),
      heapFree: uint64(gcController, heapFree[0]),
      heapReleased: uint64(gcController, heapReleased[0]),
      mappedReady: uint64(gcController, mappedReady[0]),
    };
  }
  const m = layout.offsets.memstats;
  const none = { heapInUse: undefined, heapFree: undefined, heapReleased: undefined, mappedReady: undefined };
  if (m.heap_sys === undefined || m.heap_inuse === undefined || m.heap_released === undefined) return none;
  const sys = uint64(memstats, m.heap_sys[0]);
  const inUse = uint64(memstats, m.heap_inuse[0]);
  const released = uint64(memstats, m.heap_released[0]);
  const other = nonHeapSys(memstats, layout);
  if (sys === undefined || inUse === undefined || released === undefined) return none;
  const free = sys - inUse - released;
  return {
    heapInUse: inUse,
    // Read word by word while they change, they need not add up for a moment.
    heapFree: free < 0 ? undefined : free,
    heapReleased: released,
    mappedReady:
      other === undefined || statistics === undefined || sys < released
        ? undefined
        : sys - released + other + statistics.inStacks + statistics.inGcBuffers,
  };
}

/** Memory from the system that is neither heap nor stacks of goroutines nor buffers of the collector. */
export function nonHeapSys(memstats: Buffer, layout: Layout): number | undefined {
  const m = layout.offsets.memstats;
  let total = 0;
  for (const field of [m.stacks_sys, m.mspan_sys, m.mcache_sys, m.buckhash_sys, m.gcMiscSys, m.other_sys]) {
    const part = uint64(memstats, field[0]);
    if (part === undefined) return undefined;
    total += part;
  }
  return total;
}

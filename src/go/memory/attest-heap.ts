import type { RuntimeBlocks } from './blocks.ts';
import { heapMinimumHolds } from './gc-settings.ts';
import { heapState, nonHeapSys } from './heap-state.ts';
import { heapStatistics } from './heap-statistics.ts';
import { uint64 } from './words.ts';

/** Undefined: the identity holds. A text: it does not, and how. `not applicable`: this version or process has no such thing. */
export type Verdict = string | undefined;

/** What the outcome is called when there is nothing to check. */
export const NOT_APPLICABLE = 'not applicable';

/**
 * Values of a running program differ by this much at most. A thread may lose its CPU for long between counting a piece of memory in one
 * place and in the other; what is given back to the system goes in pieces of up to 4 MiB.
 */
const RACE_SHARE = 0.05;
const RACE_BYTES = 4 * 1024 * 1024;
/** What is mapped and given back comes in pages, what becomes heap in the runtime's own pages. */
const PAGE = 4096;
const HEAP_PAGE = 8192;
const MIB = 1024 * 1024;

/**
 * The goal of GOGC follows from what was marked, exactly from 1.19 (`gcPercentHeapGoal`, runtime/mgcpacer.go commit), and the minimum
 * heap from GOGC. To 1.18 a running collection may raise the goal to the live heap and a bit, and 1.18 counts stacks that the
 * table does not have, so there the goal has a lower and an upper bound.
 */
export function pacerEquation(blocks: RuntimeBlocks): Verdict {
  const { gcController, layout } = blocks;
  const c = layout.offsets.gcController;
  if (!heapMinimumHolds(gcController, layout)) return 'heapMinimum is not 4 MiB x GOGC / 100';
  const percent = gcController.readInt32LE(c.gcPercent[0]);
  const marked = gcController.readBigUInt64LE(c.heapMarked[0]);
  const word = (field: readonly [number, number] | undefined): bigint =>
    field === undefined ? 0n : gcController.readBigUInt64LE(field[0]);
  const none = 2n ** 64n - 1n;
  const scanned = marked + word(c.lastStackScan) + word(c.globalsScan);
  const formula =
    percent < 0 ? none : BigInt.asUintN(64, marked + BigInt.asUintN(64, scanned * BigInt(percent)) / 100n);
  if (c.gcPercentHeapGoal !== undefined) {
    const minimum = word(c.heapMinimum);
    const expected = formula > minimum ? formula : minimum;
    const goal = word(c.gcPercentHeapGoal);
    return goal === expected ? undefined : `gcPercentHeapGoal is ${goal}, the marked heap makes it ${expected}`;
  }
  const goal = word(c.heapGoal);
  if (percent < 0) return goal === none ? undefined : `heapGoal is ${goal} with GOGC=off`;
  return storedGoal(blocks, goal, formula, percent);
}

/** The goal of 1.17 and 1.18, which a running collection may raise to the live heap and a bit. 1.18 also counts stacks then. */
function storedGoal(blocks: RuntimeBlocks, goal: bigint, formula: bigint, percent: number): Verdict {
  const { gcController, memstats, layout } = blocks;
  const c = layout.offsets.gcController;
  const trigger = c.trigger === undefined ? 0n : gcController.readBigUInt64LE(c.trigger[0]);
  const least = formula > trigger ? formula : trigger;
  const raised = gcController.readBigUInt64LE(c.heapLive[0]) + BigInt(MIB);
  // The table does not have the stacks as they were counted; they may have shrunk to half since.
  const stacks = c.globalsScan === undefined ? 0 : 2 * (heapStatistics(memstats, layout)?.inStacks ?? 0) + MIB;
  const stacked = formula + (BigInt(stacks) * BigInt(percent)) / 100n;
  const most = [least, raised, stacked].reduce((one, other) => (one > other ? one : other));
  return goal >= least && goal <= most ? undefined : `heapGoal is ${goal}, not between ${least} and ${most}`;
}

/** The newest pause ended when the last collection did, and 256 or fewer pauses add up to their total. runtime/mgc.go gcMarkTermination. */
export function pauseRing(blocks: RuntimeBlocks): Verdict {
  const { memstats, layout } = blocks;
  const m = layout.offsets.memstats;
  const numGc = memstats.readUInt32LE(m.numgc[0]);
  const forced = memstats.readUInt32LE(m.numforcedgc[0]);
  const last = memstats.readBigUInt64LE(m.last_gc_unix[0]);
  const total = memstats.readBigUInt64LE(m.pause_total_ns[0]);
  const [ends, , size] = m.pause_end;
  if (forced > numGc) return `${forced} forced collections of ${numGc}`;
  if (numGc === 0) return last === 0n && total === 0n ? NOT_APPLICABLE : 'pauses before the first collection';
  if (memstats.readBigUInt64LE(ends + ((numGc + size - 1) % size) * 8) !== last) {
    return 'the newest pause did not end with the last collection';
  }
  let sum = 0n;
  for (let index = 0; index < m.pause_ns[2]; index++) sum += memstats.readBigUInt64LE(m.pause_ns[0] + index * 8);
  const adds = numGc <= size ? sum === total : sum <= total;
  return adds && sum > 0n ? undefined : `pauses add up to ${sum} of ${total} ns`;
}

/**
 * Memory mapped and not given back is heap, stacks, buffers and the rest, and the two ways the heap is counted agree. Nearly always
 * they do to the byte; where something is under way they differ by whole pages, which sums of the wrong fields hardly do.
 */
export function mappedMemory(blocks: RuntimeBlocks): Verdict {
  const { gcController, memstats, layout } = blocks;
  const statistics = heapStatistics(memstats, layout);
  if (statistics === undefined) return 'the heap statistics do not add up';
  const heap = heapState(gcController, memstats, statistics, layout);
  const { heapInUse, heapFree, heapReleased, mappedReady } = heap;
  const other = nonHeapSys(memstats, layout);
  if (heapInUse === undefined || heapFree === undefined || heapReleased === undefined) return 'heap sizes are no sizes';
  if (mappedReady === undefined || other === undefined) return 'memory from the system is no size';
  const sum = heapInUse + heapFree + other + statistics.inStacks + statistics.inGcBuffers;
  // A runtime that runs has stacks and tables of its own, of each of these kinds.
  const { mspan_sys: spans, mcache_sys: caches, gcMiscSys: tables, other_sys: rest } = layout.offsets.memstats;
  for (const field of [spans, caches, tables, rest]) {
    if (uint64(memstats, field[0]) === 0) return 'a runtime without memory for spans, caches or tables';
  }
  if (statistics.inStacks === 0) return 'a runtime without stacks';
  if (!agree(mappedReady, sum, PAGE)) return `mappedReady is ${mappedReady}, its parts make ${sum}`;
  if (heapInUse === 0 || statistics.inHeap === 0 || !agree(heapInUse, statistics.inHeap, HEAP_PAGE))
    return `heap in use is ${heapInUse}, by P ${statistics.inHeap}`;
  if (!agree(heapReleased, statistics.released, PAGE))
    return `released is ${heapReleased}, by P ${statistics.released}`;
  const c = layout.offsets.gcController;
  const live = uint64(gcController, c.heapLive[0]);
  const most = heapInUse * (1 + RACE_SHARE) + RACE_BYTES;
  if (live === undefined || live > most) return `live heap ${live ?? 'too large'} of ${heapInUse} in use`;
  return undefined;
}

/** The two ways the heap is counted differ by whole pages, if at all: the cheap part of {@link mappedMemory}, for every poll. */
export function heapCountsAgree(blocks: RuntimeBlocks): boolean {
  const { gcController, memstats, layout } = blocks;
  const statistics = heapStatistics(memstats, layout);
  const field = layout.offsets.gcController.heapInUse;
  const older = layout.offsets.memstats.heap_inuse;
  const inUse =
    field !== undefined ? uint64(gcController, field[0]) : older === undefined ? undefined : uint64(memstats, older[0]);
  return statistics !== undefined && inUse !== undefined && (inUse - statistics.inHeap) % HEAP_PAGE === 0;
}

/** Collection time is the sum of its kinds, and all time the sum of all, to the nanosecond. runtime/mstats.go cpuStats.accumulate. */
export function cpuSums(blocks: RuntimeBlocks): Verdict {
  const fields = blocks.layout.offsets.cpuStats;
  const { cpuStats } = blocks;
  if (fields === undefined || cpuStats === undefined) return NOT_APPLICABLE;
  const time = (field: readonly [number, number]): bigint => cpuStats.readBigInt64LE(field[0]);
  const total = time(fields.TotalTime);
  const gc = time(fields.GCTotalTime);
  const scavenge = time(fields.ScavengeTotalTime);
  if (total === 0n && gc === 0n && scavenge === 0n && time(fields.IdleTime) === 0n) return NOT_APPLICABLE;
  const kinds =
    time(fields.GCAssistTime) + time(fields.GCDedicatedTime) + time(fields.GCIdleTime) + time(fields.GCPauseTime);
  if (gc !== kinds) return `collection took ${gc} ns, its kinds ${kinds}`;
  if (scavenge !== time(fields.ScavengeAssistTime) + time(fields.ScavengeBgTime)) return 'scavenging is not its kinds';
  const all = gc + scavenge + time(fields.IdleTime) + time(fields.UserTime);
  // Pauses are added at once, the total only when the collection ends.
  const early = all - total;
  return early >= 0n && early <= time(fields.GCPauseTime) ? undefined : `all time is ${total} ns, its classes ${all}`;
}

function agree(one: number, other: number, unit: number): boolean {
  const difference = Math.abs(one - other);
  return difference % unit === 0 && difference <= RACE_SHARE * Math.max(one, other) + RACE_BYTES;
}

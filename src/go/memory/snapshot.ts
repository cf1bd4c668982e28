import type { RuntimeBlocks } from './blocks.ts';
import { cpuClasses } from './cpu-classes.ts';
import { heapState } from './heap-state.ts';
import { heapStatistics } from './heap-statistics.ts';
import type { PauseRing } from './pause-ring.ts';
import type { RuntimeAddresses, RuntimeSnapshot, TimeHistogram } from './types.ts';
import { counter, uint64, unixMs } from './words.ts';

/** Turns copies of the runtime's variables into a snapshot. `pauses` remembers what the last snapshot of the process had. */
export function snapshotOf(
  blocks: RuntimeBlocks,
  method: RuntimeAddresses['method'],
  pauses: PauseRing,
): RuntimeSnapshot {
  const { layout, memstats, sched, cpuStats } = blocks;
  const { offsets } = layout;
  const m = offsets.memstats;
  const statistics = heapStatistics(memstats, layout);
  const plus = (field: readonly [number, number], more: number | undefined): number | undefined => {
    const part = uint64(memstats, field[0]);
    return part === undefined || more === undefined ? undefined : part + more;
  };
  return {
    layout: layout.name,
    method,
    gomaxprocs: blocks.gomaxprocs,
    ncpu: blocks.ncpu,
    gomaxprocsCustom:
      offsets.sched.customGOMAXPROCS === undefined ? undefined : sched[offsets.sched.customGOMAXPROCS[0]] === 1,
    ...heapState(blocks.gcController, memstats, statistics, layout),
    stacksInUse: statistics?.inStacks,
    stacksSys: plus(m.stacks_sys, statistics?.inStacks),
    mspanSys: uint64(memstats, m.mspan_sys[0]),
    mcacheSys: uint64(memstats, m.mcache_sys[0]),
    buckHashSys: uint64(memstats, m.buckhash_sys[0]),
    gcSys: plus(m.gcMiscSys, statistics?.inGcBuffers),
    otherSys: uint64(memstats, m.other_sys[0]),
    numGc: memstats.readUInt32LE(m.numgc[0]),
    numForcedGc: memstats.readUInt32LE(m.numforcedgc[0]),
    pauseTotalNs: counter(memstats, m.pause_total_ns[0]),
    lastGcUnixMs: unixMs(memstats, m.last_gc_unix[0]),
    recentPauses: pauses.read(memstats),
    gcCpuFraction: fraction(memstats.readDoubleLE(m.gc_cpu_fraction[0])),
    cpuClasses: cpuClasses(cpuStats, layout),
    limiterLastEnabledCycle:
      blocks.gcCpuLimiter === undefined || offsets.gcCPULimiter === undefined
        ? undefined
        : blocks.gcCpuLimiter.readUInt32LE(offsets.gcCPULimiter.lastEnabledCycle[0]),
    ...schedulerState(blocks),
  };
}

type SchedulerState = Pick<
  RuntimeSnapshot,
  'goroutines' | 'goroutinesCreated' | 'idlePs' | 'runnable' | 'threads' | 'schedulerLatency'
>;

function schedulerState(blocks: RuntimeBlocks): SchedulerState {
  const { sched, sums } = blocks;
  const s = blocks.layout.offsets.sched;
  const queue = s['runq.size'] ?? s.runqsize;
  const queued = queue === undefined ? -1 : sched.readInt32LE(queue[0]);
  const made = uint64(sched, s.mnext[0]);
  const freed = uint64(sched, s.nmfreed[0]);
  return {
    goroutines: goroutineCount(blocks),
    // Each P counts for itself too, and takes that count along when it goes: the field of sched alone is no total.
    goroutinesCreated: undefined,
    idlePs: sched.readInt32LE(s.npidle[0]),
    runnable: sums === undefined || queued < 0 ? undefined : queued + sums.runnable,
    threads: made === undefined || freed === undefined || freed > made ? undefined : made - freed,
    schedulerLatency: latencyOf(blocks),
  };
}

/** Goroutines that are not dead, system goroutines among them: `gcount(true)`. Undefined when it could not be counted. */
export function allGoroutines(blocks: RuntimeBlocks): number | undefined {
  const { sched, sums, goroutineSlots } = blocks;
  const s = blocks.layout.offsets.sched;
  if (sums === undefined || goroutineSlots === undefined) return undefined;
  const [stack, noStack, one] = [s['gFree.stack.size'], s['gFree.noStack.size'], s['gFree.n']];
  let free = 0;
  for (const list of [stack, noStack, one]) if (list !== undefined) free += sched.readInt32LE(list[0]);
  return goroutineSlots - free - sums.free;
}

/** As the runtime's gcount: what is not dead and not the runtime's own, at least the one that would ask. */
function goroutineCount(blocks: RuntimeBlocks): number | undefined {
  const all = allGoroutines(blocks);
  return all === undefined
    ? undefined
    : Math.max(1, all - blocks.sched.readInt32LE(blocks.layout.offsets.sched.ngsys[0]));
}

function latencyOf(blocks: RuntimeBlocks): TimeHistogram | undefined {
  const { layout, sched } = blocks;
  const boundsSeconds = layout.latencyBounds;
  if (boundsSeconds === undefined) return undefined;
  const [start, size, length] = layout.offsets.sched['timeToRun.counts'];
  const { underflow, overflow, counts: inner } = layout.offsets.timeHistogram;
  const base = start - inner[0];
  const counts = new Array<number>(boundsSeconds.length);
  counts[0] = counter(sched, base + underflow[0]);
  for (let index = 0; index < length; index++) counts[index + 1] = counter(sched, start + index * size);
  if (overflow !== undefined) counts[length + 1] = counter(sched, base + overflow[0]);
  return { boundsSeconds, counts };
}

function fraction(value: number): number | undefined {
  return value >= 0 && value <= 1 ? value : undefined;
}

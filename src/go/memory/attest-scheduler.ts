import type { ProcessMemory } from '../../io/process-memory.ts';
import { NOT_APPLICABLE, type Verdict } from './attest-heap.ts';
import type { RuntimeBlocks } from './blocks.ts';
import { GoroutineWalk, goroutineList } from './goroutine-walk.ts';
import { allGoroutines } from './snapshot.ts';
import { pointer, uint64 } from './words.ts';

/** Goroutines counted one by one, about 5 ms. Of more, an even sample, in which every one costs a read. */
const MAX_COUNTED = 20_000;
const SAMPLE = 2048;
/** Code and variables of one executable reach each other with 32-bit offsets. */
const NEAR = 2 ** 31;
/** What the program starts and ends while its goroutines are counted. */
const RACE_GOROUTINES = 2;
const RACE_SHARE = 0.02;
const SAMPLE_SHARE = 0.05;
/** forcegchelper, bgsweep and bgscavenge run before main does. */
const LEAST_SYSTEM_GOROUTINES = 3;
const NANOSECONDS_PER_P = 1_000_000_000n;

/**
 * Every `allp[i]` says `i`, has a known status and a free list of at most 64, and there are GOMAXPROCS of them. Of more Ps than are read
 * one by one, the first and the last were looked at when `allp` was found.
 */
export function processorIds(blocks: RuntimeBlocks): Verdict {
  if (blocks.processors !== blocks.gomaxprocs) return `${blocks.processors} Ps with GOMAXPROCS ${blocks.gomaxprocs}`;
  return blocks.sums === undefined || blocks.sums.consistent ? undefined : 'a P does not say its own index';
}

/**
 * About as many Ps are idle as `sched` counts, idle threads are threads, the runtime's own goroutines are goroutines, flags are flags.
 * A P that is being handed to a thread is idle by its own word and no longer in the count, until that thread gets a CPU.
 */
export function schedulerCounts(blocks: RuntimeBlocks): Verdict {
  const { sched, sums, gomaxprocs, layout } = blocks;
  const s = layout.offsets.sched;
  const idle = sched.readInt32LE(s.npidle[0]);
  const threads = (uint64(sched, s.mnext[0]) ?? -1) - (uint64(sched, s.nmfreed[0]) ?? 0);
  const idleThreads = sched.readInt32LE(s.nmidle[0]);
  const spinning = sched.readInt32LE(s.nmspinning[0]);
  const counted = sums?.idle ?? idle;
  if (idle < 0 || idle > gomaxprocs || Math.abs(idle - counted) > Math.max(1, gomaxprocs / 2))
    return `${idle} idle Ps, ${counted} counted`;
  if (threads < 1 || idleThreads < 0 || idleThreads > threads) return `${idleThreads} of ${threads} threads idle`;
  if (spinning < 0 || spinning > gomaxprocs) return `${spinning} spinning threads`;
  if (
    (sched[s.gcwaiting[0]] ?? 0) > 1 ||
    (s.customGOMAXPROCS !== undefined && (sched[s.customGOMAXPROCS[0]] ?? 0) > 1)
  ) {
    return 'a flag that is neither set nor clear';
  }
  const queue = s['runq.size'] ?? s.runqsize;
  const queued = queue === undefined ? -1 : sched.readInt32LE(queue[0]);
  const all = sums === undefined ? blocks.goroutineSlots : allGoroutines(blocks);
  if (all === undefined || queued < 0 || queued > all) return `${queued} goroutines queued of ${all ?? 'none'}`;
  const system = sched.readInt32LE(s.ngsys[0]);
  return system >= LEAST_SYSTEM_GOROUTINES && system < all + RACE_GOROUTINES
    ? undefined
    : `${system} system goroutines of ${all}`;
}

/** The GC CPU limiter's bucket holds a second of CPU time a P. runtime/mgclimit.go resetCapacity. */
export function limiterCapacity(blocks: RuntimeBlocks): Verdict {
  const fields = blocks.layout.offsets.gcCPULimiter;
  const { gcCpuLimiter } = blocks;
  if (fields === undefined || gcCpuLimiter === undefined) return NOT_APPLICABLE;
  const capacity = gcCpuLimiter.readBigUInt64LE(fields['bucket.capacity'][0]);
  const fill = gcCpuLimiter.readBigUInt64LE(fields['bucket.fill'][0]);
  const cycle = gcCpuLimiter.readUInt32LE(fields.lastEnabledCycle[0]);
  const numGc = blocks.memstats.readUInt32LE(blocks.layout.offsets.memstats.numgc[0]);
  if (capacity !== BigInt(blocks.gomaxprocs) * NANOSECONDS_PER_P) return `a bucket of ${capacity} ns`;
  if (fill > capacity) return `a bucket of ${capacity} ns holds ${fill}`;
  return cycle <= numGc + 1 ? undefined : `enabled in collection ${cycle} of ${numGc}`;
}

/**
 * Counts the goroutines in `allgs` that are not dead: as many as the runtime's gcount and its own make, all with a known status, a
 * goroutine number, and an entry function in this executable. Spare goroutines of C threads are dead with no entry function.
 */
export function goroutineStatuses(blocks: RuntimeBlocks, memory: ProcessMemory, allgs: number, image: number): Verdict {
  const expected = allGoroutines(blocks);
  const list = goroutineList(memory, allgs);
  if (list === undefined) return 'no list of goroutines';
  const { g, constants, statuses } = blocks.layout.offsets;
  const walk = new GoroutineWalk(memory, blocks.layout, list, list.length <= MAX_COUNTED ? MAX_COUNTED : SAMPLE);
  let live = 0;
  let spare = 0;
  let unknown = 0;
  let near = 0;
  let started = 0;
  const visit = (bytes: Buffer, at: number): void => {
    const status = bytes.readUInt32LE(at + g.atomicstatus[0]) & ~constants._Gscan;
    const entry = pointer(bytes, at + g.startpc[0]);
    if (status >= statuses.length || statuses[status] === '') unknown += 1;
    else if (status === constants._Gdead || status === constants._Gdeadextra) spare += entry === undefined ? 1 : 0;
    else {
      live += 1;
      if ((uint64(bytes, at + g.goid[0]) ?? 0) === 0 && status !== constants._Gidle) unknown += 1;
      if (entry !== undefined) started += 1;
      if (entry !== undefined && Math.abs(entry - image) < NEAR) near += 1;
    }
  };
  let state = walk.next(visit);
  while (state === 'more') state = walk.next(visit);
  if (state === 'unreadable') return 'a goroutine cannot be read';
  if (unknown > 0) return `${unknown} of ${walk.examined} goroutines with an unknown status or no number`;
  // Goroutines of a plugin start elsewhere.
  if (started === 0 || near * 4 < started * 3)
    return `${live - near} of ${live} goroutines start outside the executable`;
  if (expected === undefined) return blocks.sums === undefined ? undefined : 'goroutines cannot be counted';
  if (walk.isSample) {
    const share = Math.abs((live + spare) / walk.examined - expected / list.length);
    return share <= SAMPLE_SHARE
      ? undefined
      : `${live} live of ${walk.examined}, expected ${expected} of ${list.length}`;
  }
  const race = Math.max(RACE_GOROUTINES, list.length * RACE_SHARE);
  return Math.abs(live + spare - expected) <= race ? undefined : `${live} live goroutines, expected ${expected}`;
}

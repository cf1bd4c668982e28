import type { CgroupParsers } from './parsers.ts';
import type { CgroupSample } from './types.ts';

/** How often a file is read: every cycle, every few cycles, or seldom (configuration and high-water marks). */
export type Cadence = 'hot' | 'slow' | 'rare';

/**
 * Where in the tree a cgroup stands, which says what reading it may cost.
 *
 * - `leaf`: a container. Every file; descriptors are kept for the hot ones.
 * - `pod`: limits, and what only a pod can tell: throttling by its own quota, events that outlive its containers, the anonymous
 *   memory its limit counts. Everything else is read of its containers. Descriptors are kept for the hot ones.
 * - `upper`: the root, kubepods, QoS levels, slices. Not memory.stat or io.stat, whose read sums a whole subtree (the root's
 *   io.stat walks every disk). cpu.stat also sums one, but what it sums need not be summed again below, and throttling shows
 *   only at the level that owns the quota.
 */
export type Level = 'leaf' | 'pod' | 'upper';

/** The fields of a sample that come from one file each. */
export type SampleField = Exclude<keyof CgroupSample, 'path' | 'inode' | 'readAtMs' | 'slowReadAtMs' | 'ioStatPair'>;

/** One control file. */
export interface ControlFile {
  readonly name: string;
  readonly field: SampleField;
  readonly parser: keyof CgroupParsers;
  readonly cadence: Cadence;
  /** Whether the reader of a leaf or pod keeps it open. `last`: only while half of the descriptor budget is free. */
  readonly keep: 'first' | 'last' | 'no';
  /** An empty list means that the parent's is inherited, so there is no value. */
  readonly emptyInherits: boolean;
  /** A verdict rests on the pod's own value, so it is read of pods as often as of containers; other files of a pod are rare. */
  readonly ofPods: boolean;
  /** Reading it sums a whole subtree, and nobody needs that above pods. */
  readonly notUpper: boolean;
  /** Read of containers only, and only on machines with several NUMA nodes: it sums over CPUs. */
  readonly numa: boolean;
}

type ParserFor<F extends SampleField> = {
  [P in keyof CgroupParsers]: ReturnType<CgroupParsers[P]> extends CgroupSample[F] ? P : never;
}[keyof CgroupParsers];

type Extras = Partial<Pick<ControlFile, 'keep' | 'emptyInherits' | 'ofPods' | 'notUpper' | 'numa'>>;

/**
 * Every control file that is read, hot ones first and cpu.stat first of all: it exists in every cgroup, so it tells at once
 * that one is gone. A row's place is also its rank for a descriptor.
 */
export const CONTROL_FILES: readonly ControlFile[] = [
  row('cpu.stat', 'cpuStat', 'cpuStat', 'hot', { keep: 'first', ofPods: true }),
  row('cpu.max', 'cpuMax', 'cpuMax', 'hot', { keep: 'first', ofPods: true }),
  row('memory.current', 'memoryCurrent', 'number', 'hot', { keep: 'first' }),
  row('memory.stat', 'memoryStat', 'memoryStat', 'hot', { keep: 'first', ofPods: true, notUpper: true }),
  row('memory.events', 'memoryEvents', 'memoryEvents', 'hot', { keep: 'first', ofPods: true }),
  row('memory.max', 'memoryMax', 'limit', 'hot', { keep: 'first', ofPods: true }),
  row('cpu.pressure', 'cpuPressure', 'pressure', 'hot', { keep: 'first' }),
  row('memory.pressure', 'memoryPressure', 'pressure', 'hot', { keep: 'first' }),
  row('io.pressure', 'ioPressure', 'pressure', 'hot', { keep: 'last' }),

  row('io.stat', 'ioStat', 'ioStat', 'slow', { notUpper: true }),
  row('pids.current', 'pidsCurrent', 'number', 'slow'),
  row('cpu.weight', 'cpuWeight', 'number', 'slow'),
  row('memory.high', 'memoryHigh', 'limit', 'slow', { ofPods: true }),
  row('memory.low', 'memoryLow', 'limit', 'slow'),
  row('memory.min', 'memoryMin', 'limit', 'slow'),
  row('cpuset.cpus.effective', 'cpusetCpusEffective', 'cpuList', 'slow', { emptyInherits: true, ofPods: true }),
  row('memory.swap.current', 'memorySwapCurrent', 'number', 'slow'),
  row('cgroup.events', 'events', 'cgroupEvents', 'slow'),
  row('memory.events.local', 'memoryEventsLocal', 'memoryEvents', 'slow'),

  row('cpu.max.burst', 'cpuMaxBurstUsec', 'number', 'rare', { ofPods: true }),
  row('cpu.idle', 'cpuIdle', 'number', 'rare'),
  row('cpuset.cpus', 'cpusetCpus', 'cpuList', 'rare', { emptyInherits: true }),
  row('cpuset.mems', 'cpusetMems', 'cpuList', 'rare', { emptyInherits: true }),
  row('cpuset.mems.effective', 'cpusetMemsEffective', 'cpuList', 'rare', { emptyInherits: true }),
  row('memory.peak', 'memoryPeak', 'number', 'rare'),
  row('memory.oom.group', 'memoryOomGroup', 'number', 'rare'),
  row('memory.numa_stat', 'memoryNumaAnon', 'numaAnon', 'rare', { numa: true }),
  row('memory.swap.high', 'memorySwapHigh', 'limit', 'rare'),
  row('memory.swap.max', 'memorySwapMax', 'limit', 'rare'),
  row('memory.swap.events', 'memorySwapEvents', 'swapEvents', 'rare'),
  row('io.weight', 'ioWeight', 'ioWeight', 'rare'),
  row('io.bfq.weight', 'ioBfqWeight', 'ioWeight', 'rare'),
  row('io.max', 'ioMax', 'ioMax', 'rare'),
  row('pids.peak', 'pidsPeak', 'number', 'rare'),
  row('pids.max', 'pidsMax', 'limit', 'rare'),
  row('pids.events', 'pidsEventsMax', 'pidsEvents', 'rare'),
  row('irq.pressure', 'irqPressure', 'pressure', 'rare'),
  row('cgroup.controllers', 'controllers', 'controllers', 'rare', { ofPods: true }),
  row('cgroup.stat', 'stat', 'cgroupStat', 'rare'),
];

/** A pod's verdicts rest on few files; the others are there for people, and limits of a pod change seldom. */
const POD_FILES = [
  ...CONTROL_FILES.filter((file) => file.ofPods && file.cadence !== 'rare'),
  ...CONTROL_FILES.filter((file) => (!file.ofPods || file.cadence === 'rare') && !file.numa).map(
    (file): ControlFile => ({ ...file, cadence: 'rare' }),
  ),
];
const UPPER_FILES = CONTROL_FILES.filter((file) => !file.notUpper && !file.numa);
const LEAF_FILES = CONTROL_FILES.filter((file) => !file.numa);

/** The files read at a level, rare ones last. `numa`: the machine has several NUMA nodes. */
export function controlFilesOf(level: Level, numa: boolean): readonly ControlFile[] {
  switch (level) {
    case 'leaf':
      return numa ? CONTROL_FILES : LEAF_FILES;
    case 'pod':
      return POD_FILES;
    case 'upper':
      return UPPER_FILES;
  }
}

function row<F extends SampleField>(
  name: string,
  field: F,
  parser: ParserFor<F>,
  cadence: Cadence,
  extras: Extras = {},
): ControlFile {
  return {
    keep: 'no',
    emptyInherits: false,
    ofPods: false,
    notUpper: false,
    numa: false,
    ...extras,
    name,
    field,
    parser,
    cadence,
  };
}

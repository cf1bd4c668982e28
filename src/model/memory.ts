import type { CgroupSample, MemoryEvents } from '../kernel/cgroup/types.ts';
import type { MemoryEventsModel, MemoryModel } from './memory-types.ts';
import { counterDelta, perSecond } from './rate.ts';

/** memory.events under names of the model; counts since the cgroup was made, descendants included. */
export function memoryEvents(events: MemoryEvents | undefined): MemoryEventsModel | undefined {
  if (events === undefined) return undefined;
  return {
    low: events.low,
    high: events.high,
    max: events.max,
    oom: events.oom,
    oomKill: events.oomKill,
    oomGroupKill: events.oomGroupKill,
  };
}

/**
 * OOM kills between two samples of one cgroup. With memory.oom.group the kernel counts one group kill and one or more
 * oom_kill, so the larger of nothing and the oom_kill delta says "it happened", not how many processes died.
 */
export function oomKillsBetween(previous: CgroupSample | undefined, current: CgroupSample): number | undefined {
  return counterDelta(previous?.memoryEvents?.oomKill, current.memoryEvents?.oomKill);
}

/** What memory.events counted between two samples of one cgroup. Undefined without a reading at both ends. */
export function memoryEventsBetween(
  previous: CgroupSample | undefined,
  current: CgroupSample,
): MemoryEventsModel | undefined {
  const [before, now] = [previous?.memoryEvents, current.memoryEvents];
  if (before === undefined || now === undefined) return undefined;
  return {
    low: counterDelta(before.low, now.low),
    high: counterDelta(before.high, now.high),
    max: counterDelta(before.max, now.max),
    oom: counterDelta(before.oom, now.oom),
    oomKill: counterDelta(before.oomKill, now.oomKill),
    oomGroupKill: counterDelta(before.oomGroupKill, now.oomGroupKill),
  };
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined ? undefined : now - before;
}

/** Memory of one cgroup. `previous` must be the same cgroup (same inode), or undefined. */
export function memoryModel(previous: CgroupSample | undefined, current: CgroupSample): MemoryModel {
  const stat = current.memoryStat;
  const windowSeconds = previous === undefined ? undefined : (current.readAtMs - previous.readAtMs) / 1000;
  const currentBytes = current.memoryCurrent;
  const inactiveFile = stat?.inactiveFile;
  const before = previous?.memoryStat;
  const each = (delta: number | undefined): number | undefined => perSecond(delta, windowSeconds);
  return {
    currentBytes,
    peakBytes: current.memoryPeak,
    minBytes: current.memoryMin,
    lowBytes: current.memoryLow,
    highBytes: current.memoryHigh,
    maxBytes: current.memoryMax,
    anonBytes: stat?.anon,
    fileBytes: stat?.file,
    kernelBytes: stat?.kernel,
    slabBytes: stat?.slab,
    shmemBytes: stat?.shmem,
    inactiveFileBytes: inactiveFile,
    workingSetBytes:
      currentBytes === undefined || inactiveFile === undefined ? undefined : Math.max(0, currentBytes - inactiveFile),
    pageFaultsTotal: stat?.pgfault,
    majorPageFaultsTotal: stat?.pgmajfault,
    swapCurrentBytes: current.memorySwapCurrent,
    swapMaxBytes: current.memorySwapMax,
    oomGroup: current.memoryOomGroup === undefined ? undefined : current.memoryOomGroup === 1,
    anonHugeBytes: stat?.anonThp,
    activeFileBytes: stat?.activeFile,
    events: memoryEvents(current.memoryEvents),
    eventsInWindow: memoryEventsBetween(previous, current),
    fileRefaultsPerSecond: each(counterDelta(before?.workingsetRefaultFile, stat?.workingsetRefaultFile)),
    anonRefaultsPerSecond: each(counterDelta(before?.workingsetRefaultAnon, stat?.workingsetRefaultAnon)),
    anonGrowthBytesPerSecond: each(difference(before?.anon, stat?.anon)),
    currentGrowthBytesPerSecond: each(difference(previous?.memoryCurrent, currentBytes)),
  };
}

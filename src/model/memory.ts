import type { CgroupSample, MemoryEvents } from '../kernel/cgroup/types.ts';
import { counterDelta } from './rate.ts';
import type { MemoryEventsModel, MemoryModel } from './types.ts';

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

/** Memory of one cgroup. `previous` must be the same cgroup (same inode), or undefined. */
export function memoryModel(previous: CgroupSample | undefined, current: CgroupSample): MemoryModel {
  const stat = current.memoryStat;
  const windowSeconds = previous === undefined ? undefined : (current.readAtMs - previous.readAtMs) / 1000;
  const currentBytes = current.memoryCurrent;
  const inactiveFile = stat?.inactiveFile;
  const grown =
    previous?.memoryCurrent === undefined || currentBytes === undefined
      ? undefined
      : currentBytes - previous.memoryCurrent;
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
    events: memoryEvents(current.memoryEvents),
    currentGrowthBytesPerSecond:
      grown === undefined || windowSeconds === undefined || windowSeconds <= 0 ? undefined : grown / windowSeconds,
  };
}

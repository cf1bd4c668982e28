import { type GcCpuReading, grown } from '../go/gc-window.ts';

/** What one reading of one source says of collecting and allocating so far. Counters are since start. */
export interface GcWorkReading {
  readonly monotonicMs: number;
  readonly gomaxprocs: number | undefined;
  readonly collections: number | undefined;
  readonly forcedCollections: number | undefined;
  readonly allocatedBytes: number | undefined;
  readonly cpu: GcCpuReading | undefined;
  /** Marked by the last collection; undefined before the first. */
  readonly liveBytes: number | undefined;
  /** From that to where the next collection starts; undefined when not known or there is no next one. */
  readonly triggerRoomBytes: number | undefined;
  /** Stacks and globals that are scanned besides. */
  readonly rootBytes: number | undefined;
}

/**
 * What collecting cost and what was allocated between two readings of one source: what a prediction for other settings starts from.
 * CPU seconds are the runtime's, that is time on a P: they also run while the kernel lets the thread wait.
 */
export interface GcWork {
  /** Seconds that the CPU seconds below cover: from the last collection before the one reading to that before the other. */
  readonly coveredSeconds: number;
  readonly collections: number;
  /** Of those, by runtime.GC() and not by the pacer. Undefined: not told. */
  readonly forcedCollections: number | undefined;
  /** All marking, idle workers included. */
  readonly gcCpuSeconds: number;
  /** What the program used besides, the scavenger included. */
  readonly programCpuSeconds: number;
  /** In {@link coveredSeconds}; the rate over the readings times that. */
  readonly allocatedBytes: number;
  /**
   * What the last collection marked, of the reading where that is less, and the other two of the same reading. It holds what was
   * allocated while marking, too, which differs from one collection to the next.
   */
  readonly liveBytes: number;
  readonly triggerRoomBytes: number | undefined;
  readonly rootBytes: number | undefined;
}

/**
 * Undefined where a figure is missing or went back, no collection ended in the window, or GOMAXPROCS changed. The classes of
 * /cpu/classes (Go 1.20+) move at the end of each collection only, so cost per collection is exact and allocation is a rate.
 */
export function gcWorkBetween(before: GcWorkReading, after: GcWorkReading): GcWork | undefined {
  const seconds = (after.monotonicMs - before.monotonicMs) / 1000;
  const procs = after.gomaxprocs;
  const collections = grown(before.collections, after.collections);
  const allocated = grown(before.allocatedBytes, after.allocatedBytes);
  const gc = grown(before.cpu?.gcTotal, after.cpu?.gcTotal);
  const total = grown(before.cpu?.total, after.cpu?.total);
  const idle = grown(before.cpu?.idle, after.cpu?.idle);
  const least = leastLive(before, after);
  const liveBytes = least.liveBytes;
  if (!(seconds > 0) || procs === undefined || !(procs > 0) || before.gomaxprocs !== procs) return undefined;
  if (collections === undefined || allocated === undefined || liveBytes === undefined) return undefined;
  if (gc === undefined || total === undefined || idle === undefined) return undefined;
  const program = total - idle - gc;
  if (collections === 0 || total <= 0 || program <= 0) return undefined;
  const coveredSeconds = total / procs;
  return {
    coveredSeconds,
    collections,
    forcedCollections: grown(before.forcedCollections, after.forcedCollections),
    gcCpuSeconds: gc,
    programCpuSeconds: program,
    allocatedBytes: (allocated * coveredSeconds) / seconds,
    liveBytes,
    triggerRoomBytes: least.triggerRoomBytes,
    rootBytes: least.rootBytes,
  };
}

function leastLive(before: GcWorkReading, after: GcWorkReading): GcWorkReading {
  if (before.liveBytes === undefined || after.liveBytes === undefined)
    return before.liveBytes === undefined ? after : before;
  return before.liveBytes < after.liveBytes ? before : after;
}

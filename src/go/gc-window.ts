/** Pauses as the runtime lists them and how many collections there were, of one reading. */
export interface PauseReading {
  readonly numGc: number | undefined;
  /** Newest first, at most 256; each is the sum of one collection's stops of the world. */
  readonly pauses: readonly { readonly pauseNs: number; readonly endUnixMs: number }[];
}

/** The pauses of the collections between two readings. */
export interface PauseWindow {
  readonly p99Seconds: number;
  readonly maxSeconds: number;
  /** Collections that ended in the window. */
  readonly collections: number;
  /** Collections whose pause is known: the newest 256 at most. */
  readonly listed: number;
  /** More collections ran than the runtime lists: the figures are of the newest ones. */
  readonly truncated: boolean;
}

/** CPU seconds since the program started, as the runtime estimates them at each collection. */
export interface GcCpuReading {
  readonly gcTotal: number | undefined;
  readonly total: number | undefined;
  readonly idle: number | undefined;
}

const LISTED = 256;

/**
 * The pauses of the collections that ended between two readings of one process: 99th percentile by nearest rank, so with fewer than
 * a hundred collections it is the longest. Per collection: the runtime lists the sum of its two stops (runtime/mstats.go PauseNs).
 * Undefined when no collection ended, the count went back, or no pause is listed (exposition text lists none).
 */
export function gcPauseWindow(before: PauseReading, after: PauseReading): PauseWindow | undefined {
  if (before.numGc === undefined || after.numGc === undefined) return undefined;
  const collections = after.numGc - before.numGc;
  if (!(collections > 0)) return undefined;
  const pauses = after.pauses.slice(0, Math.min(collections, LISTED)).map(({ pauseNs }) => pauseNs);
  pauses.sort((one, other) => one - other);
  const rank = Math.ceil(pauses.length * 0.99);
  const [p99, max] = [pauses[rank - 1], pauses.at(-1)];
  if (p99 === undefined || max === undefined) return undefined;
  return {
    p99Seconds: p99 / 1e9,
    maxSeconds: max / 1e9,
    collections,
    listed: pauses.length,
    truncated: collections > pauses.length,
  };
}

/**
 * Share of the program's CPU time that collecting took between two readings: gc / (total - idle), 0 to 1. `total` counts GOMAXPROCS
 * processors all the time, so idle time must come off it. The classes move at the end of each collection only: undefined when none
 * ended in the window, when a class is not known or went back. Source: Go runtime/metrics /cpu/classes (1.20+).
 */
export function gcCpuRatio(before: GcCpuReading, after: GcCpuReading): number | undefined {
  const gc = grown(before.gcTotal, after.gcTotal);
  const total = grown(before.total, after.total);
  const idle = grown(before.idle, after.idle);
  if (gc === undefined || total === undefined || idle === undefined || total <= idle) return undefined;
  // Estimates made one after the other need not add up.
  return Math.min(1, gc / (total - idle));
}

/**
 * Whether the GC CPU limiter was on between two readings, by the number of the last collection during which it was (0: never). True
 * also tells that GOMEMLIMIT could not be kept to. Undefined when a number is not known or went back.
 * Source: Go runtime/mgclimit.go lastEnabledCycle, /gc/limiter/last-enabled:gc-cycle (1.19+).
 */
export function limiterWasOn(before: number | undefined, after: number | undefined): boolean | undefined {
  const advanced = grown(before, after);
  return advanced === undefined ? undefined : advanced > 0;
}

/** How much a counter grew; undefined when it is not known or went back. */
export function grown(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined || after < before ? undefined : after - before;
}

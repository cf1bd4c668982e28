import type { MemStats } from './types.ts';

/** At or above this NextGC means: no goal. The runtime gives 2^63-1 divided by what its pacer keeps back. */
const NO_GOAL = 2 ** 62;

/** A goal of the next collection in bytes, `off` from 2^62 on. */
export function nextGcOf(bytes: number | undefined): number | 'off' | undefined {
  return bytes !== undefined && bytes >= NO_GOAL ? 'off' : bytes;
}

/** Digits of a goal as bytes. Compared as digits: the nearest double of a value just below 2^62 is 2^62. */
function goalOf(digits: string | undefined): number | 'off' | undefined {
  const bytes = countOf(digits);
  return bytes === undefined || digits === undefined || bytes < NO_GOAL || BigInt(digits) >= BigInt(NO_GOAL)
    ? nextGcOf(bytes)
    : bytes;
}

/**
 * Digits as a number, undefined when they are none. The nearest double above 2^53: of what is read here only a cumulated byte count
 * gets there, and times, which are cut to milliseconds first.
 */
function countOf(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d{1,20}$/.test(digits) ? Number(digits) : undefined;
}

/** A float as Go's %v and encoding/json print it, undefined when it is none. */
function fractionOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,20}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : undefined;
}

/** Unix nanoseconds as digits to Unix milliseconds, good to a microsecond; undefined for 0 (never) and for what is no number. */
export function unixMsOf(nanoseconds: string | undefined): number | undefined {
  if (nanoseconds === undefined || !/^\d{1,20}$/.test(nanoseconds)) return undefined;
  const ms = Number(nanoseconds.slice(0, -6)) + Number(nanoseconds.slice(-6)) / 1e6;
  return ms > 0 ? ms : undefined;
}

/**
 * The pauses of the last 256 collections, newest first. `pauseNs` and `pauseEnd` are the runtime's circular lists as digits; the
 * newest is at (NumGC+255)%256. Empty when the lists are not 256 long. Source: Go runtime/mstats.go MemStats.PauseNs.
 */
function recentPauses(
  numGc: number | undefined,
  pauseNs: readonly string[],
  pauseEnd: readonly string[],
): MemStats['recentPausesNs'] {
  if (numGc === undefined || pauseNs.length !== 256 || pauseEnd.length !== 256) return [];
  const pauses: { endUnixMs: number; pauseNs: number }[] = [];
  for (let back = 0; back < Math.min(numGc, 256); back++) {
    const index = (((numGc - 1 - back) % 256) + 256) % 256;
    const [pause, endUnixMs] = [countOf(pauseNs[index]), unixMsOf(pauseEnd[index])];
    if (pause !== undefined && endUnixMs !== undefined) pauses.push({ endUnixMs, pauseNs: pause });
  }
  return pauses;
}

/** MemStats from a look-up of digits by Go field name (`HeapAlloc`, `StackInuse`), and the two lists of pauses. */
export function memStatsFrom(
  field: (name: string) => string | undefined,
  pauseNs: readonly string[],
  pauseEnd: readonly string[],
): MemStats {
  const count = (name: string): number | undefined => countOf(field(name));
  const numGc = count('NumGC');
  return {
    alloc: count('Alloc'),
    totalAlloc: count('TotalAlloc'),
    sys: count('Sys'),
    mallocs: count('Mallocs'),
    frees: count('Frees'),
    heapAlloc: count('HeapAlloc'),
    heapSys: count('HeapSys'),
    heapIdle: count('HeapIdle'),
    heapInuse: count('HeapInuse'),
    heapReleased: count('HeapReleased'),
    heapObjects: count('HeapObjects'),
    stackInuse: count('StackInuse'),
    stackSys: count('StackSys'),
    mspanInuse: count('MSpanInuse'),
    mspanSys: count('MSpanSys'),
    mcacheInuse: count('MCacheInuse'),
    mcacheSys: count('MCacheSys'),
    buckHashSys: count('BuckHashSys'),
    gcSys: count('GCSys'),
    otherSys: count('OtherSys'),
    nextGc: goalOf(field('NextGC')),
    lastGcUnixMs: unixMsOf(field('LastGC')),
    numGc,
    numForcedGc: count('NumForcedGC'),
    recentPausesNs: recentPauses(numGc, pauseNs, pauseEnd),
    gcCpuFraction: fractionOf(field('GCCPUFraction')),
  };
}

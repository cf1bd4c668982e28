import type { ProcessContext } from './types.ts';

/** What happened between two looks. */
export interface GcWindow {
  readonly seconds: number;
  /** How many ended in it. */
  readonly collections: number;
  readonly periods: number;
  readonly throttledPeriods: number;
  /** CPU used by the container and by the process; undefined where not known. */
  readonly containerCores: number | undefined;
  readonly processCores: number | undefined;
}

/** The last windows between two looks: how many collections ended in them, and how much was throttled. */
export interface GcWindows {
  /** Collections up to the last look; undefined when they were not read just then. */
  readonly cycles: number | undefined;
  readonly windows: readonly GcWindow[];
}

/** Ten minutes of looks: long enough for both kinds, short enough to forget a load that has passed. */
const KEPT = 40;

/** Counts a window only when the count of collections was read anew at both of its ends: an old count would put them in a later one. */
export function observeGcWindows(before: GcWindows | undefined, context: ProcessContext): GcWindows {
  const { process, container, windowSeconds } = context;
  const known = process.runtime.gcCycles;
  const fresh = known !== undefined && windowSeconds !== undefined && (known.ageSeconds ?? 0) < windowSeconds / 2;
  const cycles = fresh ? known.value : undefined;
  const windows = before?.windows ?? [];
  const throttled = container?.throttling;
  const last = before?.cycles;
  if (cycles === undefined || last === undefined || cycles < last || throttled === undefined || throttled.periods === 0)
    return { cycles, windows };
  const window = {
    seconds: throttled.windowSeconds,
    collections: cycles - last,
    periods: throttled.periods,
    throttledPeriods: throttled.throttledPeriods,
    containerCores: container?.cpu.usageCores,
    processCores: process.usageCores,
  };
  return { cycles, windows: [...windows, window].slice(-KEPT) };
}

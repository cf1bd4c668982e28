import type { ProcessContext } from './types.ts';

interface GcWindow {
  readonly collected: boolean;
  readonly periods: number;
  readonly throttledPeriods: number;
}

/** The last windows between two looks: whether a collection ended in them, and how much was throttled. */
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
  const { periods, throttledPeriods } = throttled;
  return { cycles, windows: [...windows, { collected: cycles > last, periods, throttledPeriods }].slice(-KEPT) };
}

/** How many windows of a kind there are, their periods, and the share of those that was throttled; undefined when there is none. */
export function shareOf(
  { windows }: GcWindows,
  collected: boolean,
): { readonly windows: number; readonly periods: number; readonly ratio: number | undefined } {
  let count = 0;
  let periods = 0;
  let throttled = 0;
  for (const window of windows) {
    if (window.collected !== collected) continue;
    count++;
    periods += window.periods;
    throttled += window.throttledPeriods;
  }
  return { windows: count, periods, ratio: periods === 0 ? undefined : Math.min(1, throttled / periods) };
}

import { COARSEST, LEVELS } from './levels.ts';
import type { Points } from './trend.ts';
import type { GrowthLevel, GrowthState } from './types.ts';

/** A stretch of time that ends with the newest closed bucket of a level. */
export interface GrowthWindow {
  readonly level: number;
  /** How many closed buckets it has. */
  readonly buckets: number;
  readonly fromSeconds: number;
  readonly seconds: number;
  /** More than a quarter of it lies in the warm-up of the process. */
  readonly inWarmUp: boolean;
}

// Enough for a rank test, few enough to be cheap; each part takes its lowest bucket, which is what hides batches and bursts.
const PARTS = 12;
const MIN_PARTS = 8;

// Each a little longer than the one before: a longer list tells sooner, a shorter one is cheaper.
const SIZES = [84, 75, 67, 60, 54, 48, 43, 39, 35, 31, 28, 25, 22, 20, 18, 16, 14, 13, 12] as const;

// A start-up that goes on for some minutes after the warm-up must not show as growth that began there.
const WARM_UP_PART = 0.25;

// Longer stretches are judged in the coarsest steps only: in finer ones the second morning of traffic is a day without a fall.
const FINE_SECONDS = 86_400;

/** The lowest value of a level, and the newest; undefined when there is none, or the newest bucket has none. */
export function extentOf({ troughs }: GrowthLevel): { readonly lowest: number; readonly newest: number } | undefined {
  const newest = troughs[troughs.length - 1] ?? null;
  const least = lowest(troughs, 0, troughs.length);
  return newest === null || least === null ? undefined : { lowest: least, newest };
}

/**
 * Windows that are not shorter than `minSeconds`, longest first, of the levels for which `mayRise` is true. The warm-up ends at
 * `settledSeconds`.
 */
export function* growthWindows(
  state: GrowthState,
  settledSeconds: number,
  minSeconds: number,
  mayRise: (level: GrowthLevel) => boolean,
): Generator<GrowthWindow> {
  const { firstAtSeconds } = state;
  for (let index = LEVELS.length - 1; index >= 0; index -= 1) {
    const level = state.levels[index];
    const shape = LEVELS[index];
    if (level === undefined || shape === undefined || !mayRise(level)) continue;
    const { widthSeconds } = shape;
    const end = level.bucket * widthSeconds;
    for (const buckets of SIZES) {
      const seconds = buckets * widthSeconds;
      const from = end - seconds;
      if (buckets > level.troughs.length || from < firstAtSeconds) continue;
      if (seconds > FINE_SECONDS && index < COARSEST) continue;
      if (seconds < minSeconds) break;
      const inWarmUp = from + seconds * WARM_UP_PART < settledSeconds;
      yield { level: index, buckets, fromSeconds: from, seconds, inWarmUp };
    }
  }
}

/**
 * How far the last part of a window is above its first, by their lowest values; undefined when one of them has no sample. Costs a
 * sixth of {@link troughsOf}.
 */
export function riseOf(
  list: readonly (number | null)[],
  window: GrowthWindow,
): { readonly from: number; readonly to: number } | undefined {
  const count = list.length;
  const part = Math.floor(window.buckets / PARTS);
  const from = lowest(list, count - window.buckets, count - window.buckets + part);
  const to = lowest(list, count - part, count);
  return from === null || to === null ? undefined : { from, to };
}

function lowest(list: readonly (number | null)[], from: number, to: number): number | null {
  let result: number | null = null;
  for (let index = from; index < to; index += 1) {
    const value = list[index] ?? null;
    if (value !== null && (result === null || value < result)) result = value;
  }
  return result;
}

/** The part of a window that was seen, seconds: what is missing is no evidence, as a night may be in the gap. */
export function seenSeconds(window: GrowthWindow, { values }: Points): number {
  return (window.seconds * values.length) / PARTS;
}

/** The lowest value of each of the equal parts of a window; undefined when too many parts have none. */
export function troughsOf(level: GrowthLevel, window: GrowthWindow, what: 'troughs' | 'memoryKib'): Points | undefined {
  const list = level[what];
  const atSeconds: number[] = [];
  const values: number[] = [];
  const begin = list.length - window.buckets;
  const width = window.seconds / window.buckets;
  for (let part = 0; part < PARTS; part += 1) {
    const from = Math.floor((part * window.buckets) / PARTS);
    const to = Math.floor(((part + 1) * window.buckets) / PARTS);
    const trough = lowest(list, begin + from, begin + to);
    if (trough === null) continue;
    atSeconds.push(window.fromSeconds + ((from + to) / 2) * width);
    values.push(trough);
  }
  return values.length < MIN_PARTS ? undefined : { atSeconds, values };
}

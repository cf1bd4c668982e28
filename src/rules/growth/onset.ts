import { LEVELS } from './levels.ts';
import { median, medianSlope, type Points } from './trend.ts';
import type { GrowthState } from './types.ts';

/** Whether growth began at a moment, by the lowest counts before and after it. */
export type Onset =
  | {
      readonly kind: 'began';
      /** Middle of the lowest counts before. */
      readonly before: number;
      /** Goroutines added in an hour since. */
      readonly perHour: number;
    }
  | { readonly kind: 'other' }
  /** Too little was seen before or after. */
  | { readonly kind: 'unknown' };

const MIN_BEFORE_SECONDS = 300;
const MIN_BEFORE = 4;
/** The finest buckets are so short that four of them are no quiet. */
const MIN_QUIET_SECONDS = 60;
const MIN_AFTER = 8;
/** Growth before / growth after, up to which it stood still before. */
const STILL_RATIO = 0.2;
const MIN_TOLERANCE_SECONDS = 60;
const TOLERANCE_RATIO = 0.1;

/**
 * Looks at the finest buckets that reach from some minutes before `atSeconds` to now. The growth began there when the counts before
 * neither rise by a fifth as fast as those after, nor are above the middle of theirs at their end, and the line through those after
 * leaves that middle no later than a minute, or a tenth of the time since, after the moment. A jump at the moment leaves it earlier.
 */
export function beganAt(state: GrowthState, atSeconds: number): Onset {
  const parts = partsAround(state, atSeconds);
  if (parts === undefined) return { kind: 'unknown' };
  const { before, after, widthSeconds } = parts;
  const level = median(Float64Array.from(before.values));
  const slopeBefore = medianSlope(before);
  const perSecond = medianSlope(after);
  if (level === undefined || slopeBefore === undefined || perSecond === undefined) return { kind: 'unknown' };
  const sinceSeconds = state.last.atSeconds - atSeconds;
  const last = Math.max(...before.values.slice(-2));
  const still = slopeBefore <= STILL_RATIO * perSecond && last - level <= STILL_RATIO * perSecond * sinceSeconds;
  if (perSecond <= 0 || !still) return { kind: 'other' };
  const offset = median(Float64Array.from(after.values, (value, index) => value - perSecond * timeOf(after, index)));
  const leaves = (level - (offset ?? 0)) / perSecond;
  const tolerance = Math.max(MIN_TOLERANCE_SECONDS, 2 * widthSeconds, TOLERANCE_RATIO * sinceSeconds);
  return leaves <= atSeconds + tolerance
    ? { kind: 'began', before: level, perHour: perSecond * 3600 }
    : { kind: 'other' };
}

function timeOf({ atSeconds }: Points, index: number): number {
  return atSeconds[index] ?? 0;
}

interface Parts {
  readonly before: Points;
  readonly after: Points;
  readonly widthSeconds: number;
}

function partsAround(state: GrowthState, atSeconds: number): Parts | undefined {
  const since = state.last.atSeconds - atSeconds;
  const wanted = Math.max(MIN_BEFORE_SECONDS, since / 4);
  for (const [index, { widthSeconds }] of LEVELS.entries()) {
    const level = state.levels[index];
    if (level === undefined) return undefined;
    const { troughs, bucket } = level;
    const begin = (bucket - troughs.length) * widthSeconds;
    const reaches = begin <= atSeconds - wanted;
    // Each level reaches further back than the one before, so the first that reaches far enough is the finest.
    if (!reaches && index < LEVELS.length - 1 && begin > state.firstAtSeconds + widthSeconds) continue;
    const before: { atSeconds: number[]; values: number[] } = { atSeconds: [], values: [] };
    const after: { atSeconds: number[]; values: number[] } = { atSeconds: [], values: [] };
    for (const [place, trough] of troughs.entries()) {
      const from = begin + place * widthSeconds;
      const isBefore = from + widthSeconds <= atSeconds;
      if (trough === null || (!isBefore && from < atSeconds) || from < atSeconds - Math.max(wanted, since)) continue;
      const side = isBefore ? before : after;
      side.atSeconds.push(from);
      side.values.push(trough);
    }
    const quietSeconds = atSeconds - (before.atSeconds[0] ?? atSeconds);
    const seen =
      quietSeconds >= MIN_QUIET_SECONDS && before.values.length >= MIN_BEFORE && after.values.length >= MIN_AFTER;
    return seen ? { before, after, widthSeconds } : undefined;
  }
  return undefined;
}

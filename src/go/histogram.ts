/** A histogram as an exposition text tells it: observations at or below each bound, since the program started. */
export interface CumulativeHistogram {
  /** Rising; the last is Infinity. Seconds for what is read here. */
  readonly bounds: readonly number[];
  /** Observations at or below the bound of the same index. */
  readonly counts: readonly number[];
}

/** A quantile of what was observed between two readings of a histogram. */
export interface WindowQuantile {
  /** In the bucket that holds the quantile; its lower bound where {@link atLeast} says so. */
  readonly value: number;
  /** The bucket is too wide to say where in it the quantile lies: it is not below {@link value}, and not above {@link upTo}. */
  readonly atLeast: boolean;
  /** Upper bound of that bucket; Infinity beyond the last finite bound. */
  readonly upTo: number;
  /** Observations in the window. */
  readonly observations: number;
}

/** Upper bound / lower bound of a bucket above which a line through it would be made up. */
const WIDE = 4;

/**
 * A histogram whose counts are per bucket, with the upper bound of each: runtime/metrics and the runtime's own variables. Undefined
 * when the lists do not fit together, a bound does not rise, or the last is not Infinity.
 */
export function cumulativeOf(bounds: readonly number[], counts: readonly number[]): CumulativeHistogram | undefined {
  let sum = 0;
  const cumulative = counts.map((count) => (sum += count));
  return isHistogram(bounds, cumulative) ? { bounds, counts: cumulative } : undefined;
}

/** Whether bounds rise to Infinity and counts do not fall. */
export function isHistogram(bounds: readonly number[], counts: readonly number[]): boolean {
  if (bounds.length === 0 || bounds.length !== counts.length || bounds.at(-1) !== Number.POSITIVE_INFINITY)
    return false;
  return bounds.every((bound, index) => {
    const [below, before, count] = [bounds[index - 1], counts[index - 1] ?? 0, counts[index] ?? Number.NaN];
    return !Number.isNaN(bound) && (below === undefined || bound > below) && Number.isFinite(count) && count >= before;
  });
}

/**
 * The quantile (0 to 1) of what was observed between two readings of one histogram: linear inside a bucket, from 0 in the first when its
 * bound is above 0. Of a bucket wider than a factor of four (client_golang exports seconds in powers of ten) the lower bound.
 * Undefined when nothing was observed, a count went back (the program started anew), or the bounds are not the same.
 */
export function quantileBetween(
  before: CumulativeHistogram,
  after: CumulativeHistogram,
  quantile: number,
): WindowQuantile | undefined {
  const { bounds } = after;
  if (bounds.length !== before.bounds.length || bounds.some((bound, index) => bound !== before.bounds[index]))
    return undefined;
  const counts = after.counts.map((count, index) => count - (before.counts[index] ?? 0));
  // Of cumulative counts each difference is cumulative too, or a bucket went back.
  if (counts.some((count, index) => count < (counts[index - 1] ?? 0))) return undefined;
  const observations = counts.at(-1) ?? 0;
  if (observations <= 0) return undefined;
  const rank = Math.min(1, Math.max(0, quantile)) * observations;
  const index = Math.max(
    0,
    counts.findIndex((count) => count > 0 && count >= rank),
  );
  const upTo = bounds[index] ?? Number.POSITIVE_INFINITY;
  const lower = bounds[index - 1] ?? (upTo > 0 ? 0 : upTo);
  if (upTo === Number.POSITIVE_INFINITY) return { value: lower, atLeast: true, upTo, observations };
  // The runtime's own first bucket starts at minus infinity.
  if (!Number.isFinite(lower) || upTo <= 0) return { value: Math.max(0, upTo), atLeast: false, upTo, observations };
  if (lower > 0 && upTo / lower > WIDE) return { value: lower, atLeast: true, upTo, observations };
  const below = counts[index - 1] ?? 0;
  const inside = (counts[index] ?? 0) - below;
  return { value: lower + ((upTo - lower) * (rank - below)) / inside, atLeast: false, upTo, observations };
}

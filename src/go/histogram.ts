/** A histogram as an exposition text tells it: observations at or below each bound, since the program started. */
export interface CumulativeHistogram {
  /** Rising; the last is Infinity. Seconds for what is read here. */
  readonly bounds: readonly number[];
  /** Observations at or below the bound of the same index. */
  readonly counts: readonly number[];
}

/** A quantile of what was observed between two readings of a histogram. */
export interface WindowQuantile {
  readonly value: number;
  /** The value lies beyond the last finite bound: {@link value} is that bound, and the truth is not below it. */
  readonly beyond: boolean;
  /** Observations in the window. */
  readonly observations: number;
}

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
 * The quantile (0 to 1) of what was observed between two readings of one histogram: linear inside a bucket, and from 0 in the first
 * when its bound is above 0. As exact as the buckets are wide: client_golang exports seconds in powers of ten.
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
  const upper = bounds[index] ?? Number.POSITIVE_INFINITY;
  const lower = bounds[index - 1] ?? (upper > 0 ? 0 : upper);
  if (upper === Number.POSITIVE_INFINITY) return { value: lower, beyond: true, observations };
  // The runtime's own first bucket starts at minus infinity.
  if (!Number.isFinite(lower) || upper <= 0) return { value: Math.max(0, upper), beyond: false, observations };
  const below = counts[index - 1] ?? 0;
  const inside = (counts[index] ?? 0) - below;
  return { value: lower + ((upper - lower) * (rank - below)) / inside, beyond: false, observations };
}

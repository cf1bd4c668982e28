import type { RuntimeOffsets } from './offset-types.ts';

/** The constants of runtime/histogram.go that tell the bounds of its buckets. */
export type HistogramShape = Pick<
  RuntimeOffsets['constants'],
  'timeHistSubBucketBits' | 'timeHistNumSuperBuckets' | 'timeHistMinBucketBits' | 'timeHistMaxBucketBits'
>;

const NANOSECONDS = 1e9;

/**
 * Upper bounds in seconds of a runtime.timeHistogram's buckets as runtime/metrics lists them: first the bucket of negative times (0),
 * then those of `counts`, each up to where the next begins, the last one up to Infinity. From Go 1.20 that last one is `overflow`, a
 * word of its own; before, it is the last of `counts`. Undefined when the shape does not give `counts` buckets.
 * Source: runtime/histogram.go timeHistogramMetricsBuckets, Go 1.17 to 1.27.
 */
export function histogramBounds(shape: HistogramShape, counts: number): readonly number[] | undefined {
  const { timeHistSubBucketBits: subBits, timeHistNumSuperBuckets: supers } = shape;
  const { timeHistMinBucketBits: minBits, timeHistMaxBucketBits: maxBits } = shape;
  const starts =
    supers !== undefined
      ? superBucketStarts(subBits, supers)
      : minBits !== undefined && maxBits !== undefined
        ? bucketStarts(subBits, minBits, maxBits)
        : [];
  if (starts.length !== counts + (supers === undefined ? 1 : 0)) return undefined;
  return [...starts.map((nanoseconds) => nanoseconds / NANOSECONDS), Number.POSITIVE_INFINITY];
}

/** Go 1.17 to 1.19: one bucket a nanosecond up to 2^subBits, then 2^subBits buckets for every power of two. */
function superBucketStarts(subBits: number, supers: number): number[] {
  const starts: number[] = [];
  for (let sub = 0; sub < 2 ** subBits; sub++) starts.push(sub);
  for (let power = 0; power < supers - 1; power++) {
    for (let sub = 0; sub < 2 ** subBits; sub++) starts.push((2 ** subBits + sub) * 2 ** power);
  }
  return starts;
}

/** From Go 1.20: 2^subBits buckets below 2^(minBits-1), as many for every power of two from there, and where overflow begins. */
function bucketStarts(subBits: number, minBits: number, maxBits: number): number[] {
  const starts: number[] = [];
  for (let sub = 0; sub < 2 ** subBits; sub++) starts.push(sub * 2 ** (minBits - 1 - subBits));
  for (let bit = minBits; bit < maxBits; bit++) {
    for (let sub = 0; sub < 2 ** subBits; sub++) starts.push((2 ** subBits + sub) * 2 ** (bit - 1 - subBits));
  }
  starts.push(2 ** (maxBits - 1));
  return starts;
}

import type { Instant } from '../base/clock.ts';

/** A quantity of memory at some moments, oldest first, a minute or more apart. */
export type ByteTrend = readonly { readonly atMs: number; readonly bytes: number }[];

const SPACING_MS = 60_000;
/** A quarter of an hour to half an hour of points, whatever the interval of the agent. */
const MOST_POINTS = 30;
const LEAST_POINTS = 10;
const LEAST_GROWTH_BYTES = 32 << 20;
const LEAST_GROWTH_RATIO = 0.1;

/** The trend with one more reading. Readings that come sooner than a minute after the last are left out, as is one that is not known. */
export function followBytes(before: ByteTrend | undefined, at: Instant, bytes: number | undefined): ByteTrend {
  const trend = before ?? [];
  const last = trend.at(-1);
  if (bytes === undefined || (last !== undefined && at.monotonicMs - last.atMs < SPACING_MS)) return trend;
  return [...trend, { atMs: at.monotonicMs, bytes }].slice(-MOST_POINTS);
}

/** Steady growth. */
export interface ByteGrowth {
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Growth over ten readings or more: by 32 MiB and a tenth at least, and so steady that the least of the last third is above the most
 * of the first and of the second. A saw-tooth, a step up to a plateau and a single spike are none.
 */
export function steadyGrowth(trend: ByteTrend): ByteGrowth | undefined {
  const [first, last] = [trend[0], trend.at(-1)];
  if (trend.length < LEAST_POINTS || first === undefined || last === undefined) return undefined;
  const bytes = last.bytes - first.bytes;
  if (bytes < LEAST_GROWTH_BYTES || bytes < LEAST_GROWTH_RATIO * last.bytes) return undefined;
  const third = Math.floor(trend.length / 3);
  const of = (from: number, to?: number): number[] => trend.slice(from, to).map((point) => point.bytes);
  const [begin, middle, end] = [of(0, third), of(third, -third), of(-third)];
  const rises = Math.max(...begin) < Math.min(...middle) && Math.max(...middle) < Math.min(...end);
  return rises ? { bytes, seconds: (last.atMs - first.atMs) / 1000 } : undefined;
}

/** Troughs through time; both lists have the same length, time rises. */
export interface Points {
  readonly atSeconds: readonly number[];
  readonly values: readonly number[];
}

/** Kendall's tau: 1 when each value is above all before it, 0 for no order, -1 when each is below. Equal pairs count as no order. */
export function kendallTau(values: readonly number[]): number {
  const count = values.length;
  if (count < 2) return 0;
  let order = 0;
  for (let late = 1; late < count; late += 1) {
    const value = values[late] ?? 0;
    for (let early = 0; early < late; early += 1) order += Math.sign(value - (values[early] ?? 0));
  }
  return order / ((count * (count - 1)) / 2);
}

/** Theil-Sen slope, per second: the median of the slopes of all pairs. Undefined for fewer than two points. */
export function medianSlope({ atSeconds, values }: Points): number | undefined {
  const slopes = new Float64Array((values.length * (values.length - 1)) / 2);
  let count = 0;
  for (let late = 1; late < values.length; late += 1) {
    const value = values[late] ?? 0;
    const at = atSeconds[late] ?? 0;
    for (let early = 0; early < late; early += 1) {
      slopes[count] = (value - (values[early] ?? 0)) / (at - (atSeconds[early] ?? 0));
      count += 1;
    }
  }
  return median(slopes);
}

/** Half of the points are no further than this from the line of that slope; undefined for none. */
export function medianDistance({ atSeconds, values }: Points, perSecond: number): number | undefined {
  const offsets = Float64Array.from(values, (value, index) => value - perSecond * (atSeconds[index] ?? 0));
  const offset = median(offsets.slice());
  return offset === undefined ? undefined : median(offsets.map((value) => Math.abs(value - offset)));
}

/** The middle value, or the mean of the two in the middle; undefined for none. Sorts in place. */
export function median(values: Float64Array): number | undefined {
  if (values.length === 0) return undefined;
  values.sort();
  const half = values.length >> 1;
  const upper = values[half] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[half - 1] ?? 0) + upper) / 2;
}

/** Medians of the four quarters of the values; undefined for fewer than eight. */
export function quarters(values: readonly number[]): readonly [number, number, number, number] | undefined {
  const count = values.length;
  if (count < 8) return undefined;
  const of = (quarter: number): number =>
    middle(values, Math.round((quarter * count) / 4), Math.round(((quarter + 1) * count) / 4));
  return [of(0), of(1), of(2), of(3)];
}

/** The median of two or three values without sorting, as there are no more in a quarter of twelve. */
function middle(values: readonly number[], from: number, to: number): number {
  const first = values[from] ?? 0;
  const second = values[from + 1] ?? first;
  if (to - from < 3) return (first + second) / 2;
  const third = values[from + 2] ?? first;
  return Math.max(Math.min(first, second), Math.min(Math.max(first, second), third));
}

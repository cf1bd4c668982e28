import { describe, expect, it } from 'vitest';
import { cumulativeOf, quantileBetween } from '../../src/go/histogram.ts';

const INF = Number.POSITIVE_INFINITY;
/** As narrow as the runtime's own: each at most twice the one before. */
const NARROW = [1e-5, 2e-5, 4e-5, INF];
/** client_golang's bounds for seconds. */
const POWERS = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, INF];
const histogram = (bounds: readonly number[], counts: readonly number[]) => cumulativeOf(bounds, counts)!;
const NONE = histogram(
  POWERS,
  POWERS.map(() => 0),
);

describe('quantileBetween', () => {
  it('is linear inside a bucket', () => {
    // 90 between 10 and 20 us, 10 between 20 and 40 us: the 99th of 100 is the 9th of these 10.
    const none = histogram(NARROW, [0, 0, 0, 0]);
    const after = histogram(NARROW, [0, 90, 10, 0]);
    const p99 = quantileBetween(none, after, 0.99)!;
    expect(p99.value).toBeCloseTo(2e-5 + 0.9 * 2e-5, 12);
    expect(p99).toMatchObject({ atLeast: false, upTo: 4e-5, observations: 100 });
    // Half of 100 is the 50th of 90.
    expect(quantileBetween(none, after, 0.5)!.value).toBeCloseTo(1e-5 + (50 / 90) * 1e-5, 12);
  });

  it('is the lower bound of a bucket wider than a factor of four, and says so', () => {
    // The 99th of 100 lies between 100 us and 1 ms: where in there, powers of ten do not tell.
    const after = histogram(POWERS, [0, 0, 0, 0, 0, 90, 10, 0, 0, 0, 0]);
    expect(quantileBetween(NONE, after, 0.99)).toEqual({ value: 1e-4, atLeast: true, upTo: 1e-3, observations: 100 });
    const four = [1, 4, 16.1, INF];
    const none = histogram(four, [0, 0, 0, 0]);
    expect(quantileBetween(none, histogram(four, [0, 2, 0, 0]), 0.5)).toMatchObject({ value: 2.5, atLeast: false });
    expect(quantileBetween(none, histogram(four, [0, 0, 2, 0]), 0.5)).toMatchObject({ value: 4, atLeast: true });
  });

  it('counts the window only', () => {
    const before = histogram(POWERS, [0, 0, 0, 0, 0, 0, 0, 1000, 0, 0, 0]);
    const after = histogram(POWERS, [0, 0, 0, 4, 0, 0, 0, 1000, 0, 0, 0]);
    expect(quantileBetween(before, after, 1)).toEqual({ value: 1e-7, atLeast: true, upTo: 1e-6, observations: 4 });
  });

  it('starts at 0 in the first bucket, and says so when the last is reached', () => {
    expect(quantileBetween(NONE, histogram(POWERS, [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0.5)!.value).toBeCloseTo(
      5e-10,
      15,
    );
    expect(quantileBetween(NONE, histogram(POWERS, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]), 0.99)).toEqual({
      value: 1,
      atLeast: true,
      upTo: INF,
      observations: 3,
    });
  });

  it("takes the runtime's own bounds, from minus infinity", () => {
    const bounds = [0, 1e-6, INF];
    const none = histogram(bounds, [0, 0, 0]);
    expect(quantileBetween(none, histogram(bounds, [1, 3, 0]), 0.5)!.value).toBeCloseTo(1e-6 / 3, 15);
    expect(quantileBetween(none, histogram(bounds, [4, 0, 0]), 0.5)!.value).toBe(0);
    const from = [Number.NEGATIVE_INFINITY, 0, 1e-6, INF];
    expect(quantileBetween(histogram(from, [0, 0, 0, 0]), histogram(from, [0, 0, 2, 0]), 1)!.value).toBe(1e-6);
  });

  it('is undefined when nothing was observed, counts went back or the bounds are others', () => {
    const some = histogram(POWERS, [0, 0, 0, 5, 5, 0, 0, 0, 0, 0, 0]);
    expect(quantileBetween(some, some, 0.99)).toBeUndefined();
    expect(quantileBetween(some, NONE, 0.99)).toBeUndefined();
    // More in all, but fewer in one bucket.
    expect(quantileBetween(some, histogram(POWERS, [0, 0, 0, 4, 9, 0, 0, 0, 0, 0, 0]), 0.99)).toBeUndefined();
    expect(quantileBetween(histogram([1, INF], [1, 1]), histogram([2, INF], [3, 3]), 0.99)).toBeUndefined();
    expect(quantileBetween(histogram([1, INF], [1, 1]), histogram([1, 2, INF], [3, 3, 3]), 0.99)).toBeUndefined();
  });
});

describe('cumulativeOf', () => {
  it.each([
    ['lists of two lengths', [1, INF], [1]],
    ['no bounds', [], []],
    ['no last bound', [1, 2], [1, 1]],
    ['bounds that fall', [2, 1, INF], [1, 1, 1]],
    ['a bound that is no number', [Number.NaN, INF], [1, 1]],
    ['a count below 0', [1, INF], [-1, 1]],
    ['a count that is no number', [1, INF], [Number.NaN, 1]],
  ])('refuses %s', (_, bounds, counts) => {
    expect(cumulativeOf(bounds, counts)).toBeUndefined();
  });
});

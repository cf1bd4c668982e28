import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestRange, sharesOf, weightOf } from '../../src/kube/cpu-weight.ts';

/** Request, shares, linear weight and its requests, quadratic weight and its requests: computed apart from this code. */
const TABLE = [
  [100, 102, 4, 80, 104, 17, 93, 100],
  [50, 51, 2, 29, 53, 11, 50, 56],
  [250, 256, 10, 233, 258, 35, 250, 258],
  [500, 512, 20, 490, 514, 59, 500, 509],
  [1000, 1024, 39, 976, 1000, 100, 989, 1000],
  [2000, 2048, 79, 2000, 2025, 174, 1998, 2011],
  [4000, 4096, 157, 3997, 4022, 303, 3997, 4012],
  [16000, 16384, 625, 15979, 16003, 942, 15989, 16008],
] as const;

describe('a request in thousandths of a core', () => {
  it.each(TABLE)(
    '%i: shares %i, linear weight %i, quadratic weight',
    (milli, shares, linear, low, high, quadratic, from, to) => {
      expect(sharesOf(milli)).toBe(shares);
      expect(weightOf(shares, 'linear')).toBe(linear);
      expect(weightOf(shares, 'quadratic')).toBe(quadratic);
      expect(requestRange(linear, 'linear')).toEqual({ lowMilli: low, highMilli: high });
      expect(requestRange(quadratic, 'quadratic')).toEqual({ lowMilli: from, highMilli: to });
    },
  );
});

describe('the ends', () => {
  it('no request and the smallest ones share a weight', () => {
    expect(sharesOf(0)).toBe(2);
    expect(requestRange(1, 'linear')).toEqual({ lowMilli: 0, highMilli: 28 });
    expect(requestRange(1, 'quadratic')).toEqual({ lowMilli: 0, highMilli: 2 });
    expect(requestRange(4, 'quadratic')).toEqual({ lowMilli: 10, highMilli: 14 });
  });

  it('the largest weight has no upper end', () => {
    // 262144 shares are 256 cores, and more are cut to that.
    expect(sharesOf(999_000)).toBe(262_144);
    expect(requestRange(10_000, 'linear')).toEqual({ lowMilli: 256_000, highMilli: 256_000 });
    expect(requestRange(10_000, 'quadratic')?.lowMilli).toBeLessThanOrEqual(256_000);
  });

  it.each([0, -1, 10_001, 1.5, Number.NaN])('no formula makes %s', (weight) => {
    expect(requestRange(weight, 'linear')).toBeUndefined();
    expect(requestRange(weight, 'quadratic')).toBeUndefined();
  });
});

describe('any request', () => {
  it('lies in the range of its weight', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200_000 }),
        fc.constantFrom('linear' as const, 'quadratic' as const),
        (milli, formula) => {
          const range = requestRange(weightOf(sharesOf(milli), formula), formula);
          expect(range?.lowMilli).toBeLessThanOrEqual(milli);
          expect(range?.highMilli).toBeGreaterThanOrEqual(milli);
        },
      ),
    );
  });
});

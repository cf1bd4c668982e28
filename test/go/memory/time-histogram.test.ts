import { describe, expect, it } from 'vitest';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import { histogramBounds } from '../../../src/go/memory/time-histogram.ts';

function boundsOf(name: string): readonly number[] {
  const offsets = RUNTIME_OFFSETS[name]!;
  return histogramBounds(offsets.constants, offsets.timeHistogram.counts[2])!;
}

const nanoseconds = (bounds: readonly number[]): number[] => bounds.map((seconds) => Math.round(seconds * 1e9));

describe('histogramBounds', () => {
  it.each(['1.20', '1.23', '1.27'])('has four buckets for every power of two from 256 ns on in Go %s', (name) => {
    const bounds = boundsOf(name);
    // Negative times, 40 powers of two with 4 parts each, and what is beyond.
    expect(bounds).toHaveLength(1 + 40 * 4 + 1);
    expect(nanoseconds(bounds.slice(0, 11))).toEqual([0, 64, 128, 192, 256, 320, 384, 448, 512, 640, 768]);
    // 2^47 ns is where overflow begins; the part before it starts at 7/4 of 2^46.
    expect(bounds.slice(-3)).toEqual([(7 * 2 ** 44) / 1e9, 2 ** 47 / 1e9, Number.POSITIVE_INFINITY]);
  });

  it.each(['1.17', '1.18', '1.19'])('has sixteen buckets for every power of two from 16 ns on in Go %s', (name) => {
    const bounds = boundsOf(name);
    // Negative times, and 45 powers of two with 16 parts each, the last of which has no upper bound.
    expect(bounds).toHaveLength(1 + 45 * 16);
    expect(nanoseconds(bounds.slice(0, 20))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
    expect(nanoseconds(bounds.slice(31, 35))).toEqual([31, 32, 34, 36]);
    // The last part begins at 31/16 of 2^47.
    expect(bounds.slice(-2)).toEqual([(31 * 2 ** 43) / 1e9, Number.POSITIVE_INFINITY]);
  });

  it('rises all the way', () => {
    for (const name of ['1.17', '1.27']) {
      const bounds = boundsOf(name);
      expect(bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!)).toBe(true);
    }
  });

  it('says nothing of a shape that does not fit', () => {
    const { constants } = RUNTIME_OFFSETS['1.27']!;
    expect(histogramBounds(constants, 161)).toBeUndefined();
    expect(histogramBounds({ ...constants, timeHistMinBucketBits: undefined }, 160)).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { fullJitter } from '../../src/base/full-jitter.ts';

const waiting = (failures: number, random: number): number =>
  fullJitter(failures, { firstMs: 1000, maxMs: 60_000, random: () => random });

test('the longest wait doubles up to the cap, and any shorter one may come', () => {
  const longest = [1, 2, 3, 6, 7, 1000].map((failures) => waiting(failures, 1));
  // 1 s x 2^(n-1), at most 60 s
  expect(longest).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
  expect(waiting(3, 0.25)).toBe(1000);
  expect(waiting(3, 0)).toBe(0);
});

import { expect, test } from 'vitest';
import { retryDelay } from '../../../src/agent/alert-push/backoff.ts';

test('the longest wait doubles up to the cap, and any shorter one may come', () => {
  const longest = [1, 2, 3, 6, 7, 1000].map((failures) => retryDelay(failures, 60_000, () => 1));
  // 1 s x 2^(n-1), at most 60 s
  expect(longest).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
  expect(retryDelay(3, 60_000, () => 0.25)).toBe(1000);
  expect(retryDelay(3, 60_000, () => 0)).toBe(0);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DURATION_PATTERN, durationProblem, formatDuration, parseDuration } from '../../src/config/durations.ts';

test.each([
  ['0', 0],
  ['0s', 0],
  ['250ms', 250],
  ['15s', 15_000],
  ['1m30s', 90_000],
  ['90m', 5_400_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['1w', 604_800_000],
  ['1y', 31_536_000_000],
  // 31536000 + 604800 + 86400 + 3600 + 60 + 1 seconds and one millisecond
  ['1y1w1d1h1m1s1ms', 32_230_861_001],
  ['007s', 7000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  ' ',
  '15',
  '90',
  '1.5s',
  '-5s',
  '+5s',
  '5 s',
  ' 5s',
  '5s ',
  '5s\n',
  '5S',
  '5sec',
  's',
  '30s1m',
  '1m1m',
  '1e3s',
  '0x1s',
  '\u0661s',
  // 2^53 ms is 9007199254740.992 s
  '9007199254741s',
  '9'.repeat(60) + 's',
  '1s'.repeat(1000),
])('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, '0s'],
  [1, '1ms'],
  [1500, '1s500ms'],
  [90_000, '1m30s'],
  [300_000, '5m'],
  [3_600_000, '1h'],
  // 90 days are not whole weeks
  [7_776_000_000, '90d'],
  [1_209_600_000, '2w'],
  [31_536_000_000, '1y'],
  [31_536_001_000, '365d1s'],
])('%i ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a bare number is told which units to write', () => {
  expect(durationProblem('15')).toBe('a duration needs a unit: write 15s for seconds or 15m for minutes');
  expect(durationProblem('abc')).toBe('expected a duration such as 15s, 1m30s or 250ms, got "abc"');
});

test('what is written can be read again, and the pattern agrees', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
      expect(formatDuration(ms)).toMatch(new RegExp(DURATION_PATTERN));
    }),
  );
});

test('arbitrary text gives a whole number or nothing, and always a problem to tell', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9smhdwy.]{0,12}$/)), (text) => {
      const ms = parseDuration(text);
      expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      expect(durationProblem(text).length).toBeLessThan(200);
    }),
  );
});

import { describe, expect, it } from 'vitest';
import type { GrowthSample } from '../../../src/rules/growth/types.ts';
import { firstAlarm, HOUR, MINUTE, memory, series } from './series.ts';

const aged = (goroutines: number, at: number): Partial<GrowthSample> => ({ ...memory(goroutines), uptimeSeconds: at });
const straight = (at: number, seconds: number): number => Math.min(1, Math.max(0, at / seconds));

// 400 MiB are free, and 8 KiB are one goroutine: 51,100 more than the first hundred fit.
describe('leaks that leave minutes', () => {
  it.each([3, 5, 10, 15])(
    '100 a second, 511 s to the limit, looks every %i s: before 30 percent of the way',
    (step) => {
      const alarm = firstAlarm(series(HOUR + 510, step, (at) => 100 + Math.max(0, at - HOUR) * 100, memory));
      expect(alarm).toBeGreaterThan(HOUR + 60);
      expect(alarm).toBeLessThan(HOUR + 154);
    },
  );

  it('from the first second on: when more is gone than a start-up takes, and before the end', () => {
    // 95 a second are 538 s to the limit. Two parts gone to one part left are 359 s.
    const alarm = firstAlarm(series(535, 5, (at) => 100 + at * 95, aged));
    expect(alarm).toBeGreaterThan(269);
    expect(alarm).toBeLessThan(404);
  });

  it('with looks half a minute apart it waits for twelve of them', () => {
    const alarm = firstAlarm(series(HOUR + 510, 30, (at) => 100 + Math.max(0, at - HOUR) * 100, memory));
    expect(alarm).toBeGreaterThan(HOUR + 150);
    expect(alarm).toBeLessThan(HOUR + 420);
  });

  it('not without a limit: then nothing is minutes away', () => {
    expect(firstAlarm(series(HOUR + 510, 5, (at) => 100 + Math.max(0, at - HOUR) * 100))).toBeUndefined();
  });
});

describe('healthy programs at that pace stay silent', () => {
  const healthy: Readonly<Record<string, [seconds: number, count: (seconds: number) => number]>> = {
    // 20,000 are two fifths of what fits, 6,000 an eighth.
    'a start-up in a straight line to two fifths of the memory': [
      HOUR,
      (at) => 100 + 20_000 * straight(at, 5 * MINUTE),
    ],
    'the same after three minutes': [HOUR, (at) => 100 + 20_000 * straight(at - 180, 5 * MINUTE)],
    'all connections broken and back in four minutes': [
      2 * HOUR,
      (at) => 20_000 * (at < HOUR ? 1 : straight(at - HOUR - 60, 4 * MINUTE)) + 100,
    ],
    'back with a tenth more than before': [
      2 * HOUR,
      (at) => 20_000 * (at < HOUR ? 1 : 1.1 * straight(at - HOUR - 60, 4 * MINUTE)) + 100,
    ],
    'a burst that climbs for five minutes and drains': [
      2 * HOUR,
      (at) => 100 + 6000 * (at < HOUR + 600 ? straight(at - HOUR, 300) : Math.exp((HOUR + 600 - at) / 60)),
    ],
    'a burst that fills up quickly, to two fifths of the memory': [
      2 * HOUR,
      (at) => 100 + 20_000 * (at < HOUR ? 0 : at < HOUR + 600 ? 1 - Math.exp((HOUR - at) / 60) : 0),
    ],
  };

  it.each(Object.entries(healthy))('%s', (_, [seconds, count]) => {
    for (const step of [3, 15]) expect(firstAlarm(series(seconds, step, count, aged)), `${step} s`).toBeUndefined();
  });

  it('what was not seen is no evidence: 16 hours of growth after 8 without a look are not a day of it', () => {
    // 30, and from the tenth hour on 10 more each hour; 1.3 MiB matter, the limit is weeks away, so that a day is asked for.
    const samples = series(26 * HOUR, 300, (at) => 30 + Math.max(0, at / HOUR - 10) * 10, memory).filter(
      (_, index) => index * 300 < 2 * HOUR || index * 300 >= 10 * HOUR,
    );
    expect(firstAlarm(samples)).toBeUndefined();
  });
});

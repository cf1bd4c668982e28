import { describe, expect, it } from 'vitest';
import { DEFAULT_GROWTH_OPTIONS } from '../../../src/rules/growth/options.ts';
import { BEGIN, DAY, HOUR, judged, MIB, MINUTE, memory, series } from './series.ts';

const leak = (perSecond: number) => (at: number) => 100 + Math.max(0, at - HOUR) * perSecond;

describe('what a verdict says', () => {
  it('rate, begin, cost, time to the limit', () => {
    // Two hours at one a second: 7300 goroutines, 112 + 57 = 169 MiB; 343 MiB / 8 KiB = 43,900 seconds more.
    const verdict = judged(series(3 * HOUR, 15, leak(1), memory));
    // 43,900 x 0.27 = 3.3 hours: two are too few.
    expect(verdict.kind).toBe('steady');
    expect(verdict.reason).toMatch(/^rising for .*; by the time left to the limit, \d\.\d h of it would tell$/);
    // Four hours: 14,500 goroutines, 225 MiB; 287 MiB / 8 KiB = 36,700 seconds, of which 0.27 are 2.8 hours.
    const later = judged(series(5 * HOUR, 15, leak(1), memory));
    expect(later.kind).toBe('growing');
    if (later.kind !== 'growing') return;
    // The window holds a part of the quiet hour too, so that the rate is a little low.
    expect(later.perHour / 3600).toBeGreaterThan(0.8);
    expect(later.perHour / 3600).toBeLessThanOrEqual(1);
    expect(Math.abs((later.bytesPerGoroutine ?? 0) - 8192)).toBeLessThan(0.03 * 8192);
    expect(later.secondsToLimit).toBeGreaterThan(35_000);
    expect(later.secondsToLimit).toBeLessThan(36_700 / 0.8);
    expect(Math.abs(later.sinceSeconds - BEGIN - HOUR)).toBeLessThan(30 * MINUTE);
    expect(later.goroutinesAdded).toBeLessThan(15_500);
    expect(later.severity).toBe('warning');
    expect(later.reason).toMatch(/^14\d\d\d goroutines, and [23]\d\d\d more each hour: the lowest counts rise/);
  });

  it('is critical near the limit, by the limit that the caller read', () => {
    const near = (goroutines: number) => ({ ...memory(goroutines), memoryLimitBytes: 260 * MIB });
    // 4.7 hours of leak: 16,920 and 100 goroutines, 112 + 133 = 245 MiB; 15 MiB / 8 KiB are 1900 s.
    expect(judged(series(5.7 * HOUR, 15, leak(1), near))).toMatchObject({ kind: 'growing', severity: 'critical' });
  });

  it('without memory figures it has no cost and no end, not a made-up one', () => {
    const verdict = judged(series(2 * DAY, 60, (at) => 100 + at / 30));
    expect(verdict.kind).toBe('growing');
    expect(verdict).not.toHaveProperty('bytesPerGoroutine');
    expect(verdict).not.toHaveProperty('secondsToLimit');
    expect(verdict.reason).not.toMatch(/costs|limit/);
  });

  it('is too early in the first minutes, and for a process that just started', () => {
    expect(judged(series(5 * MINUTE, 15, leak(1), memory)).kind).toBe('too early');
    // 30 a second: after ten minutes 18,000 of the 51,100 that fit are there, as a start-up may have.
    const young = series(
      10 * MINUTE,
      15,
      (at) => 100 + at * 30,
      (goroutines, at) => ({ ...memory(goroutines), uptimeSeconds: at }),
    );
    expect(judged(young).kind).toBe('too early');
  });

  it('forgets a process whose place another one took', () => {
    const restarted = series(4 * HOUR, 15, leak(3), (goroutines, at) => ({
      ...memory(goroutines),
      uptimeSeconds: at < 4 * HOUR - 5 * MINUTE ? 10 * DAY + at : at - (4 * HOUR - 5 * MINUTE),
    }));
    expect(judged(restarted).kind).toBe('too early');
  });

  it('says why growth of minutes is not believed: it took too little', () => {
    // 28 MiB are free. Four a second for 225 s are 900 and 7.03 MiB, of which what was seen is less than the 7 MiB that are 5 %;
    // (28 - 7) MiB / 32 KiB a second x 0.27 are 181 s.
    const near = (goroutines: number) => ({ ...memory(goroutines), memoryLimitBytes: 140 * MIB });
    const verdict = judged(series(HOUR + 226, 5, (at) => (at < HOUR ? 1500 : 100 + (at - HOUR) * 4), near));
    expect(verdict.kind).toBe('steady');
    expect(verdict.reason).toBe(
      'rising for 3 min; before 9 min of it only growth that surely took 5 % of a memory limit would tell',
    );
  });

  it('tells how long growth was seen, not how long the stretch is', () => {
    // Eight hours without a look, and then 16 of growth.
    const samples = series(26 * HOUR, 300, (at) => 30 + Math.max(0, at / HOUR - 10) * 10, memory).filter(
      (_, index) => index * 300 < 2 * HOUR || index * 300 >= 10 * HOUR,
    );
    // The stretch that is told of is 24 h long, 8 of its 12 parts were seen.
    expect(judged(samples).reason).toBe('rising for 16 h; by the time left to the limit, 24 h of it would tell');
  });

  it('who asks for longer evidence is not undercut by what is urgent, unless that is set too', () => {
    // 100 a second, 511 s to the limit, for five minutes.
    const samples = series(HOUR + 300, 5, leak(100), memory);
    expect(judged(samples).kind).toBe('growing');
    const longer = { ...DEFAULT_GROWTH_OPTIONS, minWindowSeconds: 3600 };
    expect(judged(samples, longer).kind).not.toBe('growing');
    expect(judged(samples, { ...longer, minUrgentWindowSeconds: 150 }).kind).toBe('growing');
  });

  it('every threshold can be set: less evidence tells sooner, a larger effect keeps silent', () => {
    const samples = series(3 * HOUR, 15, leak(1), memory);
    expect(judged(samples, { ...DEFAULT_GROWTH_OPTIONS, evidenceShareOfTimeLeft: 0.1 }).kind).toBe('growing');
    expect(
      judged(samples, { ...DEFAULT_GROWTH_OPTIONS, evidenceShareOfTimeLeft: 0.1, minAddedGoroutines: 10_000 }).kind,
    ).toBe('steady');
  });
});

import { describe, expect, it } from 'vitest';
import { ProfileSchedule } from '../../src/sample/profile-schedule.ts';

const EVERY = 300_000;

/** A schedule that was asked once, at 0, with so many goroutines. */
function asked(goroutines: number, tookMs: number | undefined = 10, hurries = true): ProfileSchedule {
  const schedule = new ProfileSchedule(EVERY, hurries);
  schedule.answered(0, { tookMs, goroutines });
  return schedule;
}

describe('ProfileSchedule', () => {
  it('is due at once, then after its interval', () => {
    expect(new ProfileSchedule(EVERY, true).waitMs(0, 5)).toBe(0);
    const schedule = asked(50);
    expect(schedule.waitMs(100_000, 50)).toBe(199_999);
    expect(schedule.waitMs(EVERY, 50)).toBe(0);
  });

  it('asks every time at an interval of zero, and never twice at one moment', () => {
    const schedule = new ProfileSchedule(0, true);
    schedule.answered(7, { tookMs: 5000, goroutines: 1e6 });
    expect(schedule.waitMs(7, 1e6)).toBe(1);
    expect(schedule.waitMs(8, 1e6)).toBe(0);
  });

  it('takes longer with more than 10,000 goroutines, in proportion', () => {
    expect(asked(10_000).intervalMs(10_000)).toBe(EVERY);
    expect(asked(25_000).intervalMs(25_000)).toBe(2.5 * EVERY);
  });

  it('comes sooner by a quarter once there are 20 % and 100 goroutines more', () => {
    expect(asked(1000).intervalMs(1200)).toBe(EVERY);
    expect(asked(1000).intervalMs(1201)).toBe(EVERY / 4);
    // 20 % of few are nothing to hurry for.
    expect(asked(50).intervalMs(150)).toBe(EVERY);
    expect(asked(50).intervalMs(151)).toBe(EVERY / 4);
    // Cost counts all the same: 40,000 goroutines are four times 10,000.
    expect(asked(20_000).intervalMs(40_000)).toBe(EVERY);
    expect(asked(1000, 10, false).intervalMs(5000)).toBe(EVERY);
  });

  it('doubles up to eight times while answers take over a second or fail, and comes back by halves', () => {
    const schedule = asked(10, 1001);
    const after = (tookMs: number | undefined) => {
      schedule.answered(0, { tookMs, goroutines: 10 });
      return schedule.intervalMs(10) / EVERY;
    };
    expect(schedule.intervalMs(10) / EVERY).toBe(2);
    expect(schedule.slowness).toContain('x 2');
    expect([after(2000), after(undefined), after(2000)]).toEqual([4, 8, 8]);
    expect([after(1000), after(5), after(5), after(5)]).toEqual([4, 2, 1, 1]);
    expect(schedule.slowness).toBe('');
  });

  it('can be begun without asking', () => {
    const schedule = new ProfileSchedule(EVERY, false);
    schedule.begin(1000);
    schedule.begin(9000);
    expect(schedule.waitMs(1000, 5)).toBe(299_999);
    expect(schedule.waitMs(301_000, 5)).toBe(0);
  });
});

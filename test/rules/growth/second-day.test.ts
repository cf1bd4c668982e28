import { expect, it } from 'vitest';
import { judgeGrowth } from '../../../src/rules/growth/judge.ts';
import { observeGrowth } from '../../../src/rules/growth/observe.ts';
import { DEFAULT_GROWTH_OPTIONS } from '../../../src/rules/growth/options.ts';
import type { GrowthState } from '../../../src/rules/growth/types.ts';
import { BEGIN, DAY, HOUR, memory, series } from './series.ts';

/** Days, counted from 0, in which it was called growing. */
function daysOfAlarm(count: (seconds: number) => number): number[] {
  const days = new Set<number>();
  let state: GrowthState | undefined;
  for (const sample of series(5 * DAY, 60, count, memory)) {
    state = observeGrowth(state, sample);
    const seconds = sample.atSeconds - BEGIN;
    if (seconds % 600 === 0 && judgeGrowth(state, DEFAULT_GROWTH_OPTIONS).kind === 'growing')
      days.add(Math.floor(seconds / DAY));
  }
  return [...days];
}

// 400 MiB are free for 8 KiB each: 51,200 goroutines fill them. The first climb to such a share may be a leak; what came back once is none.
it.each([25, 30, 40])(
  'traffic that peaks at %s percent of the free memory is told on its first day at most',
  (percent) => {
    const peak = 512 * percent;
    const sine = (seconds: number): number => 2000 + (peak * (1 - Math.cos((2 * Math.PI * seconds) / DAY))) / 2;
    expect(daysOfAlarm(sine).filter((day) => day > 0)).toEqual([]);
  },
);

it('so is a morning that rises for five hours to a fifth of it', () => {
  const morning = (seconds: number): number => {
    const hour = (seconds % DAY) / HOUR;
    const share = hour < 7 ? 0 : hour < 12 ? (hour - 7) / 5 : hour < 18 ? 1 : Math.max(0, 1 - (hour - 18) / 4);
    return 2000 + 10_240 * share;
  };
  expect(daysOfAlarm(morning).filter((day) => day > 0)).toEqual([]);
});

import { type Judged, refused } from './candidates.ts';
import { dailyGrowth } from './daily.ts';
import { tooSmall } from './effect.ts';
import { bytesPerGoroutine } from './memory-cost.ts';
import type { GrowthOptions } from './options.ts';
import { humanSpan } from './reason.ts';
import type { GrowthState } from './types.ts';

// One of eighteen may be out of line: a burst or a batch of the day before.
const MIN_AGREEMENT = 17 / 18;
const DAY_SECONDS = 86_400;

/** Judges growth from day to day, which stretches of hours cannot see under traffic. */
export function judgeDaily(state: GrowthState, fromSeconds: number, options: GrowthOptions): Judged {
  const daily = dailyGrowth(state, fromSeconds);
  if (daily === undefined) return refused(0, () => 'less than two and a half days of samples');
  if (daily.agreement < MIN_AGREEMENT) return refused(2, () => 'not above the day before at all hours');
  const { last } = state;
  const perSecond = daily.perDay / DAY_SECONDS;
  const memory = daily.memoryBytesPerDay;
  const bytes = bytesPerGoroutine(last, perSecond, memory === undefined ? undefined : memory / DAY_SECONDS);
  // Only what was compared counts: days differ.
  const small = tooSmall(perSecond * daily.comparedSeconds, daily.fromGoroutines, bytes, last, options);
  if (small !== undefined) return refused(4, () => `${small} (in ${humanSpan(daily.comparedSeconds)})`);
  return {
    holds: true,
    candidate: {
      perSecond,
      sinceSeconds: daily.fromSeconds,
      bytes,
      evidence: {
        test: 'daily',
        windowSeconds: daily.seconds,
        neededSeconds: daily.seconds,
        agreement: daily.agreement,
        fromGoroutines: daily.fromGoroutines,
        toGoroutines: daily.toGoroutines,
      },
    },
  };
}

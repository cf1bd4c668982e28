import { type Candidate, judgeWindow, leastRise, type Refused } from './candidates.ts';
import { judgeDaily } from './daily-verdict.ts';
import { secondsToLimit } from './memory-cost.ts';
import { type GrowthOptions, leastWindowSeconds } from './options.ts';
import { growingReason, humanSpan } from './reason.ts';
import type { GrowthLevel, GrowthSeverity, GrowthState, GrowthVerdict } from './types.ts';
import { extentOf, growthWindows } from './windows.ts';

/**
 * Judges a process by what was observed of it, at the time of its last sample. Looks at every stretch of time from minutes to days
 * that ends now, longest first, and believes the growth in one when its troughs rise all through, when it is large enough to matter,
 * when the process never came back from the like, and when it has lasted long enough for the time that is left to the memory limit.
 */
export function judgeGrowth(state: GrowthState, options: GrowthOptions): GrowthVerdict {
  const settledSeconds = (state.startedAtSeconds ?? state.firstAtSeconds) + options.warmUpSeconds;
  const fromSeconds = Math.max(settledSeconds, state.firstAtSeconds);
  let refusal: Refused | undefined;
  const mayRise = (level: GrowthLevel): boolean => {
    // Most processes end here: the count is nowhere near far enough above the lowest.
    const extent = extentOf(level);
    return extent === undefined || extent.newest - extent.lowest >= leastRise(extent.lowest, options) / 2;
  };
  for (const window of growthWindows(state, settledSeconds, leastWindowSeconds(options), mayRise)) {
    const judged = judgeWindow(state, window, options);
    if (judged.holds) return growing(state, judged.candidate, options);
    if (refusal === undefined || judged.weight > refusal.weight) refusal = judged;
  }
  if (state.samples === 0 || state.last.atSeconds - fromSeconds < options.minWindowSeconds)
    return {
      kind: 'too early',
      reason: `a judgement needs ${humanSpan(options.minWindowSeconds)} after the first ${humanSpan(options.warmUpSeconds)} of the process, and samples in them`,
    };
  const daily = judgeDaily(state, fromSeconds, options);
  if (daily.holds) return growing(state, daily.candidate, options);
  return { kind: 'steady', reason: refusal?.reason() ?? 'the count is not above its lowest by enough to matter' };
}

function growing(state: GrowthState, candidate: Candidate, options: GrowthOptions): GrowthVerdict {
  const { perSecond, evidence, sinceSeconds, bytes } = candidate;
  const { memoryLimitBytes, memoryCurrentBytes } = state.last;
  const perHour = perSecond * 3600;
  const left = secondsToLimit(memoryLimitBytes, memoryCurrentBytes, perSecond, bytes);
  const facts = {
    perHour,
    sinceSeconds,
    evidence,
    goroutinesAdded: Math.round(perSecond * (state.last.atSeconds - sinceSeconds)),
    ...(bytes === undefined ? {} : { bytesPerGoroutine: bytes }),
    ...(left === undefined ? {} : { secondsToLimit: left }),
    severity: severityOf(perHour, left, options),
  };
  return { kind: 'growing', ...facts, reason: growingReason(facts, state.last) };
}

function severityOf(perHour: number, left: number | undefined, options: GrowthOptions): GrowthSeverity {
  const soon = left ?? Number.POSITIVE_INFINITY;
  if (soon <= options.criticalSecondsToLimit || perHour >= options.criticalPerHour) return 'critical';
  return soon <= options.warningSecondsToLimit || perHour >= options.warningPerHour ? 'warning' : 'info';
}

import { judgeGrowth } from '../../../src/rules/growth/judge.ts';
import { observeGrowth } from '../../../src/rules/growth/observe.ts';
import { DEFAULT_GROWTH_OPTIONS, type GrowthOptions } from '../../../src/rules/growth/options.ts';
import type { GrowthSample, GrowthState, GrowthVerdict } from '../../../src/rules/growth/types.ts';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
export const MIB = 1024 * 1024;
// A round hour, so that buckets begin where the series does.
export const BEGIN = 1_800_000_000;

/** One sample each `step` seconds of what `count` says, `seconds` long. */
export function series(
  seconds: number,
  step: number,
  count: (seconds: number) => number,
  more: (goroutines: number, seconds: number) => Partial<GrowthSample> = () => ({}),
): GrowthSample[] {
  return Array.from({ length: Math.floor(seconds / step) }, (_, index) => {
    const at = index * step;
    const goroutines = Math.round(count(at));
    return { atSeconds: BEGIN + at, goroutines, ...more(goroutines, at) };
  });
}

/** A container of 512 MiB, 112 MiB of them taken by other things, where each goroutine costs 8 KiB, 4 KiB of it stack. */
export function memory(goroutines: number): Partial<GrowthSample> {
  return {
    memoryCurrentBytes: 112 * MIB + goroutines * 8192,
    memoryLimitBytes: 512 * MIB,
    stackInuseBytes: goroutines * 4096,
  };
}

export function stateOf(samples: readonly GrowthSample[]): GrowthState {
  let state: GrowthState | undefined;
  for (const sample of samples) state = observeGrowth(state, sample);
  if (state === undefined) throw new Error('no samples');
  return state;
}

export function judged(
  samples: readonly GrowthSample[],
  options: GrowthOptions = DEFAULT_GROWTH_OPTIONS,
): GrowthVerdict {
  return judgeGrowth(stateOf(samples), options);
}

/** Seconds after the begin at which it was first called growing; undefined for never. */
export function firstAlarm(samples: readonly GrowthSample[]): number | undefined {
  let state: GrowthState | undefined;
  for (const sample of samples) {
    state = observeGrowth(state, sample);
    if (judgeGrowth(state, DEFAULT_GROWTH_OPTIONS).kind === 'growing') return sample.atSeconds - BEGIN;
  }
  return undefined;
}

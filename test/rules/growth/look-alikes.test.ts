import { describe, expect, it } from 'vitest';
import type { GrowthSample } from '../../../src/rules/growth/types.ts';
import { BEGIN, firstAlarm, HOUR, judged, MIB, MINUTE, memory, series } from './series.ts';

const straight = (at: number, seconds: number): number => Math.min(1, Math.max(0, at / seconds));
const aged = (goroutines: number, at: number): Partial<GrowthSample> => ({ ...memory(goroutines), uptimeSeconds: at });

interface Ramp {
  readonly added: number;
  readonly seconds: number;
  readonly cacheMibPerSecond: number;
  readonly usedMib: number;
  readonly limitMib: number;
  readonly stacks?: boolean;
}

// Two hours and a minute after the start, for ten minutes; a goroutine costs 8 KiB, 4 KiB of it stack.
const START = 2 * HOUR + MINUTE;
const cacheAndRamp = (ramp: Ramp, step: number): GrowthSample[] =>
  series(
    START + 10 * MINUTE,
    step,
    (at) => 60 + ramp.added * straight(at - START, ramp.seconds),
    (goroutines, at) => ({
      memoryCurrentBytes:
        (ramp.usedMib + ramp.cacheMibPerSecond * straight(at - START, 300) * 300) * MIB + goroutines * 8192,
      memoryLimitBytes: ramp.limitMib * MIB,
      ...(ramp.stacks === false ? {} : { stackInuseBytes: goroutines * 4096 }),
      uptimeSeconds: at,
    }),
  );

describe('a cache that fills while traffic rises', () => {
  // 250 goroutines and 168 MiB in 240 s look like 0.7 MiB each; with two stacks each they are 2 MiB of 512.
  const ramps: readonly Ramp[] = [
    { added: 250, seconds: 240, cacheMibPerSecond: 0.7, usedMib: 220, limitMib: 512 },
    { added: 150, seconds: 200, cacheMibPerSecond: 0.9, usedMib: 220, limitMib: 512 },
    { added: 200, seconds: 240, cacheMibPerSecond: 1.2, usedMib: 400, limitMib: 1024 },
    { added: 400, seconds: 240, cacheMibPerSecond: 0.2, usedMib: 50, limitMib: 128, stacks: false },
  ];
  it.each(ramps)(
    'is no leak: $added goroutines in $seconds s, $cacheMibPerSecond MiB a second, $limitMib MiB',
    (ramp) => {
      for (const step of [5, 10, 15]) expect(firstAlarm(cacheAndRamp(ramp, step)), `${step} s`).toBeUndefined();
    },
  );

  it('a leak of goroutines that hold as much is told all the same, later, and at what they cost', () => {
    // One a second at 64 KiB: 400 MiB are 6400 s, and by all of it 0.27 x 6400 / 1.27 = 1360 s would do. In windows of less than an
    // hour 8 KiB of it count; those of an hour and more begin in the quiet.
    const heavy = (goroutines: number) => ({
      memoryCurrentBytes: 112 * MIB + goroutines * 65_536,
      memoryLimitBytes: 512 * MIB,
      stackInuseBytes: goroutines * 4096,
    });
    const samples = series(5 * HOUR, 15, (at) => 100 + Math.max(0, at - HOUR), heavy).filter(
      ({ memoryCurrentBytes: current = 0 }) => current < 512 * MIB,
    );
    const alarm = firstAlarm(samples) ?? 0;
    expect(alarm).toBeGreaterThan(HOUR + 30 * MINUTE);
    expect(alarm).toBeLessThan(HOUR + 60 * MINUTE);
    const verdict = judged(samples.filter(({ atSeconds }) => atSeconds <= BEGIN + alarm));
    // What it holds is told in full, less the noise of a window that is quiet at first.
    const bytes = verdict.kind === 'growing' ? (verdict.bytesPerGoroutine ?? 0) : 0;
    expect(Math.abs(bytes - 65_536)).toBeLessThan(0.1 * 65_536);
  });
});

describe('a straight start-up that outlasts the warm-up', () => {
  // 400 MiB are free, 51,200 goroutines of 8 KiB.
  it.each([
    [12, 40],
    [13, 30],
    [15, 20],
    [15, 28],
    [18, 19],
    [20, 12],
  ])('of %i minutes to %i percent of the free memory is silent', (minutes, percent) => {
    const count = (at: number): number => 100 + 51_200 * (percent / 100) * straight(at, minutes * MINUTE);
    for (const step of [5, 15, 30]) expect(firstAlarm(series(HOUR, step, count, aged)), `${step} s`).toBeUndefined();
  });

  it('that never ends is told after the warm-up', () => {
    // 20 a second: 2560 s to the limit. Three quarters of a window after 600 s: (2560 - t) x 0.27 = (t - 600) / 0.75 at t = 927.
    const alarm = firstAlarm(series(40 * MINUTE, 15, (at) => 100 + 20 * at, aged));
    expect(alarm).toBeGreaterThan(850);
    expect(alarm).toBeLessThan(1050);
  });
});

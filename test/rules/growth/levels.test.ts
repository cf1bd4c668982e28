import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../../src/rules/growth/levels.ts';
import { observeGrowth } from '../../../src/rules/growth/observe.ts';
import type { GrowthState } from '../../../src/rules/growth/types.ts';
import { BEGIN, DAY, series, stateOf } from './series.ts';

const level = (state: GrowthState, index: number) => state.levels[index]!;

describe('what is remembered', () => {
  it('is the lowest of each step of time, in steps of 5 s, 15 s, 1 min, 5 min, 20 min and 2 h', () => {
    expect(LEVELS.map(({ widthSeconds }) => widthSeconds)).toEqual([5, 15, 60, 300, 1200, 7200]);
    // 5, 7 | 9, 3 | 4, 8 | 6, 6 in quarters of the first minute, then 50, 40 begin the second.
    const counts = [5, 7, 9, 3, 4, 8, 6, 6, 50, 40];
    const state = stateOf(counts.map((goroutines, index) => ({ atSeconds: BEGIN + index * 7.5, goroutines })));
    expect(level(state, 1).troughs).toEqual([5, 3, 4, 6]);
    // At 67.5 s the five seconds from 60 s on are closed, with 50; the 40 is in the open ones, and no fold has taken it yet.
    expect(level(state, 0).openTrough).toBe(40);
    expect(level(state, 1).openTrough).toBe(50);
    expect(level(state, 2).troughs).toEqual([3]);
    // The second minute has no closed quarter yet.
    expect(level(state, 2).openTrough).toBeNull();
    expect(level(state, 3).openTrough).toBe(3);
  });

  it('keeps a gap as steps without a value', () => {
    const state = stateOf([0, 60, 240, 300].map((at) => ({ atSeconds: BEGIN + at, goroutines: at + 1 })));
    expect(level(state, 2).troughs).toEqual([1, 61, null, null, 241]);
  });

  it('after a gap of a month nothing old is left but the number of samples', () => {
    const state = stateOf([
      { atSeconds: BEGIN, goroutines: 1 },
      { atSeconds: BEGIN + 30 * DAY, goroutines: 2 },
      { atSeconds: BEGIN + 30 * DAY + 7200, goroutines: 3 },
    ]);
    expect(state.samples).toBe(3);
    for (const { troughs } of state.levels) expect(troughs.filter((trough) => trough !== null)).not.toContain(1);
    expect(level(state, 5).troughs).toHaveLength(84);
    expect(level(state, 5).troughs.at(-1)).toBe(2);
  });

  it('is of bounded size and plain data: a month of samples, a few kilobytes, the same after JSON', () => {
    const samples = series(
      30 * DAY,
      300,
      (at) => 10_000 + (at % 977),
      () => ({ memoryCurrentBytes: 123_456_789 }),
    );
    const state = stateOf(samples);
    const buckets = state.levels.reduce((sum, { troughs, memoryKib }) => sum + troughs.length + memoryKib.length, 0);
    // 48 + 48 + 60 + 48 + 108 + 84 steps, each a count and an amount of memory.
    expect(buckets).toBeLessThanOrEqual(2 * 396);
    expect(JSON.stringify(state).length).toBeLessThan(8000);
    expect(JSON.parse(JSON.stringify({ ...state, startedAtSeconds: 1 }))).toEqual({ ...state, startedAtSeconds: 1 });
  });

  it('never changes the state it is given', () => {
    const before = stateOf(series(7200, 15, (at) => at));
    const copy = structuredClone(before);
    observeGrowth(before, { atSeconds: BEGIN + 7300, goroutines: 1 });
    expect(before).toEqual(copy);
  });
});

describe('samples that are none', () => {
  const state = stateOf(series(600, 15, () => 100));
  it.each([
    ['the same time', { atSeconds: BEGIN + 585, goroutines: 5 }],
    ['an earlier time', { atSeconds: BEGIN + 100, goroutines: 5 }],
    ['no time', { atSeconds: Number.NaN, goroutines: 5 }],
    ['an endless time', { atSeconds: Number.POSITIVE_INFINITY, goroutines: 5 }],
    ['a negative count', { atSeconds: BEGIN + 700, goroutines: -1 }],
    ['no count', { atSeconds: BEGIN + 700, goroutines: Number.NaN }],
    ['half a goroutine', { atSeconds: BEGIN + 700, goroutines: 0.5 }],
  ])('%s changes nothing', (_, sample) => {
    expect(observeGrowth(state, sample)).toBe(state);
  });

  it('a clock that was set back by more than an hour begins anew', () => {
    const anew = observeGrowth(state, { atSeconds: BEGIN - 7200, goroutines: 5 });
    expect(anew).toMatchObject({ samples: 1, firstAtSeconds: BEGIN - 7200 });
  });

  it('an uptime that jitters is the same process, one that begins again is not', () => {
    const old = observeGrowth(undefined, { atSeconds: BEGIN, goroutines: 5, uptimeSeconds: 1000 });
    expect(observeGrowth(old, { atSeconds: BEGIN + 60, goroutines: 5, uptimeSeconds: 1030 }).samples).toBe(2);
    expect(observeGrowth(old, { atSeconds: BEGIN + 60, goroutines: 5, uptimeSeconds: 20 }).samples).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { heapGoal, type PacerState } from '../../../src/go/memory/pacer.ts';

const MIB = 1024 * 1024;
const NONE = Number.POSITIVE_INFINITY;

/** GOGC=100, no limit, 100 MiB marked, nothing else to scan: a goal of 200 MiB. */
const STATE: PacerState = {
  gcPercentHeapGoal: 200 * MIB,
  heapMinimum: 4 * MIB,
  heapMarked: 100 * MIB,
  memoryLimit: NONE,
  sweepDistMinTrigger: 0,
  triggered: NONE,
  runway: 10 * MIB,
  heapFree: 20 * MIB,
  totalAlloc: 1130 * MIB,
  totalFree: 1000 * MIB,
  mappedReady: 180 * MIB,
};

describe('heapGoal', () => {
  it('is the goal of GOGC, with the trigger a runway below it', () => {
    // A 64th of the way is 1.5625 MiB = 1,638,400 bytes; 45 of them above the mark are 170.3 MiB, and 200 - 4 MiB is the upper bound.
    expect(heapGoal(STATE, 27)).toEqual({ goal: 200 * MIB, trigger: 190 * MIB, setBy: 'GOGC' });
  });

  it('keeps the trigger between 45/64 of the way and the goal less 4 MiB', () => {
    const lowest = 100 * MIB + 45 * 1_638_400;
    expect(heapGoal({ ...STATE, runway: 90 * MIB }, 27).trigger).toBe(lowest);
    // A runway beyond the goal must not wrap around.
    expect(heapGoal({ ...STATE, runway: 900 * MIB }, 27).trigger).toBe(lowest);
    expect(heapGoal({ ...STATE, runway: 0 }, 27).trigger).toBe(196 * MIB);
  });

  it('keeps the trigger of a small heap at most 61/64 of the way', () => {
    // 6 MiB to go: 98,304 a step, and goal - 4 MiB = 8 MiB is lower than 6 MiB + 61 steps.
    const small = { ...STATE, gcPercentHeapGoal: 12 * MIB, heapMarked: 6 * MIB, runway: 0 };
    expect(heapGoal(small, 27)).toEqual({ goal: 12 * MIB, trigger: 6 * MIB + 61 * 98_304, setBy: 'GOGC' });
  });

  it('says when the minimum heap sets the goal', () => {
    const tiny = { ...STATE, gcPercentHeapGoal: 4 * MIB, heapMarked: MIB, runway: 0 };
    // 3 MiB to go: 49,152 a step; the goal less 4 MiB is 0.
    expect(heapGoal(tiny, 27)).toEqual({ goal: 4 * MIB, trigger: MIB + 61 * 49_152, setBy: 'minimum heap' });
  });

  it('moves the goal behind an unfinished sweep', () => {
    const sweeping = { ...STATE, sweepDistMinTrigger: 210 * MIB };
    // The trigger may not be lower than the sweep allows, and no higher than the goal it made.
    expect(heapGoal(sweeping, 27)).toEqual({ goal: 210 * MIB, trigger: 210 * MIB, setBy: 'GOGC' });
  });

  it('keeps 64 KiB between where a collection started and its goal', () => {
    expect(heapGoal({ ...STATE, triggered: 200 * MIB - 1024 }, 27).goal).toBe(200 * MIB - 1024 + 65_536);
    expect(heapGoal({ ...STATE, triggered: 150 * MIB }, 27).goal).toBe(200 * MIB);
  });

  it('is the goal of the limit where that is lower, with 3 % kept free from Go 1.21', () => {
    // Not heap: 180 - 20 - 130 = 30 MiB. 180 - 30 = 150 MiB of room; 157,286,400 / 100 = 1,572,864, three of those are 4,718,592.
    const limited = { ...STATE, memoryLimit: 180 * MIB };
    expect(heapGoal(limited, 21)).toMatchObject({ goal: 150 * MIB - 4_718_592, setBy: 'GOMEMLIMIT' });
    expect(heapGoal(limited, 27).goal).toBe(150 * MIB - 4_718_592);
    expect(heapGoal(limited, 20).goal).toBe(149 * MIB);
    expect(heapGoal(limited, 19).goal).toBe(149 * MIB);
  });

  it('keeps at least 1 MiB free below a small limit', () => {
    // 80 - 30 - 100 over: nothing; with 20 MiB of room 3 % are less than 1 MiB.
    const small = {
      ...STATE,
      heapMarked: 5 * MIB,
      memoryLimit: 50 * MIB,
      mappedReady: 50 * MIB,
      totalAlloc: 1000 * MIB,
      heapFree: 20 * MIB,
    };
    expect(heapGoal(small, 27).goal).toBe(19 * MIB);
    // 1.5 MiB of room is not even twice the headroom: the goal is the headroom itself.
    expect(heapGoal({ ...small, heapMarked: 0, heapFree: 1.5 * MIB }, 27).goal).toBe(MIB);
  });

  it('takes what is over the limit off the goal, and never goes below the marked heap', () => {
    // 30 MiB not heap and 10 MiB over: 170 - 40 = 130 MiB of room, of which 3 x floor(1,363,148.8) are kept free.
    const over = { ...STATE, memoryLimit: 170 * MIB };
    expect(heapGoal(over, 27).goal).toBe(130 * MIB - 3 * 1_363_148);
    expect(heapGoal({ ...over, heapMarked: 129 * MIB }, 27)).toEqual({
      goal: 129 * MIB,
      trigger: 129 * MIB,
      setBy: 'GOMEMLIMIT',
    });
  });

  it('collects all the time when what is not heap takes up the limit', () => {
    expect(heapGoal({ ...STATE, memoryLimit: 90 * MIB }, 27)).toEqual({
      goal: 100 * MIB,
      trigger: 100 * MIB,
      setBy: 'GOMEMLIMIT',
    });
  });

  it('knows no goal without GOGC and without a limit, and the limit alone without GOGC', () => {
    const off = { ...STATE, gcPercentHeapGoal: NONE, heapMinimum: NONE };
    expect(heapGoal(off, 27)).toMatchObject({ goal: NONE, trigger: NONE });
    expect(heapGoal({ ...off, memoryLimit: 180 * MIB }, 27)).toMatchObject({
      goal: 150 * MIB - 4_718_592,
      setBy: 'GOMEMLIMIT',
    });
  });

  it('is not misled by sizes that were read apart', () => {
    // More free than mapped: nothing but heap, as far as can be told.
    expect(heapGoal({ ...STATE, memoryLimit: 200 * MIB, heapFree: 500 * MIB }, 20).goal).toBe(199 * MIB);
  });
});

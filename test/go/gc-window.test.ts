import { describe, expect, it } from 'vitest';
import { gcCpuRatio, gcPauseWindow, limiterWasOn } from '../../src/go/gc-window.ts';

/** Pauses in microseconds, newest first. */
const reading = (numGc: number | undefined, ...micros: number[]) => ({
  numGc,
  pauses: micros.map((us, index) => ({ pauseNs: us * 1000, endUnixMs: 1e12 - index })),
});

describe('gcPauseWindow', () => {
  it('looks at the collections of the window only', () => {
    // Three collections since: 30, 10 and 20 us; the 900 us were before.
    expect(gcPauseWindow(reading(7), reading(10, 30, 10, 20, 900))).toEqual({
      p99Seconds: 30e-6,
      maxSeconds: 30e-6,
      collections: 3,
      listed: 3,
      truncated: false,
    });
  });

  it('is the 198th of 200, and the longest of fewer than a hundred', () => {
    const rising = Array.from({ length: 256 }, (_, index) => 256 - index);
    // The 200 newest are 57 to 256 us: nearest rank 198 is 254.
    expect(gcPauseWindow(reading(0), reading(200, ...rising.slice(0, 200)))?.p99Seconds).toBeCloseTo(254e-6, 12);
    expect(gcPauseWindow(reading(0), reading(99, ...rising.slice(0, 99)))?.p99Seconds).toBeCloseTo(256e-6, 12);
  });

  it('says when more ran than are listed', () => {
    const ring = Array.from({ length: 256 }, () => 5);
    expect(gcPauseWindow(reading(100), reading(1100, ...ring))).toMatchObject({
      collections: 1000,
      listed: 256,
      truncated: true,
    });
    expect(gcPauseWindow(reading(100), reading(356, ...ring))).toMatchObject({ listed: 256, truncated: false });
  });

  it.each([
    ['none ran', reading(5, 1), reading(5, 1)],
    ['the count went back', reading(9), reading(3, 1, 1, 1)],
    ['a count is not known', reading(undefined), reading(3, 1)],
    ['nothing is listed', reading(1), reading(3)],
  ])('is undefined when %s', (_, before, after) => {
    expect(gcPauseWindow(before, after)).toBeUndefined();
  });
});

describe('gcCpuRatio', () => {
  const cpu = (gcTotal: number | undefined, total: number | undefined, idle: number | undefined) => ({
    gcTotal,
    total,
    idle,
  });

  it('is what collecting took of the time that was not idle', () => {
    // In the window 3 s of collecting in 40 s, of which 28 s were idle.
    expect(gcCpuRatio(cpu(1, 100, 60), cpu(4, 140, 88))).toBe(3 / 12);
  });

  it.each([
    ['no collection ended', cpu(1, 100, 60), cpu(1, 100, 60)],
    ['a class went back', cpu(4, 100, 60), cpu(1, 140, 88)],
    ['a class is not known', cpu(1, 100, undefined), cpu(4, 140, 88)],
    ['all time was idle', cpu(1, 100, 60), cpu(4, 140, 100)],
  ])('is undefined when %s', (_, before, after) => {
    expect(gcCpuRatio(before, after)).toBeUndefined();
  });

  it('is never above one, though estimates may be', () => {
    expect(gcCpuRatio(cpu(0, 0, 0), cpu(5, 10, 6))).toBe(1);
  });
});

describe('limiterWasOn', () => {
  it.each([
    [0, 0, false],
    [0, 12, true],
    [12, 12, false],
    [12, 13, true],
    [12, 3, undefined],
    [undefined, 3, undefined],
    [3, undefined, undefined],
  ])('%s then %s: %s', (before, after, on) => {
    expect(limiterWasOn(before, after)).toBe(on);
  });
});

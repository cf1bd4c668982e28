import { describe, expect, it } from 'vitest';
import type { GcWork } from '../../../src/model/gc-work.ts';
import { type GcInputs, gcInputs } from '../../../src/rules/what-if/gc-inputs.ts';
import { type GcSettings, predictGc } from '../../../src/rules/what-if/gc-prediction.ts';
import { goProcess, MIB, told } from '../models.ts';

/** 100 MiB live, 100 MiB allocated and 0.1 s of collecting a cycle, 100 MiB allocated a second of CPU; of 4 Ps half a one is used. */
const INPUTS: GcInputs = {
  goMinor: 26,
  procs: 4,
  allocatedPerCpuSecond: 100 * MIB,
  collectionCpuSeconds: 0.1,
  forcedPerCpuSecond: 0,
  programCores: 0.5,
  saturated: false,
  liveBytes: 100 * MIB,
  rootBytes: 0,
  besideBytes: 20 * MIB,
  goalBytes: 200 * MIB,
  measuredRatio: 0.1,
  measuredBytesPerCycle: 100 * MIB,
};
const predict = (settings: Partial<GcSettings>, over: Partial<GcInputs> = {}) =>
  predictGc({ ...INPUTS, ...over }, { gogc: 100, gomemlimit: 'off', ...settings });

describe('the share of collecting', () => {
  it('follows from the bytes between two collections', () => {
    // Floating: 10 MiB a collection x 0.5 / (4 - 0.5) = 1.43. Room 101.43; the runway wants 3 x 10 = 30, of at most 19 / 64 x 101.43
    // = 30.1: 30. So 101.43 - 30 + 1.43 = 72.86 MiB a cycle, and 10 / 72.86 = 0.137 of collecting to one of work; the program's own cost
    // rises by 0.3 x 0.5 / 3 x 0.1 s = 0.005 s x (1 / 72.86 - 1 / 100) a MiB: 0.01 + 0.0000186. 0.13725 / 1.00186 = 0.137; 12 %.
    const predicted = predict({});
    expect(predicted?.cpuRatio).toBeCloseTo(0.1205, 3);
    expect(predicted).toMatchObject({ bound: 'about', goalSetBy: 'GOGC' });
    // 72.86 MiB at 100 MiB x 0.5 a second.
    expect(predicted?.secondsBetween).toBeCloseTo(1.457, 2);
    // Live, floating, and as much again, and the tables for 2.86 MiB more than today.
    expect(predicted?.goalBytes).toBeCloseTo(202.86 * MIB, -5);
    expect(predicted?.peakBytes).toBeCloseTo((202.86 + 20 + 0.027 * 2.86) * MIB, -5);
  });

  it('falls with room and rises without', () => {
    const shares = [50, 100, 200, 400].map((gogc) => predict({ gogc })!.cpuRatio);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    const limits = [150, 180, 220].map((mib) => predict({ gomemlimit: mib * MIB })!);
    expect(limits.map(({ goalSetBy }) => goalSetBy)).toEqual(['GOMEMLIMIT', 'GOMEMLIMIT', 'GOMEMLIMIT']);
    expect(limits[0]!.cpuRatio).toBeGreaterThan(limits[1]!.cpuRatio);
    expect(limits[1]!.cpuRatio).toBeGreaterThan(limits[2]!.cpuRatio);
    // 400 MiB are more than GOGC would use.
    expect(predict({ gomemlimit: 400 * MIB })?.goalSetBy).toBe('GOGC');
  });

  it('is half or more where the limiter acts, and not told where the live heap is not known well enough', () => {
    const busy = { saturated: true, programCores: 2, measuredBytesPerCycle: 12 * MIB };
    // 110 - 17.6 beside - 3 % leave 89.6: no room at all, whatever the error.
    expect(predict({ gomemlimit: 110 * MIB }, busy)).toMatchObject({ bound: 'at least', cpuRatio: 0.5 });
    expect(predict({ gomemlimit: 110 * MIB }, busy)?.secondsBetween).toBeUndefined();
    expect(predict({ gomemlimit: 110 * MIB })).toMatchObject({ bound: 'at least', cpuRatio: 0.5 });
    // From a program that has room today a few percent of error in the live heap decide.
    expect(predict({ gomemlimit: 124 * MIB })?.bound).toBe('not told');
    // Idle Ps mark without taking anything from the program, and the limiter does not count them.
    expect(predict({ gogc: 12 }, { measuredBytesPerCycle: 12 * MIB })).toMatchObject({ bound: 'about' });
    expect(predict({ gogc: 12 }, { measuredBytesPerCycle: 12 * MIB })!.cpuRatio).toBeGreaterThan(0.45);
  });

  it('keeps to the minimum heap, and to what GOGC=off leaves', () => {
    const tiny = { liveBytes: MIB / 2, goalBytes: 4 * MIB, measuredBytesPerCycle: 3 * MIB };
    expect(predict({}, tiny)).toMatchObject({ goalSetBy: 'minimum heap', goalBytes: 4 * MIB });
    expect(predict({ gogc: 'off' })).toMatchObject({ goalSetBy: 'nothing', cpuRatio: 0, goalBytes: undefined });
    expect(predict({ gogc: 'off', gomemlimit: 300 * MIB })?.goalSetBy).toBe('GOMEMLIMIT');
    // Forced collections stay: one for each second of CPU takes 0.1 s, whatever GOGC says.
    expect(predict({ gogc: 'off' }, { forcedPerCpuSecond: 1 })?.cpuRatio).toBeCloseTo(0.1 / 1.1, 10);
  });

  it('needs the memory beside the heap for a limit only', () => {
    expect(predict({ gomemlimit: 300 * MIB }, { besideBytes: undefined })).toBeUndefined();
    expect(predict({}, { besideBytes: undefined })).toMatchObject({ peakBytes: undefined, bound: 'about' });
  });

  it('leaves 1 MiB up to Go 1.20, and 3 % since', () => {
    // GOGC=off: the limit alone. Beside: 20 + 0.027 x (300 - 200) = 22.7. 277.3 - 1, and 277.3 x 0.97.
    expect(predict({ gogc: 'off', gomemlimit: 300 * MIB }, { goMinor: 20 })?.goalBytes).toBeCloseTo(276.3 * MIB, -1);
    expect(predict({ gogc: 'off', gomemlimit: 300 * MIB })?.goalBytes).toBeCloseTo(268.981 * MIB, -1);
  });
});

describe('the inputs of a prediction', () => {
  const work: GcWork = {
    coveredSeconds: 10,
    collections: 5,
    forcedCollections: 0,
    gcCpuSeconds: 4,
    programCpuSeconds: 12,
    allocatedBytes: 500 * MIB,
    liveBytes: 110 * MIB,
    triggerRoomBytes: 85 * MIB,
    rootBytes: 2 * MIB,
  };
  const inputs = (over: Partial<GcWork> = {}, runtime: Parameters<typeof goProcess>[0] = {}) =>
    gcInputs(goProcess({ ...runtime, runtime: { gcWork: told({ ...work, ...over }), ...runtime.runtime } }));

  it('are rates and costs of the window', () => {
    expect(inputs()).toMatchObject({
      procs: 2,
      allocatedPerCpuSecond: (500 * MIB) / 12,
      collectionCpuSeconds: 0.8,
      programCores: 1.2,
      // 16 of 20 P seconds.
      saturated: false,
      measuredRatio: 0.25,
      measuredBytesPerCycle: 100 * MIB,
      // 100 a cycle, 85 of it before the collection starts: 15 float. It could be 500 / 12 x 0.8 x 1.2 / (2 - 1.2) = 50.
      liveBytes: 95 * MIB,
      rootBytes: 2 * MIB,
      // 155 in use against 110 + 100 when full: nothing wasted.
      besideBytes: 20 * MIB,
    });
    expect(inputs({ programCpuSeconds: 15.5 })).toMatchObject({ saturated: true });
  });

  it('count no float where collections are forced', () => {
    expect(inputs({ forcedCollections: 3 })).toMatchObject({ liveBytes: 110 * MIB, forcedPerCpuSecond: 0.25 });
  });

  it('count what spans waste at the end of a cycle', () => {
    expect(inputs({}, { runtime: { heapInuseBytes: told(217 * MIB) } })).toMatchObject({ besideBytes: 27 * MIB });
    expect(inputs({}, { runtime: { nonHeapBytes: undefined } })).toMatchObject({ besideBytes: undefined });
  });

  it('name what is missing', () => {
    expect(gcInputs(goProcess())).toEqual({
      missing: ['collections, CPU time by class and allocated bytes of two readings'],
    });
    expect(gcInputs(goProcess({ goMinor: 19 }))).toEqual({
      missing: ['CPU time by class, which Go 1.19 does not count (Go 1.20 and later do)'],
    });
    expect(inputs({ collections: 2 })).toEqual({ missing: ['3 collections in the window (metrics: 2)'] });
    expect(inputs({}, { settings: { gomaxprocs: undefined } })).toEqual({ missing: ['GOMAXPROCS'] });
  });
});

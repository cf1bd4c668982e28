import { describe, expect, it } from 'vitest';
import { type GcWorkReading, gcWorkBetween } from '../../src/model/gc-work.ts';
import { snapshot } from '../sample/runtime-memory/fake-runtime.ts';
import { BEFORE, goSample, modelOf, NO_MEMORY, now } from './builders.ts';

const MIB = 1 << 20;

/** Ten seconds apart: 5 collections, 4 of 20 P seconds idle, 4 of collecting. */
const BASE: GcWorkReading = {
  monotonicMs: 0,
  gomaxprocs: 2,
  collections: 10,
  forcedCollections: 1,
  allocatedBytes: 1000 * MIB,
  cpu: { gcTotal: 1, total: 40, idle: 8 },
  liveBytes: 70 * MIB,
  triggerRoomBytes: 50 * MIB,
  rootBytes: MIB,
};
const AFTER: GcWorkReading = {
  ...BASE,
  monotonicMs: 10_000,
  collections: 15,
  allocatedBytes: 1500 * MIB,
  cpu: { gcTotal: 5, total: 60, idle: 12 },
  liveBytes: 64 * MIB,
  triggerRoomBytes: 48 * MIB,
};

describe('what collecting cost', () => {
  it('is the growth of the counters, in CPU seconds', () => {
    // 20 P seconds on 2 Ps are the whole 10 s; 20 - 4 idle - 4 collecting = 12 of the program.
    expect(gcWorkBetween(BASE, AFTER)).toEqual({
      coveredSeconds: 10,
      collections: 5,
      forcedCollections: 0,
      gcCpuSeconds: 4,
      programCpuSeconds: 12,
      allocatedBytes: 500 * MIB,
      // Of the reading with less floating garbage.
      liveBytes: 64 * MIB,
      triggerRoomBytes: 48 * MIB,
      rootBytes: MIB,
    });
  });

  it('takes allocation as a rate, for the CPU time ends at a collection', () => {
    // 16 P seconds: 8 s of the 10 between the readings, so 4 / 5 of 500 MiB.
    const work = gcWorkBetween(BASE, { ...AFTER, cpu: { gcTotal: 5, total: 56, idle: 12 } });
    expect(work).toMatchObject({ coveredSeconds: 8, allocatedBytes: 400 * MIB, programCpuSeconds: 8 });
  });

  it('is not known with a figure missing, gone back, or of other Ps', () => {
    const without: Partial<GcWorkReading>[] = [
      { gomaxprocs: undefined },
      { gomaxprocs: 4 },
      { collections: undefined },
      { collections: 10 },
      { collections: 9 },
      { allocatedBytes: 1 },
      { cpu: undefined },
      { cpu: { gcTotal: 5, total: 60, idle: undefined } },
      { cpu: { gcTotal: 25, total: 60, idle: 12 } },
      { monotonicMs: 0 },
    ];
    for (const over of without) expect(gcWorkBetween(BASE, { ...AFTER, ...over })).toBeUndefined();
    expect(gcWorkBetween({ ...BASE, liveBytes: undefined }, { ...AFTER, liveBytes: undefined })).toBeUndefined();
    // One reading that knows the live heap is enough.
    expect(gcWorkBetween({ ...BASE, liveBytes: undefined }, AFTER)?.liveBytes).toBe(64 * MIB);
  });

  it('comes out of two readings of memory, whose CPU time is in nanoseconds', () => {
    const classes = { gcAssist: 0, gcDedicated: 0, gcIdle: 0, gcPause: 0, scavengeTotal: 0, user: 0 };
    const reading = (gc: number, total: number, idle: number, numGc: number, allocated: number) =>
      snapshot({
        gomaxprocs: 2,
        numGc,
        numForcedGc: 0,
        totalAlloc: allocated,
        heapMarked: 100,
        heapTrigger: 170,
        stackScan: 3,
        globalsScan: 4,
        cpuClasses: { ...classes, gcTotal: gc * 1e9, total: total * 1e9, idle: idle * 1e9 },
      });
    const memory = {
      ...NO_MEMORY,
      state: 'attested' as const,
      detail: '',
      baseline: { at: BEFORE, value: reading(1, 40, 8, 10, 1000) },
      snapshot: now(reading(5, 60, 12, 15, 1500)),
    };
    expect(modelOf(goSample('go1.26.4', { memory })).runtime.gcWork).toEqual({
      value: {
        coveredSeconds: 10,
        collections: 5,
        forcedCollections: 0,
        gcCpuSeconds: 4,
        programCpuSeconds: 12,
        allocatedBytes: 500,
        liveBytes: 100,
        triggerRoomBytes: 70,
        rootBytes: 7,
      },
      from: 'memory',
      detail: 'runtime variables over 10 s',
      ageSeconds: 0,
    });
  });
});

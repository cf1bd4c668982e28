import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CgroupSample } from '../../src/kernel/cgroup/types.ts';
import { sameCgroup } from '../../src/model/container.ts';
import { cpuModel, limitCores, throttling, worstThrottling } from '../../src/model/cpu.ts';
import type { ThrottlingModel } from '../../src/model/cpu-types.ts';
import { ioModel } from '../../src/model/io.ts';
import { memoryModel, oomKillsBetween } from '../../src/model/memory.ts';
import { pressureModel, pressures } from '../../src/model/pressure.ts';
import { counterDelta, perSecond, seconds } from '../../src/model/rate.ts';
import { cgroup, cpuMax, cpuStat, memoryEvents, memoryStat, pressure } from './builders.ts';

/** The same cgroup ten seconds apart. */
const pair = (before: Partial<CgroupSample>, after: Partial<CgroupSample>) =>
  [
    cgroup('/a', { readAtMs: 990_000, slowReadAtMs: 990_000, ...before }),
    cgroup('/a', { readAtMs: 1_000_000, slowReadAtMs: 1_000_000, ...after }),
  ] as const;

describe('counters', () => {
  it('have no change when an end is unknown or they went backwards', () => {
    expect(counterDelta(3, 10)).toBe(7);
    expect(counterDelta(3, 3)).toBe(0);
    expect(counterDelta(undefined, 3)).toBeUndefined();
    expect(counterDelta(3, undefined)).toBeUndefined();
    expect(counterDelta(10, 3)).toBeUndefined();
  });

  it('have a rate only over a window of positive length', () => {
    expect(perSecond(30, 10)).toBe(3);
    expect(perSecond(30, 0)).toBeUndefined();
    expect(perSecond(30, -1)).toBeUndefined();
    expect(perSecond(30, undefined)).toBeUndefined();
    expect(perSecond(undefined, 10)).toBeUndefined();
    expect(seconds(1_500_000)).toBe(1.5);
    expect(seconds(undefined)).toBeUndefined();
  });

  it('never give a negative, infinite or invented rate', () => {
    const maybe = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(maybe, maybe, fc.option(fc.integer(), { nil: undefined }), (before, after, window) => {
        const rate = perSecond(counterDelta(before, after), window);
        if (rate === undefined) return;
        expect(Number.isFinite(rate)).toBe(true);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect([before, after, window]).not.toContain(undefined);
      }),
    );
  });
});

describe('sameCgroup', () => {
  it('is the one with the same inode', () => {
    const now = cgroup('/a', { inode: 5 });
    expect(sameCgroup(cgroup('/a', { inode: 5 }), now)?.inode).toBe(5);
    expect(sameCgroup(cgroup('/a', { inode: 4 }), now)).toBeUndefined();
    expect(sameCgroup(undefined, now)).toBeUndefined();
  });
});

describe('cpuModel', () => {
  it('turns microseconds into seconds and cores', () => {
    const [before, after] = pair(
      { cpuStat: cpuStat({ usageUsec: 4_000_000 }) },
      {
        cpuStat: cpuStat({
          usageUsec: 19_000_000,
          userUsec: 12_000_000,
          systemUsec: 7_000_000,
          nrPeriods: 50,
          nrThrottled: 5,
          throttledUsec: 250_000,
          nrBursts: 2,
          burstUsec: 30_000,
        }),
        cpuMax: { quotaUsec: 250_000, periodUsec: 100_000 },
        cpuWeight: 39,
        cpuIdle: 0,
      },
    );
    expect(cpuModel(before, after)).toEqual({
      usageSecondsTotal: 19,
      userSecondsTotal: 12,
      systemSecondsTotal: 7,
      // 15 s of CPU in 10 s.
      usageCores: 1.5,
      periodsTotal: 50,
      throttledPeriodsTotal: 5,
      throttledSecondsTotal: 0.25,
      burstPeriodsTotal: 2,
      burstSecondsTotal: 0.03,
      limitCores: 2.5,
      weight: 39,
      idle: false,
    });
  });

  it('has no usage without a sample before, and leaves out what was not read', () => {
    const model = cpuModel(undefined, cgroup('/a', { cpuStat: cpuStat({ usageUsec: 19_000_000 }), cpuIdle: 1 }));
    expect(model).toMatchObject({ usageSecondsTotal: 19, usageCores: undefined, periodsTotal: undefined });
    expect(model).toMatchObject({ limitCores: undefined, idle: true });
    expect(cpuModel(undefined, cgroup('/a'))).toMatchObject({ usageSecondsTotal: undefined, idle: undefined });
  });

  it('keeps max as max, and makes nothing of a period of zero', () => {
    expect(limitCores({ quotaUsec: 'max', periodUsec: 100_000 })).toBe('max');
    expect(limitCores({ quotaUsec: 1000, periodUsec: 0 })).toBeUndefined();
    expect(limitCores(undefined)).toBeUndefined();
  });
});

describe('throttling', () => {
  const stat = (nrPeriods: number, nrThrottled: number, throttledUsec: number) => ({
    cpuStat: cpuStat({ nrPeriods, nrThrottled, throttledUsec }),
  });

  it('is the change over the window', () => {
    const [before, after] = pair(stat(1000, 100, 5_000_000), stat(1100, 130, 6_500_000));
    expect(throttling('container', before, after)).toEqual({
      level: 'container',
      cgroupPath: '/a',
      windowSeconds: 10,
      periods: 100,
      throttledPeriods: 30,
      throttledRatio: 0.3,
      throttledSeconds: 1.5,
    });
  });

  it('has no ratio when no period ran', () => {
    const [before, after] = pair(stat(1000, 100, 5), stat(1000, 100, 5));
    expect(throttling('pod', before, after)).toMatchObject({ periods: 0, throttledRatio: undefined });
  });

  it('is unknown without a cgroup before, with counters gone backwards, without the keys, or without time between', () => {
    const [before, after] = pair(stat(1000, 100, 5), stat(1100, 130, 6));
    expect(throttling('pod', undefined, after)).toBeUndefined();
    expect(throttling('pod', after, { ...before, readAtMs: 1_010_000 })).toBeUndefined();
    expect(throttling('pod', cgroup('/a', { cpuStat: cpuStat() }), after)).toBeUndefined();
    expect(throttling('pod', { ...before, readAtMs: after.readAtMs }, after)).toBeUndefined();
  });

  it('is worst where the larger share of periods was cut', () => {
    const one = (level: ThrottlingModel['level'], periods: number, throttledPeriods: number): ThrottlingModel => ({
      level,
      cgroupPath: `/${level}`,
      windowSeconds: 10,
      periods,
      throttledPeriods,
      throttledRatio: periods === 0 ? undefined : throttledPeriods / periods,
      throttledSeconds: 0,
    });
    expect(worstThrottling([one('container', 100, 10), one('pod', 100, 40)])?.level).toBe('pod');
    expect(worstThrottling([one('container', 100, 40), one('pod', 100, 10)])?.level).toBe('container');
    expect(worstThrottling([one('container', 0, 0), one('pod', 100, 0)])?.level).toBe('pod');
    // Three of three says less than 400 of 1000.
    expect(worstThrottling([one('container', 3, 3), one('pod', 1000, 400)])?.level).toBe('pod');
    expect(worstThrottling([])).toBeUndefined();
    // The level without figures may be the worst.
    expect(worstThrottling([one('container', 100, 0), undefined])).toBeUndefined();
  });
});

describe('memoryModel', () => {
  it('takes inactive page cache out of the working set, never below zero', () => {
    const working = (memoryCurrent: number, inactiveFile: number) =>
      memoryModel(undefined, cgroup('/a', { memoryCurrent, memoryStat: memoryStat({ inactiveFile }) })).workingSetBytes;
    expect(working(1000, 300)).toBe(700);
    expect(working(300, 1000)).toBe(0);
  });

  it('has no working set when either part is unknown', () => {
    expect(memoryModel(undefined, cgroup('/a', { memoryCurrent: 5 })).workingSetBytes).toBeUndefined();
    const stat = cgroup('/a', { memoryStat: memoryStat({ inactiveFile: 1 }) });
    expect(memoryModel(undefined, stat).workingSetBytes).toBeUndefined();
  });

  it('tells growth and shrinking per second', () => {
    const [before, after] = pair({ memoryCurrent: 1000 }, { memoryCurrent: 400 });
    expect(memoryModel(before, after).currentGrowthBytesPerSecond).toBe(-60);
    expect(memoryModel(after, { ...before, readAtMs: 1_010_000 }).currentGrowthBytesPerSecond).toBe(60);
    expect(memoryModel(undefined, after).currentGrowthBytesPerSecond).toBeUndefined();
    expect(memoryModel({ ...before, readAtMs: after.readAtMs }, after).currentGrowthBytesPerSecond).toBeUndefined();
  });

  it('takes events, refaults and growth of anonymous memory between two samples of one cgroup', () => {
    const stat = (anon: number, workingsetRefaultFile: number, workingsetRefaultAnon: number) =>
      memoryStat({ anon, workingsetRefaultFile, workingsetRefaultAnon, anonThp: 7, activeFile: 9 });
    const [before, after] = pair(
      { memoryStat: stat(1000, 5, 50), memoryEvents: memoryEvents({ high: 3, max: 9 }) },
      { memoryStat: stat(400, 25, 40), memoryEvents: memoryEvents({ high: 10, max: 2 }) },
    );
    const model = memoryModel(before, after);
    expect(model).toMatchObject({ anonHugeBytes: 7, activeFileBytes: 9 });
    // 20 pages and -600 bytes in 10 s. What went backwards has no difference.
    expect(model.fileRefaultsPerSecond).toBe(2);
    expect(model.anonRefaultsPerSecond).toBeUndefined();
    expect(model.anonGrowthBytesPerSecond).toBe(-60);
    expect(model.eventsInWindow).toMatchObject({ high: 7, max: undefined, low: undefined });
    const first = memoryModel(undefined, after);
    expect(first.eventsInWindow).toBeUndefined();
    expect(first.fileRefaultsPerSecond).toBeUndefined();
    expect(first.anonGrowthBytesPerSecond).toBeUndefined();
    const unread = { ...before, memoryEvents: undefined };
    expect(memoryModel(unread, after).eventsInWindow).toBeUndefined();
  });

  it('keeps limits and events as the kernel says them', () => {
    const model = memoryModel(
      undefined,
      cgroup('/a', { memoryMax: 'max', memoryHigh: 7, memoryOomGroup: 1, memoryEvents: memoryEvents({ oomKill: 2 }) }),
    );
    expect(model).toMatchObject({ maxBytes: 'max', highBytes: 7, lowBytes: undefined, oomGroup: true });
    expect(model.events).toMatchObject({ oomKill: 2, low: undefined });
    expect(memoryModel(undefined, cgroup('/a'))).toMatchObject({ oomGroup: undefined, events: undefined });
  });

  it('counts OOM kills only between two readings of one cgroup', () => {
    const kills = (before: number | undefined, after: number | undefined) =>
      oomKillsBetween(
        cgroup('/a', { memoryEvents: memoryEvents({ oomKill: before }) }),
        cgroup('/a', { memoryEvents: memoryEvents({ oomKill: after }) }),
      );
    expect(kills(1, 3)).toBe(2);
    expect(kills(3, 3)).toBe(0);
    expect(kills(3, 1)).toBeUndefined();
    expect(kills(undefined, 1)).toBeUndefined();
    expect(oomKillsBetween(undefined, cgroup('/a', { memoryEvents: memoryEvents({ oomKill: 1 }) }))).toBeUndefined();
  });
});

describe('pressure', () => {
  it('becomes shares of the window and of the averages', () => {
    expect(pressureModel(pressure(1_000_000), pressure(3_500_000), 10)).toEqual({
      // 2.5 s of 10 s; percent to ratio.
      some: { stalledSecondsTotal: 3.5, stalledRatio: 0.25, avg10Ratio: 0.1, avg60Ratio: 0.06, avg300Ratio: 0.03 },
      full: undefined,
    });
  });

  it('is never above the whole window, and no share without one', () => {
    expect(pressureModel(pressure(0), pressure(10_500_000), 10)?.some?.stalledRatio).toBe(1);
    for (const window of [undefined, 0, -5])
      expect(pressureModel(pressure(0), pressure(5), window)?.some?.stalledRatio).toBeUndefined();
    expect(pressureModel(pressure(9), pressure(5), 10)?.some?.stalledRatio).toBeUndefined();
    expect(pressureModel(pressure(9), undefined, 10)).toBeUndefined();
  });

  it('uses the slower window for irq.pressure', () => {
    const [before, after] = pair(
      { cpuPressure: pressure(0), irqPressure: pressure(0), slowReadAtMs: 980_000 },
      { cpuPressure: pressure(1_000_000), irqPressure: pressure(1_000_000) },
    );
    const model = pressures(before, after);
    // 1 s of 10 s; 1 s of 20 s.
    expect(model.cpu?.some?.stalledRatio).toBe(0.1);
    expect(model.irq?.some?.stalledRatio).toBe(0.05);
    expect(model.io).toBeUndefined();
  });
});

describe('ioModel', () => {
  const device = (rbytes: number, wbytes: number | undefined) => [
    {
      device: '8:0',
      rbytes,
      wbytes,
      rios: 1,
      wios: 2,
      dbytes: undefined,
      dios: undefined,
      costUsageUsec: undefined,
      costWaitUsec: undefined,
    },
  ];

  const read = (over: Partial<CgroupSample>) => ioModel(cgroup('/a', over));

  it('has rates by device over the last two readings of io.stat', () => {
    const model = read({
      ioStat: device(5000, undefined),
      ioStatPair: { before: device(1000, 5), beforeAtMs: 940_000, atMs: 980_000 },
      ioWeight: { defaultWeight: 200, byDevice: new Map() },
    });
    // 4000 bytes in 40 s.
    expect(model.devices?.[0]).toMatchObject({ readBytesTotal: 5000, readBytesPerSecond: 100, writesTotal: 2 });
    expect(model.devices?.[0]?.writtenBytesPerSecond).toBeUndefined();
    expect(model).toMatchObject({ weight: 200, bfqWeight: undefined });
  });

  it('has none with one reading, for a new device, a counter that went back, or no io.stat', () => {
    const rate = (over: Partial<CgroupSample>) =>
      read({ ioStat: device(5, 5), ...over }).devices?.[0]?.readBytesPerSecond;
    const times = { beforeAtMs: 940_000, atMs: 980_000 };
    expect(rate({})).toBeUndefined();
    expect(rate({ ioStatPair: { before: [], ...times } })).toBeUndefined();
    expect(rate({ ioStatPair: { before: device(6, 6), ...times } })).toBeUndefined();
    expect(rate({ ioStatPair: { before: device(5, 5), ...times } })).toBe(0);
    expect(read({}).devices).toBeUndefined();
  });
});

it('a limit of cores round-trips through cpu.max', () => {
  expect(limitCores(cpuMax(0.25))).toBe(0.25);
});

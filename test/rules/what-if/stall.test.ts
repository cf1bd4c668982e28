import { describe, expect, it } from 'vitest';
import { type StallInputs, stallInputs } from '../../../src/rules/what-if/stall-inputs.ts';
import { predictStall } from '../../../src/rules/what-if/stall-prediction.ts';
import { container, goProcess, limitAt, throttled } from '../models.ts';

const INPUTS: StallInputs = { procs: 8, limitCores: 2, periodSeconds: 0.1, cpus: 16, measured: undefined };
const predict = (gomaxprocs: number, over: Partial<StallInputs> = {}, limitCores: number | 'max' = 2) =>
  predictStall({ ...INPUTS, ...over }, { gomaxprocs, limitCores });

describe('the stall by a CPU limit', () => {
  it('is the rest of the period at worst', () => {
    // 8 Ps use 2 cores up in a quarter of 100 ms.
    expect(predict(8).worstSeconds).toBeCloseTo(0.075, 10);
    expect(predict(3).worstSeconds).toBeCloseTo(0.1 / 3, 10);
    // The mask has room for four at once.
    expect(predict(8, { cpus: 4 }).worstSeconds).toBeCloseTo(0.05, 10);
    expect(predict(8).meanSeconds).toBeUndefined();
    expect(predict(8).throttledRatioAtMost).toBeUndefined();
  });

  it('is none when the Ps cannot use the quota up', () => {
    const none = { worstSeconds: 0, meanSeconds: 0, throttledRatioAtMost: 0 };
    expect(predict(2)).toEqual(none);
    expect(predict(1)).toEqual(none);
    expect(predict(8, {}, 'max')).toEqual(none);
    expect(predict(8, {}, 8)).toEqual(none);
  });

  it('is as wide as bursts are today, and as frequent at most', () => {
    // Bursts of 5 CPUs of the 8 Ps, in 30 % of the periods.
    const measured = { throttledRatio: 0.3, width: 5 };
    expect(predict(8, { measured }).meanSeconds).toBeCloseTo(0.06, 10);
    expect(predict(4, { measured })).toMatchObject({ throttledRatioAtMost: 0.3 });
    expect(predict(4, { measured }).meanSeconds).toBeCloseTo(0.05, 10);
    // More Ps make bursts no wider that did not use all of them.
    expect(predict(16, { measured }).meanSeconds).toBeCloseTo(0.06, 10);
    // Those that did may get as wide as they can.
    expect(predict(16, { measured: { throttledRatio: 0.3, width: 7.5 } }).meanSeconds).toBeCloseTo(0.0875, 10);
    expect(predict(2, { measured })).toMatchObject({ meanSeconds: 0, throttledRatioAtMost: 0 });
  });

  it('does not tell how often a lower limit would stop it', () => {
    const lower = predict(8, { measured: { throttledRatio: 0.3, width: 5 } }, 1);
    expect(lower.meanSeconds).toBeCloseTo(0.08, 10);
    expect(lower.throttledRatioAtMost).toBeUndefined();
  });
});

describe('the inputs of a stall', () => {
  const inputs = (over: Parameters<typeof goProcess>[0] = {}, at = throttled(0.02)) =>
    stallInputs(goProcess(over), container({ throttling: at }));

  it('tell the width of bursts from throttled time', () => {
    // 30 periods throttled, 9 s in all: 0.3 s each, 3 periods of 100 ms beyond the limit of 2.
    const heavy = { ...throttled(0.02), periods: 100, throttledPeriods: 30, throttledRatio: 0.3, throttledSeconds: 9 };
    expect(inputs({}, heavy)).toMatchObject({ procs: 2, limitCores: 2, measured: { throttledRatio: 0.3 } });
    const found = inputs({}, heavy);
    expect(found !== 'no limit' && !('missing' in found) && found.measured?.width).toBeCloseTo(5, 10);
    // Too few periods, or none throttled, say nothing.
    expect(inputs({}, { ...heavy, periods: 19 })).toMatchObject({ measured: undefined });
    expect(inputs({}, { ...heavy, throttledPeriods: 0, throttledRatio: 0 })).toMatchObject({ measured: undefined });
  });

  it('do not take the throttling of one level for that of the level with the tightest limit', () => {
    const heavy = { ...throttled(0.3), throttledSeconds: 9 };
    expect(inputs({}, heavy)).toMatchObject({ limitCores: 2, measured: { throttledRatio: 0.3 } });
    // The pod's limit of 3 is used up by all its containers; the container's own of 2 is the tightest.
    expect(inputs({}, { ...throttled(0.3, 100, 'pod'), throttledSeconds: 9 })).toMatchObject({
      limitCores: 2,
      measured: undefined,
    });
    expect(inputs({ effective: { cpuCores: limitAt(2, 'pod') } }, throttled(0.3, 100, 'pod'))).toMatchObject({
      measured: { throttledRatio: 0.3 },
    });
  });

  it('name what is missing', () => {
    expect(inputs({ effective: { cpuCores: undefined } })).toEqual({
      missing: ['cpu.max of the cgroup and its ancestors'],
    });
    expect(inputs({ effective: { cpuCores: limitAt('max') } })).toBe('no limit');
    expect(inputs({ effective: { cpuCores: limitAt('max', 'container', false) } })).toEqual({
      missing: ['cpu.max of an ancestor'],
    });
    expect(inputs({ settings: { gomaxprocs: undefined } })).toEqual({ missing: ['GOMAXPROCS'] });
    expect(inputs({ effective: { cpuPeriodSeconds: undefined } })).toEqual({ missing: ['period of cpu.max'] });
  });
});

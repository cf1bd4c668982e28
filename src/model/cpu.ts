import type { Limit } from '../base/limit.ts';
import type { CgroupSample, CpuMax } from '../kernel/cgroup/types.ts';
import type { CpuModel, ThrottlingModel } from './cpu-types.ts';
import type { Level } from './limit-types.ts';
import { counterDelta, perSecond, seconds } from './rate.ts';

/** cpu.max as cores: quota / period (Documentation/admin-guide/cgroup-v2.rst, cpu.max). */
export function limitCores(max: CpuMax | undefined): Limit | undefined {
  if (max === undefined) return undefined;
  if (max.quotaUsec === 'max') return 'max';
  return max.periodUsec > 0 ? max.quotaUsec / max.periodUsec : undefined;
}

/** CPU of one cgroup. `previous` must be the same cgroup (same inode), or undefined. */
export function cpuModel(previous: CgroupSample | undefined, current: CgroupSample): CpuModel {
  const stat = current.cpuStat;
  const windowSeconds = previous === undefined ? undefined : (current.readAtMs - previous.readAtMs) / 1000;
  return {
    usageSecondsTotal: seconds(stat?.usageUsec),
    userSecondsTotal: seconds(stat?.userUsec),
    systemSecondsTotal: seconds(stat?.systemUsec),
    usageCores: perSecond(seconds(counterDelta(previous?.cpuStat?.usageUsec, stat?.usageUsec)), windowSeconds),
    periodsTotal: stat?.nrPeriods,
    throttledPeriodsTotal: stat?.nrThrottled,
    throttledSecondsTotal: seconds(stat?.throttledUsec),
    burstPeriodsTotal: stat?.nrBursts,
    burstSecondsTotal: seconds(stat?.burstUsec),
    limitCores: limitCores(current.cpuMax),
    weight: current.cpuWeight,
    idle: current.cpuIdle === undefined ? undefined : current.cpuIdle === 1,
  };
}

/** Throttling of one cgroup between two samples; undefined when cpu.stat lacks the keys, the subject changed or no time passed. */
export function throttling(
  level: Level,
  previous: CgroupSample | undefined,
  current: CgroupSample,
): ThrottlingModel | undefined {
  const periods = counterDelta(previous?.cpuStat?.nrPeriods, current.cpuStat?.nrPeriods);
  const throttledPeriods = counterDelta(previous?.cpuStat?.nrThrottled, current.cpuStat?.nrThrottled);
  const throttledSeconds = seconds(counterDelta(previous?.cpuStat?.throttledUsec, current.cpuStat?.throttledUsec));
  const windowSeconds = previous === undefined ? 0 : (current.readAtMs - previous.readAtMs) / 1000;
  if (periods === undefined || throttledPeriods === undefined || throttledSeconds === undefined || windowSeconds <= 0)
    return undefined;
  return {
    level,
    cgroupPath: current.path,
    windowSeconds,
    periods,
    throttledPeriods,
    throttledRatio: periods === 0 ? undefined : Math.min(1, throttledPeriods / periods),
    throttledSeconds,
  };
}

/** Below this many periods one throttled period moves the share by over 5 %. */
const TELLING_PERIODS = 20;

/**
 * The level where the larger share of periods was throttled: a quota binds where it is set, container or pod. A level that ran
 * too few periods to tell gives way to one that ran enough: three of three says less than 400 of 1000. Undefined when one of the
 * levels with a quota has no figures, because that one may be the worst.
 */
export function worstThrottling(candidates: readonly (ThrottlingModel | undefined)[]): ThrottlingModel | undefined {
  let worst: ThrottlingModel | undefined;
  for (const candidate of candidates) {
    if (candidate === undefined) return undefined;
    if (worst === undefined || isWorse(candidate, worst)) worst = candidate;
  }
  return worst;
}

function isWorse(a: ThrottlingModel, b: ThrottlingModel): boolean {
  const telling = a.periods >= TELLING_PERIODS;
  if (telling !== b.periods >= TELLING_PERIODS) return telling;
  return (a.throttledRatio ?? -1) > (b.throttledRatio ?? -1);
}

import type { Limit } from '../base/limit.ts';
import type { CgroupSample, CpuMax } from '../kernel/cgroup/types.ts';
import { counterDelta, perSecond, seconds } from './rate.ts';
import type { CpuModel, Level, ThrottlingModel } from './types.ts';

/** cpu.max as cores: quota / period (Documentation/admin-guide/cgroup-v2.rst, cpu.max). */
export function limitCores(max: CpuMax | undefined): Limit | undefined {
  if (max === undefined) return undefined;
  return max.quotaUsec === 'max' ? 'max' : max.quotaUsec / max.periodUsec;
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

/** Throttling of one cgroup between two samples; undefined when cpu.stat lacks the keys or the subject changed. */
export function throttling(
  level: Level,
  previous: CgroupSample | undefined,
  current: CgroupSample,
): ThrottlingModel | undefined {
  const periods = counterDelta(previous?.cpuStat?.nrPeriods, current.cpuStat?.nrPeriods);
  const throttledPeriods = counterDelta(previous?.cpuStat?.nrThrottled, current.cpuStat?.nrThrottled);
  const throttledSeconds = seconds(counterDelta(previous?.cpuStat?.throttledUsec, current.cpuStat?.throttledUsec));
  if (
    previous === undefined ||
    periods === undefined ||
    throttledPeriods === undefined ||
    throttledSeconds === undefined
  )
    return undefined;
  return {
    level,
    cgroupPath: current.path,
    windowSeconds: (current.readAtMs - previous.readAtMs) / 1000,
    periods,
    throttledPeriods,
    throttledRatio: periods === 0 ? undefined : Math.min(1, throttledPeriods / periods),
    throttledSeconds,
  };
}

/** The level where the larger share of periods was throttled: a quota binds where it is set, container or pod. */
export function worstThrottling(candidates: readonly (ThrottlingModel | undefined)[]): ThrottlingModel | undefined {
  let worst: ThrottlingModel | undefined;
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    if (worst === undefined || (candidate.throttledRatio ?? -1) > (worst.throttledRatio ?? -1)) worst = candidate;
  }
  return worst;
}

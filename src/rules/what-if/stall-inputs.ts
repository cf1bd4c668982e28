import type { ContainerModel } from '../../model/container-types.ts';
import type { GoProcessModel } from '../../model/go-process-types.ts';

/** What a prediction of CPU stalls starts from. */
export interface StallInputs {
  readonly procs: number;
  /** The CPU limit in force, cores. */
  readonly limitCores: number;
  readonly periodSeconds: number;
  /** CPUs the process may run on; undefined: not known, then as many as it has Ps. */
  readonly cpus: number | undefined;
  /** What that limit did in the window; undefined: not known, or no period was throttled, or one more at another level. */
  readonly measured: MeasuredStall | undefined;
}

export interface MeasuredStall {
  /** Throttled periods / periods. */
  readonly throttledRatio: number;
  /**
   * CPUs that ran at once when the quota was used up. cpu.stat sums throttled time over CPUs: n of them that stall for
   * period x (1 - limit / n) give period x (n - limit) a throttled period, so n = limit + throttled time / periods throttled / period.
   */
  readonly width: number;
}

/** Fewer periods say nothing. */
const MIN_PERIODS = 20;

/** Takes the inputs out of the model; what is missing, in words. A CPU limit of `max` is no stall at all. */
export function stallInputs(
  process: GoProcessModel,
  container: ContainerModel | undefined,
): StallInputs | { readonly missing: readonly string[] } | 'no limit' {
  const { effective, settings, affinityCpus } = process;
  const limit = effective.cpuCores;
  if (limit === undefined) return { missing: ['cpu.max of the cgroup and its ancestors'] };
  if (limit.limit === 'max') return limit.complete ? 'no limit' : { missing: ['cpu.max of an ancestor'] };
  if (settings.gomaxprocs === undefined) return { missing: ['GOMAXPROCS'] };
  if (effective.cpuPeriodSeconds === undefined) return { missing: ['period of cpu.max'] };
  return {
    procs: settings.gomaxprocs.value,
    limitCores: limit.limit,
    periodSeconds: effective.cpuPeriodSeconds,
    cpus: affinityCpus,
    measured: measuredStall(container, { ...limit, limit: limit.limit }, effective.cpuPeriodSeconds),
  };
}

function measuredStall(
  container: ContainerModel | undefined,
  { limit: limitCores, cgroupPath }: { readonly limit: number; readonly cgroupPath: string },
  periodSeconds: number,
): MeasuredStall | undefined {
  const throttled = container?.throttling;
  // The level that throttles most need not be the one with the tightest limit: a pod's is used up by all its containers.
  if (throttled?.cgroupPath !== cgroupPath) return undefined;
  if (throttled.throttledRatio === undefined || throttled.periods < MIN_PERIODS) return undefined;
  if (throttled.throttledPeriods === 0) return undefined;
  const perPeriod = throttled.throttledSeconds / throttled.throttledPeriods;
  return { throttledRatio: throttled.throttledRatio, width: limitCores + perPeriod / periodSeconds };
}

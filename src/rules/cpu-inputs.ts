import type { Limit } from '../base/limit.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { ThrottlingModel } from '../model/cpu-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { round } from './quantity.ts';
import type { Evidence, ProcessContext } from './types.ts';

/** How much of the time the CPU limit held the container back in the window. */
export interface HeldBack {
  /** Throttled periods / periods; 0 without a limit, or when fewer periods ran than say anything. */
  readonly ratio: number;
  /** Undefined where there is no limit. */
  readonly throttled: ThrottlingModel | undefined;
  readonly evidence: readonly Evidence[];
}

/** The throttling of a process's container, or what is missing to say how much there was. */
export function heldBack({ process, container, thresholds }: ProcessContext): HeldBack | { readonly missing: string } {
  const limit = process.effective.cpuCores;
  if (limit === undefined) return { missing: 'cpu.max of the cgroup and its ancestors' };
  if (limit.limit === 'max')
    return limit.complete ? { ratio: 0, throttled: undefined, evidence: [] } : { missing: 'cpu.max of an ancestor' };
  const throttled = container?.throttling;
  if (throttled === undefined) return { missing: 'two samples of cpu.stat of the same cgroup' };
  const enough = throttled.throttledRatio !== undefined && throttled.periods >= thresholds.cpuThrottled.minPeriods;
  const ratio = enough ? throttled.throttledRatio : 0;
  return { ratio, throttled, evidence: [throttledPeriods(throttled, ratio)] };
}

function throttledPeriods(throttled: ThrottlingModel, ratio: number): Evidence {
  return {
    signal: 'throttled periods',
    value: ratio,
    unit: 'ratio',
    source: `cpu.stat of the ${throttled.level}: ${throttled.throttledPeriods} of ${throttled.periods} periods in ${round(throttled.windowSeconds, 1)} s`,
  };
}

/** A program that uses less of its limit is idle: what is throttled then delays little. */
const IDLE_RATIO = 0.1;

/** Whether the container uses so little of the limit that throttling hardly matters; false when its use is not known. */
export function isIdle(container: ContainerModel | undefined, limitCores: Limit | undefined): boolean {
  const usage = container?.cpu.usageCores;
  return usage !== undefined && typeof limitCores === 'number' && usage < IDLE_RATIO * limitCores;
}

/**
 * Ps that can have a CPU each: the CPUs of the mask, and whole cores of the limit, never less than 1. Undefined when the mask or the
 * limit is not known; a limit of which an ancestor was not read may be lower still.
 */
export function roomForProcs({ affinityCpus, effective }: GoProcessModel): number | undefined {
  const cpus = affinityCpus ?? effective.cpusetCpus;
  const limit = effective.cpuCores?.limit;
  if (cpus === undefined || limit === undefined) return undefined;
  return limit === 'max' ? cpus : Math.min(cpus, Math.max(1, Math.floor(limit)));
}

/** CPU used by the process, against all its Ps. */
export function usageEvidence(usageCores: number, procs: number): Evidence {
  return {
    signal: 'CPU used by the process',
    value: usageCores,
    unit: 'cores',
    bound: procs,
    source: '/proc/PID/stat utime + stime',
  };
}

import type { StallInputs } from './stall-inputs.ts';

/** What a prediction is for. */
export interface CpuSettings {
  readonly gomaxprocs: number;
  readonly limitCores: number | 'max';
}

/** How long, and how often, the CPU limit would stop the program. */
export interface StallPrediction {
  /** When all Ps run from the start of a period on: the longest stop in it. 0: they cannot use the quota up. */
  readonly worstSeconds: number;
  /** In a throttled period, with as many CPUs at once as today. Undefined: nothing was throttled, so that is not known. */
  readonly meanSeconds: number | undefined;
  /** Throttled periods / periods: at most so many. Undefined: not known for this limit. */
  readonly throttledRatioAtMost: number | undefined;
}

/**
 * n CPUs at once use a quota of Q cores up in Q / n of the period, and then everything waits for the rest of it (cgroup-v2.rst,
 * cpu.max): period x (1 - Q / n). GOMAXPROCS bounds n, and so do the CPUs of the mask. A burst needs the same CPU time however many
 * run at once, so it meets as many throttled periods while n is above Q, and none when it is not; waiting for a CPU takes its place.
 */
export function predictStall(inputs: StallInputs, { gomaxprocs, limitCores }: CpuSettings): StallPrediction {
  const { periodSeconds, cpus, measured } = inputs;
  if (limitCores === 'max') return { worstSeconds: 0, meanSeconds: 0, throttledRatioAtMost: 0 };
  const parallel = Math.min(gomaxprocs, cpus ?? gomaxprocs);
  const stall = (width: number): number => Math.max(0, periodSeconds * (1 - limitCores / width));
  const worstSeconds = stall(parallel);
  if (worstSeconds === 0) return { worstSeconds: 0, meanSeconds: 0, throttledRatioAtMost: 0 };
  if (measured === undefined) return { worstSeconds, meanSeconds: undefined, throttledRatioAtMost: undefined };
  // With more Ps than today a burst may get wider than it could.
  const asToday = gomaxprocs <= inputs.procs || measured.width < Math.min(inputs.procs, cpus ?? inputs.procs) * 0.9;
  const width = asToday ? Math.min(measured.width, parallel) : parallel;
  const meanSeconds = Math.min(stall(width), worstSeconds);
  // A lower limit cuts more periods short than it did.
  const known = limitCores >= inputs.limitCores;
  return {
    worstSeconds,
    meanSeconds,
    throttledRatioAtMost: meanSeconds === 0 ? 0 : known ? measured.throttledRatio : undefined,
  };
}

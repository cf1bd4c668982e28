import type { Known } from '../base/known.ts';
import type { ThrottlingModel } from '../model/cpu-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { EffectiveLimit, Level } from '../model/limit-types.ts';
import { fittingProcs, gomaxprocsPatch } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores, percent } from './quantity.ts';
import type { Thresholds } from './thresholds.ts';
import type { Remedy } from './types.ts';
import { stallExpectation } from './what-if/expectation.ts';

/** The stalls to expect of a change, of the process that can run on the most CPUs at once. Throttling of now is another matter. */
function stallsWith(processes: readonly GoProcessModel[], change: Parameters<typeof stallExpectation>[2]): string {
  const most = mostProcs(processes);
  const widest = processes.find(({ settings }) => most !== undefined && settings.gomaxprocs?.value === most.value);
  return widest === undefined ? '' : stallExpectation(widest, undefined, change);
}

/** The largest GOMAXPROCS known among the processes of a container. */
export function mostProcs(processes: readonly GoProcessModel[]): Known<number> | undefined {
  let most: Known<number> | undefined;
  for (const { settings } of processes) {
    if (settings.gomaxprocs !== undefined && settings.gomaxprocs.value > (most?.value ?? 0)) most = settings.gomaxprocs;
  }
  return most;
}

/** Ps that can run at the same time, of the process that has most. Undefined: no GOMAXPROCS is known. */
function parallelProcs(processes: readonly GoProcessModel[]): number | undefined {
  const known = processes.flatMap(({ settings: { gomaxprocs }, affinityCpus }) =>
    gomaxprocs === undefined ? [] : [Math.min(gomaxprocs.value, affinityCpus ?? gomaxprocs.value)],
  );
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * Half as much again, in halves of a core; or the number of Ps when that is nearer, for then all of them may run all the time. Under a
 * collector that takes its share, the number of Ps in any case: a collection takes every idle P, so a smaller step is used up just so.
 */
function nextLimit(limit: number, procs: number | undefined, collecting: boolean): number {
  const step = Math.ceil(limit * 1.5 * 2) / 2;
  if (procs === undefined || procs <= limit) return step;
  return collecting ? procs : Math.min(step, procs);
}

/** The level that throttles is the one the limit is set at. crun writes a container's limit twice, to its scope and to the part inside. */
export function isSetAt(limit: EffectiveLimit, throttled: ThrottlingModel): boolean {
  return throttled.cgroupPath === limit.cgroupPath || (isContainers(throttled.level) && isContainers(limit.level));
}

function isContainers(level: Level): boolean {
  return level === 'container' || level === 'sub-container';
}

/**
 * First GOMAXPROCS, which costs nothing; then the limit, at the level that throttles. With `gc` it looks at the collector's share of
 * each process too, so that CpuThrottled and CpuThrottledByGc name one limit.
 */
export function cpuThrottledRemedy(
  processes: readonly GoProcessModel[],
  limit: EffectiveLimit & { readonly limit: number },
  throttled: ThrottlingModel,
  gc?: Thresholds['gcThrottling'],
): Remedy {
  const most = mostProcs(processes)?.value;
  const fitting = fittingProcs(limit.limit);
  if (most !== undefined && most > fitting) {
    return {
      text: `First set GOMAXPROCS=${fitting}: ${most} Ps burn the quota in bursts.${stallsWith(processes, { gomaxprocs: fitting })} If it is still throttled, raise the CPU limit.`,
      patch: gomaxprocsPatch(fitting),
    };
  }
  const known = processes.every((process) => process.settings.gomaxprocs !== undefined);
  const why = !known
    ? `GOMAXPROCS is not known: if it is above ${fitting}, set it to ${fitting} first. Else`
    : most !== undefined && most > limit.limit
      ? `GOMAXPROCS ${most} is the least that fits, yet ${most} busy Ps overrun a limit of ${humanCores(limit.limit)}:`
      : 'GOMAXPROCS fits, so the container needs more CPU than its limit:';
  if (!isSetAt(limit, throttled) || !isContainers(throttled.level))
    return { text: `${why} raise the limit at the ${throttled.level}, or remove it and keep the request.` };
  const collectors = gc === undefined ? [] : processes.filter((process) => collectorShare(process) >= gc.minGcCpuRatio);
  const collecting = collectors.length > 0;
  const procs = parallelProcs(collecting ? collectors : processes);
  const raised = nextLimit(limit.limit, procs, collecting);
  const next = kubernetesCores(raised);
  const patch = { kind: 'resources', set: { 'limits.cpu': next } } as const;
  const stalls = stallsWith(processes, { limitCores: raised });
  const share = `The collector takes ${percent(Math.max(...collectors.map(collectorShare)))} of the CPU time`;
  if (collecting && procs !== undefined && procs > limit.limit)
    return {
      text: `${share}, and a collection starts a worker on each idle P, so ${procs === 1 ? 'one P bursts' : `${procs} Ps burst`} to ${humanCores(procs)} whatever the program needs on average: raise the limit of ${kubernetesCores(limit.limit)} to ${next}, or remove it and keep the request.${stalls}`,
      patch,
    };
  return {
    text: `${why} raise the limit of ${kubernetesCores(limit.limit)} (next step ${next}), or remove it and keep the request.${collecting ? ` ${share}.` : ''}${stalls}`,
    patch,
  };
}

function collectorShare({ runtime }: GoProcessModel): number {
  return runtime.gcCpuRatio?.value ?? 0;
}

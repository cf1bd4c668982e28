import type { Known } from '../base/known.ts';
import type { ThrottlingModel } from '../model/cpu-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { EffectiveLimit, Level } from '../model/limit-types.ts';
import { fittingProcs, gomaxprocsPatch } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores } from './quantity.ts';
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

/** Half as much again, in halves of a core; or the number of Ps when that is nearer, for then all of them may run all the time. */
function nextLimit(limit: number, procs: number | undefined): number {
  const step = Math.ceil(limit * 1.5 * 2) / 2;
  return procs !== undefined && procs > limit && procs < step ? procs : step;
}

/** The level that throttles is the one the limit is set at. crun writes a container's limit twice, to its scope and to the part inside. */
export function isSetAt(limit: EffectiveLimit, throttled: ThrottlingModel): boolean {
  return throttled.cgroupPath === limit.cgroupPath || (isContainers(throttled.level) && isContainers(limit.level));
}

function isContainers(level: Level): boolean {
  return level === 'container' || level === 'sub-container';
}

/** First GOMAXPROCS, which costs nothing; then the limit, at the level that throttles. */
export function cpuThrottledRemedy(
  processes: readonly GoProcessModel[],
  limit: EffectiveLimit & { readonly limit: number },
  throttled: ThrottlingModel,
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
  const raised = nextLimit(limit.limit, most);
  const next = kubernetesCores(raised);
  return {
    text: `${why} raise the limit of ${kubernetesCores(limit.limit)} (next step ${next}), or remove it and keep the request.${stallsWith(processes, { limitCores: raised })}`,
    patch: { kind: 'resources', set: { 'limits.cpu': next } },
  };
}

import type { Instant } from '../base/clock.ts';
import type { Limit } from '../base/limit.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { ownMemoryLimit } from './memory-inputs.ts';
import { goBytes, humanBytes, humanSeconds } from './quantity.ts';
import { containerName } from './subjects.ts';
import type { Evidence } from './types.ts';

/** A Go program as it was in the last sample that had it. What was not known is undefined. */
export interface LastSeen {
  readonly processKey: string;
  readonly program: string;
  readonly containerKey: string;
  readonly containerPath: string;
  readonly container: string;
  readonly atMs: number;
  readonly liveBytes: number | undefined;
  readonly goal: number | 'off' | undefined;
  readonly gomemlimit: number | 'off' | undefined;
  readonly goroutines: number | undefined;
  readonly outsideBytes: number | undefined;
  readonly currentBytes: number | undefined;
  /** Of the container, its pod or unit; `max` where only what others share has one. */
  readonly limit: Limit | undefined;
  readonly pressureRatio: number | undefined;
  readonly growthBytesPerSecond: number | undefined;
}

/** So many programs of one pod or node are remembered. */
const MOST_PROGRAMS = 64;
/** A program is gone from the processes before its kill shows, or after; by no more than a few cycles. */
const KEPT_MS = 120_000;

function lastSeen(process: GoProcessModel, container: ContainerModel, at: Instant): LastSeen {
  const { runtime, settings, attribution } = process;
  return {
    processKey: process.key,
    program: process.name,
    containerKey: container.key,
    containerPath: container.cgroupPath,
    container: containerName(container) ?? container.cgroupPath,
    atMs: at.monotonicMs,
    liveBytes: runtime.heapLiveBytes?.value,
    goal: runtime.heapGoalBytes?.value,
    gomemlimit: settings.gomemlimit?.value,
    goroutines: runtime.goroutines?.value,
    outsideBytes: attribution.nonGoBytes,
    currentBytes: container.memory.currentBytes,
    limit: ownMemoryLimit(process.effective.memoryMaxBytes),
    pressureRatio: container.pressure.memory?.some?.avg10Ratio,
    growthBytesPerSecond: container.memory.currentGrowthBytesPerSecond,
  };
}

/** The programs that run, and those that were seen until lately. */
export function followPrograms(
  before: readonly LastSeen[] | undefined,
  processes: readonly GoProcessModel[],
  containers: readonly ContainerModel[],
  at: Instant,
): readonly LastSeen[] {
  const byKey = new Map(containers.map((container) => [container.key, container]));
  const now = processes.flatMap((process) => {
    const container = byKey.get(process.containerKey ?? '');
    return container === undefined ? [] : [lastSeen(process, container, at)];
  });
  const alive = new Set(now.map(({ processKey }) => processKey));
  const gone = (before ?? []).filter(
    ({ processKey, atMs }) => !alive.has(processKey) && at.monotonicMs - atMs < KEPT_MS,
  );
  // Those that have gone come first: they are what a kill asks for.
  return [...gone, ...now].slice(0, MOST_PROGRAMS);
}

/**
 * Which programs a kill took: those that are gone, from containers that are gone too or count a kill. When none is, the kill took
 * another process, and the programs of the containers that count it are shown.
 */
export function killedPrograms(
  seen: readonly LastSeen[],
  containers: readonly ContainerModel[],
  at: Instant,
): readonly LastSeen[] {
  const byKey = new Map(containers.map((container) => [container.key, container]));
  const counts = (one: LastSeen): boolean => (byKey.get(one.containerKey)?.oomKillsInWindow ?? 0) > 0;
  const gone = seen.filter((one) => one.atMs < at.monotonicMs && (!byKey.has(one.containerKey) || counts(one)));
  const struck = gone.length > 0 ? gone : seen.filter(counts);
  return struck.toSorted((a, b) => b.atMs - a.atMs || (b.currentBytes ?? 0) - (a.currentBytes ?? 0));
}

/** What a program was like before the kill, as evidence. */
export function autopsyEvidence(one: LastSeen, at: Instant): Evidence[] {
  const source = `${one.program} in ${one.container}, ${humanSeconds((at.monotonicMs - one.atMs) / 1000)} before the kill was seen`;
  const all: readonly (readonly [string, number | string | undefined, Evidence['unit']])[] = [
    ['memory.current before the kill', one.currentBytes, 'bytes'],
    ['growth per second before the kill', one.growthBytesPerSecond, 'bytes'],
    ['live heap before the kill', one.liveBytes, 'bytes'],
    ['heap goal before the kill', one.goal, one.goal === 'off' ? '' : 'bytes'],
    ['GOMEMLIMIT before the kill', one.gomemlimit, one.gomemlimit === 'off' ? '' : 'bytes'],
    ['memory outside Go before the kill', one.outsideBytes, 'bytes'],
    ['goroutines before the kill', one.goroutines, 'count'],
    ['memory pressure before the kill', one.pressureRatio, 'ratio'],
  ];
  return all.flatMap(([signal, value, unit]) => (value === undefined ? [] : [{ signal, value, unit, source }]));
}

/** One clause: `app had 100 MiB of live heap, a goal of 200 MiB, no GOMEMLIMIT and 50 goroutines`. Undefined when nothing is known. */
export function autopsySummary({ program, liveBytes, goal, gomemlimit, goroutines }: LastSeen): string | undefined {
  const parts = [
    ...(liveBytes === undefined ? [] : [`${humanBytes(liveBytes)} of live heap`]),
    ...(goal === undefined ? [] : [goal === 'off' ? 'no heap goal' : `a goal of ${humanBytes(goal)}`]),
    ...(gomemlimit === undefined
      ? []
      : [gomemlimit === 'off' ? 'no GOMEMLIMIT' : `GOMEMLIMIT ${humanBytes(gomemlimit)}`]),
    ...(goroutines === undefined ? [] : [`${goroutines} goroutines`]),
  ];
  const last = parts.pop();
  if (last === undefined) return undefined;
  return `before, ${program} had ${parts.length === 0 ? last : `${parts.join(', ')} and ${last}`}`;
}

/** Of the memory limit: a live heap above that leaves the collector no room whatever is set. */
const LIVE_FILLS = 0.7;
const OUTSIDE_FILLS = 0.3;

/** What the figures say of the cause. Undefined when they say nothing. */
export function autopsyAdvice(one: LastSeen, headroomRatio: number): string | undefined {
  const { limit, liveBytes, outsideBytes, gomemlimit, goal } = one;
  if (typeof limit !== 'number') return undefined;
  if (liveBytes !== undefined && liveBytes > LIVE_FILLS * limit)
    return `The live heap of ${one.program} was ${humanBytes(liveBytes)} of a limit of ${humanBytes(limit)}: no setting makes that fit. Raise the limit, or find what the heap holds.`;
  if (outsideBytes !== undefined && outsideBytes > OUTSIDE_FILLS * limit)
    return `${humanBytes(outsideBytes)} of the limit of ${humanBytes(limit)} were outside the Go runtime (cgo, mmap, child processes): look there first (NonGoMemory).`;
  if (gomemlimit === undefined) return undefined;
  const value = limit * (1 - headroomRatio) - (outsideBytes ?? 0);
  if (gomemlimit === 'off' || gomemlimit > value) {
    const why =
      gomemlimit === 'off'
        ? `${one.program} had no GOMEMLIMIT${typeof goal === 'number' && goal > value ? `, and a heap goal of ${humanBytes(goal)}` : ''}`
        : `${one.program} had GOMEMLIMIT ${humanBytes(gomemlimit)}`;
    return `${why}, against a memory limit of ${humanBytes(limit)}: set GOMEMLIMIT=${goBytes(value)}, so that the collector acts before the kernel.`;
  }
  return `GOMEMLIMIT left room, and the live heap was small in the last sample: memory grew faster than it was sampled, or the collector was held back. Bound what one request may allocate, and see GcDeathSpiral.`;
}

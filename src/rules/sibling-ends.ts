import type { ContainerModel } from '../model/container-types.ts';
import { containerName } from './subjects.ts';
import type { ProcessContext } from './types.ts';

/** A container of the pod ended, or ended again and again: one run of ends. */
export interface SiblingEnd {
  readonly name: string;
  /** Monotonic milliseconds of the look at which it was first gone; it ended since the look before. */
  readonly atMs: number;
  /** Ends in the run. */
  readonly times: number;
  /** The last end of the run, and the one before it; the same as the first while there is one. */
  readonly lastMs: number;
  readonly beforeLastMs: number;
  /** The container that ended last; undefined when that end was none. */
  readonly key: string | undefined;
}

interface Alive {
  readonly key: string;
  readonly name: string;
}

/** Other containers of a process's pod, as they were seen: those that run, and of each name the first run of ends and the last. */
export interface SiblingBook {
  readonly alive: readonly Alive[];
  readonly ends: readonly SiblingEnd[];
}

/** More containers than a pod has; names come from other people's pods. */
const MAX_ALIVE = 64;
const MAX_RUNS = 16;
/** A kubelet waits five minutes at most between two starts, and forgets the wait after ten minutes of running. */
const RUN_GAP_MS = 20 * 60_000;
const MAX_NAME = 128;
/** As long as counts of goroutines are remembered. */
const MAX_AGE_MS = 7 * 86_400_000;

const NOBODY: SiblingBook = { alive: [], ends: [] };

/** A container whose cgroup is there but empty has ended as well. */
function isAlive({ pids }: ContainerModel): boolean {
  return pids.current !== 0;
}

function nameOf(container: ContainerModel): string {
  return (containerName(container) ?? container.cgroupPath.slice(container.cgroupPath.lastIndexOf('/') + 1)).slice(
    0,
    MAX_NAME,
  );
}

/**
 * Takes the other containers of the pod in. What is not there any more has ended; what was missed by one look and is there again has
 * not. The very same object when nothing changed.
 */
export function observeSiblings(
  before: SiblingBook | undefined,
  { siblings, at }: Pick<ProcessContext, 'siblings' | 'at'>,
): SiblingBook {
  if (before === undefined && siblings.length === 0) return NOBODY;
  const known = before ?? NOBODY;
  const running = siblings.filter(isAlive).slice(0, MAX_ALIVE);
  const unchanged =
    running.length === known.alive.length &&
    running.every((container, index) => {
      const then = known.alive[index];
      return then?.key === container.key && then.name === nameOf(container);
    });
  const isYoung = ({ lastMs }: SiblingEnd): boolean => at.monotonicMs - lastMs <= MAX_AGE_MS;
  if (unchanged && known.ends.every(isYoung)) return known;
  const alive = running.map((container) => ({ key: container.key, name: nameOf(container) }));
  const keys = new Set(alive.map(({ key }) => key));
  const kept = known.ends
    .filter(isYoung)
    .flatMap((end) => (end.key !== undefined && keys.has(end.key) ? withoutLast(end) : [end]));
  const gone = known.alive.filter(({ key }) => !keys.has(key));
  const ends = gone.reduce((all, container) => withEnd(all, container, at.monotonicMs), kept);
  return { alive, ends: ends.slice(-MAX_RUNS) };
}

/** What was missed by a look had not ended. */
function withoutLast(end: SiblingEnd): SiblingEnd[] {
  return end.times === 1 ? [] : [{ ...end, times: end.times - 1, lastMs: end.beforeLastMs, key: undefined }];
}

/** A container that crashes again and again must push out neither its first end nor those of others. */
function withEnd(ends: readonly SiblingEnd[], { key, name }: Alive, nowMs: number): SiblingEnd[] {
  const own = ends.filter((end) => end.name === name);
  const last = own.at(-1);
  if (last !== undefined && nowMs - last.lastMs <= RUN_GAP_MS) {
    const longer = { ...last, times: last.times + 1, beforeLastMs: last.lastMs, lastMs: nowMs, key };
    return ends.map((end) => (end === last ? longer : end));
  }
  const others = own.length < 2 ? ends : ends.filter((end) => end !== last);
  return [...others, { name, atMs: nowMs, times: 1, lastMs: nowMs, beforeLastMs: nowMs, key }];
}

/** Whether a container of the same name runs now. */
export function isBack({ alive }: SiblingBook, end: SiblingEnd): boolean {
  return alive.some(({ name }) => name === end.name);
}

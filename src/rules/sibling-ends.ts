import type { ContainerModel } from '../model/types.ts';
import { containerName } from './subjects.ts';
import type { ProcessContext } from './types.ts';

/** The end of another container of the pod. */
export interface SiblingEnd {
  readonly key: string;
  readonly name: string;
  /** Monotonic milliseconds of the look at which it was gone; it ended since the look before. */
  readonly atMs: number;
}

interface Alive {
  readonly key: string;
  readonly name: string;
}

/** Other containers of a process's pod, as they were seen: those that run and the last that ended. */
export interface SiblingBook {
  readonly alive: readonly Alive[];
  readonly ends: readonly SiblingEnd[];
}

/** More containers than a pod has; names come from other people's pods. */
const MAX_ALIVE = 64;
const MAX_ENDS = 8;
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
  const oldest = known.ends[0];
  if (unchanged && (oldest === undefined || at.monotonicMs - oldest.atMs <= MAX_AGE_MS)) return known;
  const alive = running.map((container) => ({ key: container.key, name: nameOf(container) }));
  const keys = new Set(alive.map(({ key }) => key));
  const kept = known.ends.filter(({ key, atMs }) => !keys.has(key) && at.monotonicMs - atMs <= MAX_AGE_MS);
  const ended = known.alive.filter(({ key }) => !keys.has(key)).map((gone) => ({ ...gone, atMs: at.monotonicMs }));
  return { alive, ends: [...kept, ...ended].slice(-MAX_ENDS) };
}

/** Whether a container of the same name runs now. */
export function isBack({ alive }: SiblingBook, end: SiblingEnd): boolean {
  return alive.some(({ name }) => name === end.name);
}

import type { GrowthLevel } from './types.ts';

/** Width and number of the buckets of each level, fine to coarse. Each width is a multiple of the one before. */
export const LEVELS = [
  { widthSeconds: 5, capacity: 48 },
  { widthSeconds: 15, capacity: 48 },
  { widthSeconds: 60, capacity: 60 },
  { widthSeconds: 300, capacity: 48 },
  // A day and a half: yesterday's climb is still there when today's is to be judged.
  { widthSeconds: 1200, capacity: 108 },
  { widthSeconds: 7200, capacity: 84 },
] as const;

/** One-minute buckets for an hour. */
export const MINUTES = 2;

/** The coarsest level: two-hour buckets for seven days. */
export const COARSEST = 5;

/** Levels with a first sample in their open buckets. */
export function openLevels(atSeconds: number, goroutines: number, memoryKib: number | null): GrowthLevel[] {
  return LEVELS.map(({ widthSeconds }, index) => ({
    bucket: Math.floor(atSeconds / widthSeconds),
    openTrough: index === 0 ? goroutines : null,
    openMemoryKib: index === 0 ? memoryKib : null,
    troughs: [],
    memoryKib: [],
  }));
}

/**
 * Takes a sample in. A closed bucket is folded into the open one of the next level, so that most samples touch the finest level
 * only. `atSeconds` is not before the open buckets.
 */
export function addToLevels(
  levels: readonly GrowthLevel[],
  atSeconds: number,
  goroutines: number,
  memoryKib: number | null,
): GrowthLevel[] {
  const next = levels.slice();
  let fold: number | null = null;
  let foldMemory: number | null = null;
  for (const [index, { widthSeconds, capacity }] of LEVELS.entries()) {
    const level = next[index];
    if (level === undefined) break;
    const bucket = Math.floor(atSeconds / widthSeconds);
    // What the finer level closed belongs to the bucket that was open here.
    const trough = lower(level.openTrough, fold);
    const memory = lower(level.openMemoryKib, foldMemory);
    const first = index === 0 ? goroutines : null;
    const firstMemory = index === 0 ? memoryKib : null;
    if (bucket === level.bucket) {
      next[index] = {
        ...level,
        openTrough: lower(trough, first),
        openMemoryKib: lower(memory, firstMemory),
      };
      break;
    }
    const passed = bucket - level.bucket;
    next[index] = {
      bucket,
      openTrough: first,
      openMemoryKib: firstMemory,
      troughs: appended(level.troughs, trough, passed, capacity),
      memoryKib: appended(level.memoryKib, memory, passed, capacity),
    };
    fold = trough;
    foldMemory = memory;
  }
  return next;
}

function lower(left: number | null, right: number | null): number | null {
  if (left === null) return right;
  return right === null || left <= right ? left : right;
}

/** The closed bucket and, after a gap, empty ones; the oldest fall out. */
function appended(
  list: readonly (number | null)[],
  value: number | null,
  passed: number,
  capacity: number,
): readonly (number | null)[] {
  const added = Math.min(passed, capacity);
  const room = Math.max(0, list.length + added - capacity);
  const result = list.slice(Math.min(room, list.length));
  if (passed <= capacity) result.push(value);
  for (let empty = passed <= capacity ? 1 : 0; empty < added; empty += 1) result.push(null);
  return result;
}

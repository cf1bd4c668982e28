import { LEVELS } from './levels.ts';
import type { GrowthLevel, GrowthState } from './types.ts';
import type { GrowthWindow } from './windows.ts';

/**
 * Whether the process once climbed about as long and as high as in `window` and came back: a day of traffic or a batch does so. A
 * climb is gradual, so that a burst explains nothing. `factor`: how much longer or higher than the earlier climb this one may be.
 */
export function cameBackFromSuch(state: GrowthState, window: GrowthWindow, added: number, factor: number): boolean {
  const seconds = window.seconds / factor;
  const rise = added / factor;
  return LEVELS.some(({ widthSeconds }, index) => {
    const level = state.levels[index];
    // Two steps are the least in which a climb can be told from a jump.
    if (level === undefined || window.seconds < 2 * widthSeconds) return false;
    const before = level.troughs.length - Math.ceil((level.bucket * widthSeconds - window.fromSeconds) / widthSeconds);
    return hasClimb(
      level,
      Math.max(2, Math.ceil(seconds / widthSeconds)),
      rise,
      Math.min(before, level.troughs.length - 1),
    );
  });
}

/** A rise of `rise` in `steps` buckets that ended at or before bucket `until` and half of which was given back before now. */
function hasClimb({ troughs }: GrowthLevel, steps: number, rise: number, until: number): boolean {
  let lowestAfter = Number.POSITIVE_INFINITY;
  for (let top = troughs.length - 1; top >= steps; top -= 1) {
    const high = troughs[top] ?? null;
    if (high === null) continue;
    const low = troughs[top - steps] ?? null;
    const middle = troughs[top - (steps >> 1)] ?? null;
    if (top <= until && low !== null && middle !== null && high - low >= rise) {
      const share = (middle - low) / (high - low);
      if (share >= 0.2 && share <= 0.8 && lowestAfter <= high - (high - low) / 2) return true;
    }
    lowestAfter = Math.min(lowestAfter, high);
  }
  return false;
}

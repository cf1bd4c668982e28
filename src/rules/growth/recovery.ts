import { LEVELS, MINUTES } from './levels.ts';
import type { GrowthState } from './types.ts';
import type { GrowthWindow } from './windows.ts';

// Who reconnects twice is counted twice until the dead connection is noticed: some more than before is no growth yet.
const REGAINED = 0.7;

/**
 * Whether a climb only brings back most of what was there within the hour before: connections that broke and come back do so in
 * minutes, in a straight line, and may take any share of the memory.
 */
export function wasAsHighBefore(state: GrowthState, window: GrowthWindow, from: number, to: number): boolean {
  const level = state.levels[MINUTES];
  if (level === undefined) return false;
  const { widthSeconds } = LEVELS[MINUTES];
  const begin = level.bucket - level.troughs.length;
  const end = Math.min(level.troughs.length, Math.floor(window.fromSeconds / widthSeconds) - begin);
  const high = from + (to - from) * REGAINED;
  for (let index = 0; index < end; index += 1) if ((level.troughs[index] ?? 0) >= high) return true;
  return false;
}

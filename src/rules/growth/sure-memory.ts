import { medianDistance, medianSlope, type Points } from './trend.ts';

// Half of the points are within one distance of their line. In minutes garbage alone may climb by that; three times as much is rare.
const NOISE = 1;
const URGENT_NOISE = 3;

/** How much memory surely rises, KiB a second: garbage makes it rise and fall too. Undefined when it was not read. */
export function surelyRises(memory: Points | undefined, seconds: number, urgent: boolean): number | undefined {
  const slope = memory === undefined ? undefined : medianSlope(memory);
  if (memory === undefined || slope === undefined) return undefined;
  const distance = medianDistance(memory, slope) ?? 0;
  return Math.max(0, slope - ((urgent ? URGENT_NOISE : NOISE) * distance) / seconds);
}

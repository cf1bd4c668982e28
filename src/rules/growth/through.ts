import type { GrowthOptions } from './options.ts';

/** A step rises at one place, a warm-up or a filling pool less and less: neither goes on. */
export function notThrough(
  [first, second, third, fourth]: readonly [number, number, number, number],
  urgent: boolean,
  options: GrowthOptions,
): string | undefined {
  const late = fourth - third;
  const lateToEarly = urgent ? options.minUrgentLateToEarlyRatio : options.minLateToEarlyRatio;
  if (late <= 0 || late < Math.max(second - first, third - second) * lateToEarly) return 'the growth levels out';
  return (third - first) / 2 < late * options.minEarlyToLateRatio ? 'most of the growth is at the end' : undefined;
}

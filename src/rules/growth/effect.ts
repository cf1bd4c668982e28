import type { GrowthOptions } from './options.ts';
import type { GrowthSample } from './types.ts';

/** Whether what was added is a real share of the limit: without that nothing is urgent. */
export function isUrgent(
  added: number,
  bytes: number | undefined,
  { memoryLimitBytes: limit }: GrowthSample,
  options: GrowthOptions,
): boolean {
  return bytes !== undefined && limit !== undefined && added * bytes >= limit * options.minUrgentLimitRatio;
}

/** Why the growth is too small to matter; undefined when it matters. */
export function tooSmall(
  added: number,
  from: number,
  bytes: number | undefined,
  last: GrowthSample,
  options: GrowthOptions,
): string | undefined {
  if (added < options.minAddedGoroutines)
    return `${Math.max(0, Math.round(added))} more goroutines are fewer than ${options.minAddedGoroutines}`;
  if (added < from * options.minAddedRatio)
    return `${Math.round(added)} more on ${Math.round(from)} goroutines is less than ${Math.round(options.minAddedRatio * 100)} %`;
  if (bytes === undefined) return undefined;
  const cost = added * bytes;
  const limit = last.memoryLimitBytes;
  if (cost < options.minAddedBytes || (limit !== undefined && cost < limit * options.minAddedLimitRatio))
    return `${Math.round(added)} more goroutines cost too little memory to matter`;
  return undefined;
}

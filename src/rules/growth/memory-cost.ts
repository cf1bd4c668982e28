import type { GrowthOptions } from './options.ts';
import type { GrowthSample } from './types.ts';

// The smallest stack of a goroutine (runtime/stack.go, stackMin) and more than any plausible one: outside is another cause.
const MIN_BYTES_PER_GOROUTINE = 2048;
const MAX_BYTES_PER_GOROUTINE = 1024 * 1024;

/**
 * Memory for one more goroutine: what memory grew by per goroutine meanwhile (stack and heap), but not less than the stacks
 * are on average now. Undefined when neither is known. `memoryPerSecond`: slope of memory, bytes; `perSecond`: of goroutines.
 */
export function bytesPerGoroutine(
  last: GrowthSample,
  perSecond: number,
  memoryPerSecond: number | undefined,
): number | undefined {
  const stack =
    last.stackInuseBytes === undefined || !(last.stackInuseBytes >= 0) || last.goroutines <= 0
      ? undefined
      : within(last.stackInuseBytes / last.goroutines);
  if (memoryPerSecond === undefined || perSecond <= 0) return stack;
  return Math.max(stack ?? 0, within(memoryPerSecond / perSecond));
}

function within(bytes: number): number {
  return Math.min(MAX_BYTES_PER_GOROUTINE, Math.max(MIN_BYTES_PER_GOROUTINE, bytes));
}

/** Until the memory limit is reached; undefined without a limit, usage or cost. */
export function secondsToLimit(
  limitBytes: number | undefined,
  currentBytes: number | undefined,
  perSecond: number,
  bytes: number | undefined,
): number | undefined {
  if (currentBytes === undefined || limitBytes === undefined || bytes === undefined || perSecond <= 0) return undefined;
  if (!(currentBytes >= 0 && limitBytes > 0 && limitBytes <= Number.MAX_SAFE_INTEGER)) return undefined;
  return Math.max(0, limitBytes - currentBytes) / (bytes * perSecond);
}

/** Where a process is. */
export interface Standing {
  readonly goroutines: number;
  readonly currentBytes: number | undefined;
  readonly limitBytes: number | undefined;
}

/** How long growth must have gone on to be believed: the less time is left, the less is enough. */
export function neededSeconds(
  { goroutines, currentBytes, limitBytes }: Standing,
  perSecond: number,
  bytes: number | undefined,
  inWarmUp: boolean,
  options: GrowthOptions,
): number {
  const share = inWarmUp ? options.evidenceShareInWarmUp : options.evidenceShareOfTimeLeft;
  const enough = (least: number, left: number): number =>
    Math.min(options.certainWindowSeconds, Math.max(least, left * share));
  const left = secondsToLimit(limitBytes, currentBytes, perSecond, bytes);
  if (left === undefined || limitBytes === undefined || bytes === undefined)
    return enough(
      options.minWindowWithoutLimitSeconds,
      Math.max(0, options.limitGoroutinesWithoutMemoryLimit - goroutines) / perSecond,
    );
  return enough(
    options.minUrgentWindowSeconds,
    Math.max(left, (limitBytes * options.minFreeMemoryRatio) / (bytes * perSecond)),
  );
}

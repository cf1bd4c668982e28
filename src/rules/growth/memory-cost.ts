import { type GrowthOptions, leastWindowSeconds } from './options.ts';
import type { GrowthSample } from './types.ts';

// The smallest stack of a goroutine (runtime/stack.go, stackMin) and more than any plausible one: outside is another cause.
const MIN_BYTES_PER_GOROUTINE = 2048;
const MAX_BYTES_PER_GOROUTINE = 1024 * 1024;
// Where stacks were not read: twice the least.
const USUAL_STACK_BYTES = 4096;
// A cache that fills up with the traffic does so for minutes, and is not told from what goroutines hold.
const SURE_SECONDS = 3600;
const SURE_STACKS = 2;

/**
 * Memory for one more goroutine: what memory grew by per goroutine meanwhile (stack and heap), but not less than the stacks
 * are on average now. Undefined when neither is known. `memoryPerSecond`: slope of memory, bytes; `perSecond`: of goroutines.
 */
export function bytesPerGoroutine(
  last: GrowthSample,
  perSecond: number,
  memoryPerSecond: number | undefined,
): number | undefined {
  const stack = averageStack(last);
  if (memoryPerSecond === undefined || perSecond <= 0) return stack;
  return Math.max(stack ?? 0, within(memoryPerSecond / perSecond));
}

/**
 * The part of `bytes` for one more goroutine that is surely its own, after growth was seen for so long: in the first hour at
 * most two of the stacks, as something else may grow with them.
 */
export function sureBytes(last: GrowthSample, bytes: number | undefined, seenSeconds: number): number | undefined {
  if (bytes === undefined || seenSeconds >= SURE_SECONDS) return bytes;
  return Math.min(bytes, SURE_STACKS * (averageStack(last) ?? USUAL_STACK_BYTES));
}

/** Undefined when stacks were not read. */
function averageStack({ stackInuseBytes, goroutines }: GrowthSample): number | undefined {
  return stackInuseBytes === undefined || !(stackInuseBytes >= 0) || goroutines <= 0
    ? undefined
    : within(stackInuseBytes / goroutines);
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
    leastWindowSeconds(options),
    Math.max(left, (limitBytes * options.minFreeMemoryRatio) / (bytes * perSecond)),
  );
}

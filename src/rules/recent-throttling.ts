import { type HeldBack, heldBack } from './cpu-inputs.ts';
import type { ProcessContext } from './types.ts';

/** The last look at which the container was throttled, monotonic milliseconds, and what it showed. */
export interface RecentThrottling {
  readonly atMs: number;
  readonly held: HeldBack;
}

/** The runtime's windows are of one or two minutes, cpu.stat's of one cycle: throttling counts for a pause as long as the pause is told. */
const REMEMBERED_MS = 120_000;

/** Remembers throttling for as long as the runtime's windows may still show what it did. */
export function observeThrottling(
  before: RecentThrottling | undefined,
  context: ProcessContext,
): RecentThrottling | undefined {
  const held = heldBack(context);
  const now = context.at.monotonicMs;
  if (!('missing' in held) && held.ratio >= context.thresholds.gomaxprocs.warningThrottledRatio)
    return { atMs: now, held };
  return before !== undefined && now - before.atMs <= REMEMBERED_MS ? before : undefined;
}

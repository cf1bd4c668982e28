import { judgeGrowth } from './growth/judge.ts';
import { observeGrowth } from './growth/observe.ts';
import { DEFAULT_GROWTH_OPTIONS } from './growth/options.ts';
import type { GrowthSample, GrowthState, GrowthVerdict } from './growth/types.ts';
import { isShared } from './memory-inputs.ts';
import { observeSiblings, type SiblingBook } from './sibling-ends.ts';
import { observeSites, type SiteHistory } from './site-history.ts';
import type { ProcessContext } from './types.ts';

/** What the rules about goroutines over time remember of a process, together. */
export interface GoroutineHistory {
  /** Undefined: no count was seen yet. */
  readonly growth: GrowthState | undefined;
  readonly siblings: SiblingBook;
  /** Undefined: it was never seen where goroutines are. */
  readonly sites: SiteHistory | undefined;
}

/** The name of that memory. */
export const GOROUTINES_OVER_TIME = 'goroutines';

function sampleOf({ process, container, at }: ProcessContext): GrowthSample | undefined {
  const goroutines = process.runtime.goroutines?.value;
  if (goroutines === undefined) return undefined;
  const memory = process.effective.memoryMaxBytes;
  const limit = memory === undefined || isShared(memory.level) ? undefined : memory.limit;
  // What one container holds is no measure for a limit that the whole pod shares.
  const shared = typeof limit === 'number' && memory?.level === 'pod' && container?.memory.maxBytes !== limit;
  const current = shared ? undefined : container?.memory.workingSetBytes;
  const stacks = process.runtime.stackInuseBytes?.value;
  return {
    atSeconds: at.monotonicMs / 1000,
    goroutines,
    ...(current === undefined ? {} : { memoryCurrentBytes: current }),
    ...(typeof limit === 'number' ? { memoryLimitBytes: limit } : {}),
    ...(stacks === undefined ? {} : { stackInuseBytes: stacks }),
    ...(process.uptimeSeconds === undefined ? {} : { uptimeSeconds: process.uptimeSeconds }),
  };
}

/** Takes a look at a process in. The very same object when it was given this model before. */
export function observeGoroutines(before: GoroutineHistory | undefined, context: ProcessContext): GoroutineHistory {
  const sample = sampleOf(context);
  const growth = sample === undefined ? before?.growth : observeGrowth(before?.growth, sample);
  const siblings = observeSiblings(before?.siblings, context);
  const sites = observeSites(before?.sites, context);
  const same = before !== undefined && growth === before.growth && siblings === before.siblings;
  return same && sites === before.sites ? before : { growth, siblings, sites };
}

/** The growth detector's word; undefined when no count was seen yet. */
export function growthVerdict(
  { growth }: GoroutineHistory,
  thresholds: ProcessContext['thresholds'],
): GrowthVerdict | undefined {
  return growth === undefined
    ? undefined
    : judgeGrowth(growth, { ...DEFAULT_GROWTH_OPTIONS, ...thresholds.goroutineGrowth });
}

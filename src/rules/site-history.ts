import type { GoroutineSiteModel } from '../model/go-runtime-types.ts';
import type { ProcessContext } from './types.ts';

/** A place whose goroutines have become more, as it was seen over several counts of all places. */
export interface FollowedSite {
  readonly key: string;
  /** Monotonic milliseconds of the first count at which it was followed. */
  readonly sinceMs: number;
  /** Counts since, the first among them. */
  readonly looks: number;
  readonly firstCount: number;
  /** Goroutines of the whole program at the first count. */
  readonly firstTotal: number;
  readonly highest: number;
  /** How far a count was below one before it, at most. */
  readonly fell: number;
}

/** The places followed, of bounded number. */
export interface SiteHistory {
  /** Monotonic milliseconds of the last count of places. */
  readonly countedMs: number;
  readonly followed: readonly FollowedSite[];
}

/** A leak is one place, rarely two or three. */
const MAX_FOLLOWED = 8;
const MAX_KEY = 300;
/** Ages are of the look at the node, so that the time of one count comes out a hair different each time. */
const SAME_COUNT_MS = 500;

/** What tells a place apart from others: where its goroutines are, where they were started and what they wait for. */
export function siteKey({ site, createdBy, cause }: GoroutineSiteModel): string {
  return [cause ?? '', createdBy ?? '', site].map((part) => part.slice(0, MAX_KEY)).join('\n');
}

/**
 * Takes a new count of places in; the very same object when there is none. Followed are the places that have grown most. One that
 * is missing from a count is followed no more: it is no longer among the largest or those that grow.
 */
export function observeSites(
  before: SiteHistory | undefined,
  { process, at }: Pick<ProcessContext, 'process' | 'at'>,
): SiteHistory | undefined {
  const { goroutineSites, goroutines } = process.runtime;
  const [any] = goroutineSites ?? [];
  if (goroutineSites === undefined || any === undefined || goroutines === undefined) return before;
  const countedMs = at.monotonicMs - any.ageSeconds * 1000;
  if (before !== undefined && countedMs - before.countedMs < SAME_COUNT_MS) return before;
  const known = new Map((before?.followed ?? []).map((site) => [site.key, site]));
  const followed = goroutineSites
    .filter(({ growth }) => growth !== undefined && growth > 0)
    .toSorted((one, other) => (other.growth ?? 0) - (one.growth ?? 0))
    .slice(0, MAX_FOLLOWED)
    .map((site): FollowedSite => {
      const key = siteKey(site);
      const then = known.get(key);
      return then === undefined ? begun(key, site.count, goroutines.value, countedMs) : seenAgain(then, site.count);
    });
  return { countedMs, followed };
}

function begun(key: string, count: number, total: number, countedMs: number): FollowedSite {
  return { key, sinceMs: countedMs, looks: 1, firstCount: count, firstTotal: total, highest: count, fell: 0 };
}

function seenAgain(site: FollowedSite, count: number): FollowedSite {
  return {
    ...site,
    looks: site.looks + 1,
    highest: Math.max(site.highest, count),
    fell: Math.max(site.fell, site.highest - count),
  };
}

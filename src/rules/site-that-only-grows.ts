import type { GoroutineSiteModel } from '../model/go-runtime-types.ts';
import { type GoroutineHistory, growthVerdict } from './goroutine-history.ts';
import { siteText } from './grown-sites.ts';
import { humanSeconds, percent } from './quantity.ts';
import { type FollowedSite, siteKey } from './site-history.ts';
import type { Evidence, ProcessContext } from './types.ts';

/** What counts of goroutines by place say of a leak. */
export type SiteJudgement =
  | {
      readonly kind: 'holds';
      readonly site: string;
      readonly summary: string;
      readonly evidence: readonly Evidence[];
    }
  | { readonly kind: 'clear'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly missing: string };

/**
 * Waits that only somebody else's act ends, in the words of profiles and of the runtime. Not among them: network and timers, which end
 * by a peer, a deadline or the clock, and system calls.
 */
const ENDLESS = /^(?:chan (?:receive|send)|select|mutex|semaphore|semacquire|sync\.|database pool)/;
const MIN_SPAN_SECONDS = 900;
/** Goroutines that may have left / the most there were: a count is taken while they come and go. */
const FELL_RATIO = 0.01;
/** Longest wait / time followed, below which even the oldest goroutine of the place is young. */
const OLD_RATIO = 0.5;

interface Candidate {
  readonly followed: FollowedSite;
  readonly now: GoroutineSiteModel;
  readonly grown: number;
  /** Of what the whole program has grown by meanwhile. */
  readonly share: number;
}

/** Asks whether one place accounts for growth that the growth detector believes, and whether its goroutines never leave. */
export function siteThatOnlyGrows(context: ProcessContext, history: GoroutineHistory): SiteJudgement {
  const { goroutines, goroutineSites } = context.process.runtime;
  const verdict = growthVerdict(history, context.thresholds);
  if (goroutines === undefined || verdict === undefined) return { kind: 'unknown', missing: 'number of goroutines' };
  if (verdict.kind !== 'growing') return { kind: 'clear', reason: 'the number of goroutines does not grow' };
  if (goroutineSites === undefined || history.sites === undefined)
    return { kind: 'unknown', missing: 'where goroutines are (the process’s memory, or a goroutine profile)' };
  const { siteRatio, minCounts } = context.thresholds.goroutineLeak;
  const { countedMs } = history.sites;
  const spanOf = ({ sinceMs }: FollowedSite): number => (countedMs - sinceMs) / 1000;
  const long = history.sites.followed.filter((site) => site.looks >= minCounts && spanOf(site) >= MIN_SPAN_SECONDS);
  if (long.length === 0)
    return { kind: 'unknown', missing: `${minCounts} counts of a place whose goroutines grow, in 15 minutes or more` };
  const candidate = largest(long, goroutineSites, goroutines.value);
  if (candidate === undefined || candidate.share < siteRatio)
    return { kind: 'clear', reason: 'goroutines grow, and no single place accounts for it' };
  const { followed, now, grown, share } = candidate;
  const seconds = spanOf(followed);
  if (followed.fell > Math.max(1, followed.highest * FELL_RATIO))
    return { kind: 'clear', reason: `goroutines grow at ${now.site}, but some of them leave` };
  if (now.cause === undefined || !ENDLESS.test(now.cause))
    return { kind: 'clear', reason: `goroutines grow at ${now.site}, in a wait that can end by itself (${now.cause})` };
  if (now.waitSeconds !== undefined && now.waitSeconds < seconds * OLD_RATIO)
    return {
      kind: 'clear',
      reason: `goroutines grow at ${now.site}, but none has waited for longer than ${humanSeconds(now.waitSeconds)}`,
    };
  const where = siteText(now);
  const source = now.from === 'memory' ? 'goroutines in memory' : 'goroutine profiles';
  return {
    kind: 'holds',
    site: now.site,
    summary: `${percent(share)} of the goroutines added in ${humanSeconds(seconds)} are at ${where}, and in ${followed.looks} counts none of them left`,
    evidence: [
      { signal: `added at ${where}`, value: grown, unit: 'count', source: `${source}, ${followed.looks} counts` },
      { signal: 'share of all goroutines added', value: share, unit: 'ratio', bound: siteRatio, source },
      { signal: 'goroutines there', value: now.count, unit: 'count', source },
      { signal: 'most that left between two counts', value: followed.fell, unit: 'count', source },
      ...(now.waitSeconds === undefined
        ? []
        : [{ signal: 'longest wait there', value: now.waitSeconds, unit: 'seconds', source } as const]),
    ],
  };
}

function largest(
  sites: readonly FollowedSite[],
  seen: readonly GoroutineSiteModel[],
  total: number,
): Candidate | undefined {
  const byKey = new Map(seen.map((site) => [siteKey(site), site]));
  let best: Candidate | undefined;
  for (const followed of sites) {
    const now = byKey.get(followed.key);
    const all = total - followed.firstTotal;
    if (now === undefined || all <= 0) continue;
    const grown = now.count - followed.firstCount;
    // The total is of this moment, the count of places a little older: what came meanwhile makes the share smaller, never larger.
    const share = Math.min(1, grown / all);
    if (best === undefined || grown > best.grown) best = { followed, now, grown, share };
  }
  return best;
}

import type { ContentionProfile, ContentionStack } from './contention-profile.ts';
import type { CodePlace } from './types.ts';

/** What waited at one place of the program between two readings. */
export interface ContentionSite {
  readonly site: CodePlace | undefined;
  /** Function names of the stack with the largest delay, innermost first. */
  readonly stack: readonly string[];
  readonly events: number;
  readonly delaySeconds: number;
  readonly meanDelaySeconds: number;
}

/** Contention between two readings of a block or mutex profile. */
export interface ContentionWindow {
  readonly seconds: number;
  readonly events: number;
  /** Summed over goroutines, so it may exceed the window. */
  readonly delaySeconds: number;
  /**
   * A profile knows events and their total delay per stack, not single delays. This is the mean delay of the stack at which 99 % of the
   * whole delay is reached when stacks are put in order of their mean delay. It is no percentile of delays: inside a stack long and
   * short ones are not told apart. Undefined when nothing waited.
   */
  readonly delayWeightedP99OfMeansSeconds: number | undefined;
  /** Largest delay first. */
  readonly sites: readonly ContentionSite[];
  /** Delay at sites beyond those kept, and at those of which the reading before does not tell. */
  readonly otherDelaySeconds: number;
}

interface Grown {
  readonly stack: ContentionStack;
  readonly events: number;
  readonly delayNs: number;
}

/**
 * What was recorded between two readings, `seconds` apart. Undefined when a count went back or a stack vanished (the program started
 * anew): the later reading is then the new baseline.
 */
export function contentionBetween(
  before: ContentionProfile,
  after: ContentionProfile,
  seconds: number,
  maxSites: number,
): ContentionWindow | undefined {
  const [events, delayNs] = [after.events - before.events, after.delayNs - before.delayNs];
  const known = new Map(before.stacks.map((stack) => [stack.key, stack]));
  const grown: Grown[] = [];
  let goneBack = events < 0 || delayNs < 0;
  for (const stack of after.stacks) {
    const then = known.get(stack.key);
    known.delete(stack.key);
    // A stack that the reading before counted among the others has grown by nobody knows how much.
    if (then === undefined && before.other.events > 0) continue;
    const more = { stack, events: stack.events - (then?.events ?? 0), delayNs: stack.delayNs - (then?.delayNs ?? 0) };
    if (more.events < 0 || more.delayNs < 0) goneBack = true;
    else if (more.events > 0) grown.push(more);
  }
  if (goneBack || (known.size > 0 && after.other.events === 0)) return undefined;
  const sites = sitesOf(grown).slice(0, maxSites);
  const delaySeconds = delayNs / 1e9;
  return {
    seconds,
    events,
    delaySeconds,
    delayWeightedP99OfMeansSeconds: delayWeightedQuantile(grown, 0.99),
    sites,
    otherDelaySeconds: Math.max(0, delaySeconds - sites.reduce((sum, site) => sum + site.delaySeconds, 0)),
  };
}

function sitesOf(grown: readonly Grown[]): ContentionSite[] {
  const bySite = new Map<string, { first: ContentionStack; events: number; delayNs: number }>();
  for (const { stack, events, delayNs } of grown.toSorted((one, other) => other.delayNs - one.delayNs)) {
    const key = stack.site === undefined ? stack.key : `${stack.site.function}\n${stack.site.line}`;
    const site = bySite.get(key);
    if (site === undefined) bySite.set(key, { first: stack, events, delayNs });
    else {
      site.events += events;
      site.delayNs += delayNs;
    }
  }
  return [...bySite.values()]
    .sort((one, other) => other.delayNs - one.delayNs)
    .map(({ first, events, delayNs }) => ({
      site: first.site,
      stack: first.stack,
      events,
      delaySeconds: delayNs / 1e9,
      meanDelaySeconds: delayNs / events / 1e9,
    }));
}

function delayWeightedQuantile(grown: readonly Grown[], quantile: number): number | undefined {
  const byMean = grown
    .map(({ events, delayNs }) => ({ mean: delayNs / events, delayNs }))
    .sort((one, other) => one.mean - other.mean);
  const wanted = byMean.reduce((sum, { delayNs }) => sum + delayNs, 0) * quantile;
  if (!(wanted > 0)) return undefined;
  let reached = 0;
  for (const { mean, delayNs } of byMean) {
    reached += delayNs;
    if (reached >= wanted) return mean / 1e9;
  }
  return undefined;
}

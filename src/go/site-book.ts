import type { Instant } from '../base/clock.ts';
import type { CodePlace } from './types.ts';

/** Goroutines that stand at one place of the program, came from one place and wait for one thing. */
export interface BookedSite {
  readonly count: number;
  /**
   * Goroutines more than at the baseline, fewer when negative. What the baseline did not list is taken to have been as large as it can
   * have been, so growth is never made up. Undefined on the first profile.
   */
  readonly growth: number | undefined;
  readonly site: CodePlace | undefined;
  readonly entry: CodePlace | undefined;
  /** A WaitCause of a profile; from memory the runtime's own words. */
  readonly cause: string;
  /** Longest known wait, a lower bound; undefined in profiles, which have none. */
  readonly waitSeconds: number | undefined;
  /** Function names of its largest group, innermost first. */
  readonly stack: readonly string[];
  /** Labels that all of its goroutines have. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The last profile's sites: the largest and those that grew most, by falling count. */
export interface SiteAccount {
  readonly sites: readonly BookedSite[];
  /** Goroutines of all other sites. */
  readonly otherGoroutines: number;
  /** When the profile was read that growth is counted from; undefined on the first. */
  readonly since: Instant | undefined;
}

/** Goroutines that are alike, as a profile or a walk through memory tells them. */
export interface SiteGroup {
  readonly count: number;
  readonly site: CodePlace | undefined;
  readonly entry: CodePlace | undefined;
  readonly cause: string;
  readonly waitSeconds?: number | undefined;
  readonly stack: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** All goroutines of one moment; those of groups that are not listed are counted in `otherGoroutines`. */
export interface SiteGroups {
  readonly total: number;
  readonly groups: readonly SiteGroup[];
  readonly otherGoroutines: number;
}

export interface SiteBookOptions {
  /** Sites kept for their size. Default 20. */
  readonly bySize?: number;
  /** Further sites kept for their growth, so that steady large ones do not hide a leak. Default 10. */
  readonly byGrowth?: number;
}

interface Baseline {
  readonly at: Instant;
  readonly counts: ReadonlyMap<string, number>;
  /** Goroutines it had at sites that it does not list. */
  readonly unlisted: number;
}

type Grouped = Omit<BookedSite, 'growth'>;

interface Merged {
  readonly site: Grouped;
  /** Goroutines of the group whose stack it shows. */
  readonly largest: number;
}

/** A program takes some minutes to start its pools; what it had before then is no baseline. */
const SETTLED_MS = 600_000;
const MAX_AGE_MS = 6 * 3_600_000;
const MAX_LISTED = 512;
const MAX_NAME = 200;

/**
 * Follows the goroutine sites of one process over successive profiles. Growth is counted from a baseline: the first profile, replaced
 * by the first that is ten minutes younger, and from then on one that is between three and six hours old. Holds two lists of at most
 * 512 counts, whatever the profiles hold.
 */
export class SiteBook {
  readonly #bySize: number;
  readonly #byGrowth: number;
  #first: Instant | undefined;
  #baseline: Baseline | undefined;
  #next: Baseline | undefined;

  constructor({ bySize = 20, byGrowth = 10 }: SiteBookOptions = {}) {
    this.#bySize = bySize;
    this.#byGrowth = byGrowth;
  }

  /** Takes a profile in and tells the sites to keep. */
  take(profile: SiteGroups, at: Instant): SiteAccount {
    const merged = merge(profile.groups);
    const baseline = this.#baseline;
    const sites = [...merged].map(([key, { site }]): BookedSite => {
      if (baseline === undefined) return { ...site, growth: undefined };
      const before = baseline.counts.get(key);
      // Of a site that was not listed nothing is known but that it was no larger than all those together.
      const growth = before === undefined ? Math.max(0, site.count - baseline.unlisted) : site.count - before;
      return { ...site, growth };
    });
    sites.sort((one, other) => other.count - one.count);
    const kept = sites.slice(0, this.#bySize);
    const grown = sites
      .slice(this.#bySize)
      .filter(({ growth = 0 }) => growth > 0)
      .toSorted((one, other) => (other.growth ?? 0) - (one.growth ?? 0));
    kept.push(...grown.slice(0, this.#byGrowth).toSorted((one, other) => other.count - one.count));
    this.#rebase(merged, profile.otherGoroutines, at);
    return {
      sites: kept,
      otherGoroutines: profile.total - kept.reduce((sum, { count }) => sum + count, 0),
      since: baseline?.at,
    };
  }

  #rebase(merged: ReadonlyMap<string, Merged>, otherGoroutines: number, at: Instant): void {
    const first = (this.#first ??= at);
    const age = (than: Instant): number => at.monotonicMs - than.monotonicMs;
    const settled = this.#baseline !== undefined && age(first) >= SETTLED_MS && this.#baseline.at === first;
    if (this.#baseline === undefined || settled) this.#baseline = baselineOf(merged, otherGoroutines, at);
    else if (this.#next === undefined && age(this.#baseline.at) >= MAX_AGE_MS / 2)
      this.#next = baselineOf(merged, otherGoroutines, at);
    else if (age(this.#baseline.at) >= MAX_AGE_MS) {
      this.#baseline = this.#next;
      this.#next = baselineOf(merged, otherGoroutines, at);
    }
  }
}

function merge(groups: readonly SiteGroup[]): Map<string, Merged> {
  const merged = new Map<string, Merged>();
  for (const { count, site, entry, cause, waitSeconds, stack, labels } of groups) {
    const key = keyOf(site, entry, cause, stack);
    const known = merged.get(key);
    if (known === undefined)
      merged.set(key, { site: { count, site, entry, cause, waitSeconds, stack, labels }, largest: count });
    else
      merged.set(key, {
        site: {
          ...known.site,
          count: known.site.count + count,
          waitSeconds: longer(known.site.waitSeconds, waitSeconds),
          stack: count > known.largest ? stack : known.site.stack,
          labels: shared(known.site.labels, labels),
        },
        largest: Math.max(known.largest, count),
      });
  }
  return merged;
}

function baselineOf(merged: ReadonlyMap<string, Merged>, otherGoroutines: number, at: Instant): Baseline {
  const sites = [...merged].map(([key, { site }]) => [key, site.count] as const);
  sites.sort(([, one], [, other]) => other - one);
  const unlisted = sites.slice(MAX_LISTED).reduce((sum, [, count]) => sum + count, otherGoroutines);
  return { at, counts: new Map(sites.slice(0, MAX_LISTED)), unlisted };
}

function keyOf(
  site: CodePlace | undefined,
  entry: CodePlace | undefined,
  cause: string,
  stack: readonly string[],
): string {
  const where = site === undefined ? stack.slice(0, 4) : [site.function, String(site.line)];
  return [cause, entry?.function ?? '', ...where].map((part) => part.slice(0, MAX_NAME)).join('\n');
}

function shared(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(one).filter(([key, value]) => Object.hasOwn(other, key) && other[key] === value),
  );
}

function longer(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

import type { GoroutineSiteModel } from '../model/go-runtime-types.ts';
import { humanSeconds } from './quantity.ts';
import type { Evidence } from './types.ts';

/** Sites named in the evidence. */
const MAX_SITES = 3;

/** The sites that grew most, where two counts of them are known. */
export function grownSites(sites: readonly GoroutineSiteModel[] | undefined): readonly GoroutineSiteModel[] {
  return (sites ?? [])
    .filter(({ growth }) => growth !== undefined && growth > 0)
    .toSorted((one, other) => (other.growth ?? 0) - (one.growth ?? 0))
    .slice(0, MAX_SITES);
}

/** `main.work (/a.go:3), started at main.main (/a.go:9), chan send for 30 min or longer`. */
export function siteText({ site, createdBy, cause, waitSeconds }: GoroutineSiteModel): string {
  const wait = waitSeconds === undefined ? '' : ` for ${humanSeconds(waitSeconds)} or longer`;
  const waiting = cause === undefined ? '' : `, ${cause}${wait}`;
  return `${site}${createdBy === undefined ? '' : `, started at ${createdBy}`}${waiting}`;
}

/** How much a site grew, as evidence. */
export function siteEvidence(site: GoroutineSiteModel): Evidence {
  const since = site.growthSeconds === undefined ? '' : ` in ${humanSeconds(site.growthSeconds)}`;
  return {
    signal: `more at ${siteText(site)}`,
    value: site.growth ?? 0,
    unit: 'count',
    source: `${site.from === 'memory' ? 'goroutines in memory' : 'goroutine profile'}${since}`,
  };
}

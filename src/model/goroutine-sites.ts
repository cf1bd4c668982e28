import type { Instant } from '../base/clock.ts';
import type { BookedSite, SiteAccount } from '../go/site-book.ts';
import type { GoSample, Timed } from '../sample/types.ts';
import { placeText } from './code-place.ts';
import type { GoroutineSiteModel } from './go-runtime-types.ts';
import { ageSeconds } from './runtime-sources.ts';

type Growth = Pick<GoroutineSiteModel, 'growth' | 'growthSeconds'>;

function growthOf({ growth }: BookedSite, { at, value }: Timed<SiteAccount>): Growth {
  const growthSeconds = value.since === undefined ? undefined : (at.monotonicMs - value.since.monotonicMs) / 1000;
  return { growth, growthSeconds };
}

/**
 * Where goroutines are. The endpoint's profile tells whole stacks; the process's memory tells where each was started, what it waits
 * for and since when. The profile comes first where there is one. Undefined: neither was read.
 */
export function goroutineSites({ endpoint, memory }: GoSample, at: Instant): readonly GoroutineSiteModel[] | undefined {
  const profile = endpoint?.sites;
  if (profile !== undefined) {
    return profile.value.sites.map((booked) => ({
      count: booked.count,
      site: placeText(booked.site) ?? booked.stack[0] ?? 'unknown',
      createdBy: undefined,
      cause: booked.cause,
      waitSeconds: undefined,
      ...growthOf(booked, profile),
      from: 'endpoint',
      ageSeconds: ageSeconds(profile.at, at),
    }));
  }
  const census = memory.sites;
  return census?.value.sites.map((booked) => ({
    count: booked.count,
    site: placeText(booked.site) ?? 'unknown',
    createdBy: placeText(booked.entry),
    cause: booked.cause,
    waitSeconds: booked.waitSeconds,
    ...growthOf(booked, census),
    from: 'memory',
    ageSeconds: ageSeconds(census.at, at),
  }));
}

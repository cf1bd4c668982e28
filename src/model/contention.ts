import type { Instant } from '../base/clock.ts';
import type { ContentionWindow } from '../go/contention-window.ts';
import type { Timed } from '../sample/types.ts';
import { placeText } from './code-place.ts';
import type { ContentionModel } from './go-runtime-types.ts';
import { ageSeconds } from './runtime-sources.ts';

const MAX_SITES = 10;

/** What a block or mutex profile recorded between its last two readings. */
export function contention(window: Timed<ContentionWindow> | undefined, at: Instant): ContentionModel | undefined {
  if (window === undefined) return undefined;
  const { seconds, events, delaySeconds, delayWeightedP99OfMeansSeconds, sites } = window.value;
  return {
    windowSeconds: seconds,
    events,
    delaySeconds,
    delayWeightedP99OfMeansSeconds,
    sites: sites.slice(0, MAX_SITES).map((site) => ({
      site: placeText(site.site) ?? site.stack[0] ?? 'unknown',
      events: site.events,
      delaySeconds: site.delaySeconds,
      meanDelaySeconds: site.meanDelaySeconds,
    })),
    ageSeconds: ageSeconds(window.at, at),
  };
}

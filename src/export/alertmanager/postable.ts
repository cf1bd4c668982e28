import type { Labels } from './labels.ts';

/** One alert as POST /api/v2/alerts takes it (prometheus/alertmanager, api/v2/openapi.yaml, postableAlert). */
export interface PostableAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** RFC 3339. */
  readonly startsAt: string;
  /** In the past: resolved. In the future: resolved by then, unless it is sent again. */
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** How many times the interval of sending an alert is good for: two sends may fail (prometheus/prometheus, rules/alerting.go, sendAlerts). */
const VALID_INTERVALS = 4;

/** Times of an alert that fires, sent at `now`. Unix milliseconds. */
export function firingTimes(
  sinceUnixMs: number,
  nowUnixMs: number,
  resendMs: number,
): Pick<PostableAlert, 'startsAt' | 'endsAt'> {
  return times(sinceUnixMs, nowUnixMs + VALID_INTERVALS * resendMs);
}

/** Times of an alert that ended. Unix milliseconds. */
export function resolvedTimes(sinceUnixMs: number, endedUnixMs: number): Pick<PostableAlert, 'startsAt' | 'endsAt'> {
  return times(sinceUnixMs, endedUnixMs);
}

/** Alertmanager refuses an alert that ends before it starts, which a clock set back would make. */
function times(startUnixMs: number, endUnixMs: number): Pick<PostableAlert, 'startsAt' | 'endsAt'> {
  return {
    startsAt: new Date(Math.min(startUnixMs, endUnixMs)).toISOString(),
    endsAt: new Date(endUnixMs).toISOString(),
  };
}

import type { GrowthOptions } from './options.ts';
import type { GrowthEvidence, GrowthSample } from './types.ts';

/** `45 s`, `12 min`, `5.5 h`, `3 days`. */
export function humanSpan(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${oneDecimal(seconds / 3600)} h` : `${oneDecimal(seconds / 86_400)} days`;
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}

function humanCount(value: number): number {
  return value < 10 ? oneDecimal(value) : Math.round(value);
}

interface Growth {
  readonly perHour: number;
  readonly sinceSeconds: number;
  readonly evidence: GrowthEvidence;
  readonly goroutinesAdded: number;
  readonly bytesPerGoroutine?: number;
  readonly secondsToLimit?: number;
}

/** One sentence or three: how fast and since when, at what cost, and when it ends. */
export function growingReason(growth: Growth, last: GrowthSample): string {
  const { evidence, bytesPerGoroutine: bytes, secondsToLimit: left } = growth;
  const how =
    evidence.test === 'daily'
      ? `${Math.round(evidence.agreement * 100)} % of the hours are above the same hours of the day before`
      : `the lowest counts rise all through the last ${humanSpan(evidence.windowSeconds)}, from ${evidence.fromGoroutines} to ${evidence.toGoroutines}`;
  const cost = bytes === undefined ? '' : ` Each costs about ${oneDecimal(bytes / 1024)} KiB.`;
  const end = left === undefined ? '' : ` At this rate the memory limit is reached in ${humanSpan(left)}.`;
  return `${last.goroutines} goroutines, and ${humanCount(growth.perHour)} more each hour: ${how}.${cost}${end}`;
}

/** Why growth that was seen for so long is not believed yet. */
export function youngReason(seenSeconds: number, neededSeconds: number): string {
  return `rising for ${humanSpan(seenSeconds)}; by the time left to the limit, ${humanSpan(neededSeconds)} of it would tell`;
}

/** Why growth that is short, or in the warm-up, is not believed: it took too little for that. */
export function notUrgentReason(seenSeconds: number, inWarmUp: boolean, options: GrowthOptions): string {
  const when = inWarmUp
    ? `in the first ${humanSpan(options.warmUpSeconds)} of a process`
    : `before ${humanSpan(options.minWindowSeconds)} of it`;
  const share = Math.round(options.minUrgentLimitRatio * 1000) / 10;
  return `rising for ${humanSpan(seenSeconds)}; ${when} only growth that surely took ${share} % of a memory limit would tell`;
}

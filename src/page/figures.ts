import type { Known } from '../base/known.ts';
import type { LimitFigure } from '../export/workload-rows.ts';
import { humanBytes, humanSeconds, percent, round } from '../rules/quantity.ts';

/** What is said of a value nobody told. */
export const NOT_KNOWN = 'not known';
const NO_LIMIT = 'none';

/** `12,345`. */
export function countText(value: number | undefined): string {
  return value === undefined ? NOT_KNOWN : Math.round(value).toLocaleString('en-US');
}

export function bytesText(value: number | 'off' | 'max' | undefined): string {
  if (value === undefined) return NOT_KNOWN;
  if (value === 'off') return 'off';
  return value === 'max' ? NO_LIMIT : humanBytes(value);
}

/** `1.25`, without the unit where a heading says it. */
export function coresText(value: number | undefined): string {
  return value === undefined ? NOT_KNOWN : `${round(value, 2)} ${round(value, 2) === 1 ? 'core' : 'cores'}`;
}

export function percentText(ratio: number | undefined): string {
  return ratio === undefined ? NOT_KNOWN : percent(ratio);
}

/** `1.5 ms` below a second, then seconds, minutes, hours. */
export function timeText(seconds: number | undefined): string {
  if (seconds === undefined) return NOT_KNOWN;
  if (seconds >= 172_800) return `${round(seconds / 86_400, 1)} days`;
  return seconds < 1 ? `${round(seconds * 1000, 3)} ms` : humanSeconds(seconds);
}

/** A limit with the level that sets it, where that is not the container; `or less` where not all levels were read. */
export function limitText(figure: LimitFigure | undefined, show: (limit: number) => string): string {
  if (figure === undefined) return NOT_KNOWN;
  const { limit, level, complete } = figure;
  const doubt = complete ? '' : ' or less';
  if (limit === 'max') return complete ? NO_LIMIT : `${NO_LIMIT} seen`;
  return `${show(limit)}${doubt}${level === 'container' ? '' : ` (${level})`}`;
}

/** A sourced value; one that was worked out and not told is marked with `~`. */
export function knownText<T>(known: Known<T> | undefined, show: (value: T) => string): string {
  if (known === undefined) return NOT_KNOWN;
  return `${known.from === 'inferred' ? '~' : ''}${show(known.value)}`;
}

/** `endpoint: go_goroutines, 12 s old`. */
export function sourceText({ from, detail, ageSeconds }: Known<unknown>): string {
  const age = ageSeconds === undefined || ageSeconds < 1 ? '' : `, ${humanSeconds(ageSeconds)} old`;
  return `${from}${detail === undefined ? '' : `: ${detail}`}${age}`;
}

/** `2026-03-01 09:05:00 UTC`. */
export function utcText(unixMs: number): string {
  return Number.isFinite(unixMs) && Math.abs(unixMs) < 8.64e15
    ? `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    : NOT_KNOWN;
}

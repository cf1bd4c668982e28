import type { Known } from '../base/known.ts';
import type { EffectiveLimit } from '../model/limit-types.ts';
import type { Evidence, Verdict } from './types.ts';

/** The rule does not apply or its condition is false, and every input needed to say so was there. */
export function clear(reason: string, evidence: readonly Evidence[] = []): Verdict {
  return { outcome: 'clear', reason, evidence };
}

/** Nothing was seen to happen since the subject was first seen: a word on what is remembered, and none where nothing is. */
export function clearSoFar(reason: string, evidence: readonly Evidence[] = []): Verdict {
  return { outcome: 'clear', reason, evidence, soFar: true };
}

/** An input is missing. */
export function unknown(...missing: string[]): Verdict {
  return { outcome: 'unknown', missing };
}

/** `endpoint: go_gc_gogc_percent`. */
export function sourceOf(known: Known<unknown>): string {
  return known.detail === undefined ? known.from : `${known.from}: ${known.detail}`;
}

/** Evidence from a sourced value. */
export function fromKnown(
  signal: string,
  known: Known<number | string>,
  unit: Evidence['unit'],
  bound?: number,
): Evidence {
  return { signal, value: known.value, unit, source: sourceOf(known), ...(bound === undefined ? {} : { bound }) };
}

/** Evidence from an effective limit, naming the level and file. */
export function fromLimit(signal: string, limit: EffectiveLimit, unit: Evidence['unit'], file: string): Evidence {
  return { signal, value: limit.limit, unit, source: `${file} of the ${limit.level} ${limit.cgroupPath}` };
}

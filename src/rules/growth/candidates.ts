import { cameBackFromSuch } from './earlier-climbs.ts';
import { isUrgent, tooSmall } from './effect.ts';
import { bytesPerGoroutine, neededSeconds, sureBytes } from './memory-cost.ts';
import type { GrowthOptions } from './options.ts';
import { humanSpan, notUrgentReason, youngReason } from './reason.ts';
import { wasAsHighBefore } from './recovery.ts';
import { surelyRises } from './sure-memory.ts';
import { notThrough } from './through.ts';
import { kendallTau, medianDistance, medianSlope, quarters } from './trend.ts';
import type { GrowthEvidence, GrowthState } from './types.ts';
import { type GrowthWindow, riseOf, seenSeconds, troughsOf } from './windows.ts';

/** Growth that is believed. */
export interface Candidate {
  readonly perSecond: number;
  readonly sinceSeconds: number;
  /** Memory for one more goroutine; undefined when not known. */
  readonly bytes: number | undefined;
  readonly evidence: GrowthEvidence;
}

/** Why there is no candidate; the refusal of the greatest weight was nearest to one. Only one reason of many is ever read. */
export interface Refused {
  readonly holds: false;
  readonly weight: number;
  readonly reason: () => string;
}

export type Judged = { readonly holds: true; readonly candidate: Candidate } | Refused;

/** A refusal. */
export function refused(weight: number, reason: () => string): Refused {
  return { holds: false, weight, reason };
}

interface Need {
  readonly bytes: number | undefined;
  /** The part of it that counts. */
  readonly sure: number | undefined;
  readonly seconds: number;
}

const TOO_FEW = refused(0, () => 'too few samples for a judgement');
const FLAT = refused(1, () => 'the lowest counts do not rise');
// How far the slope by the ends of a window may be off the exact one.
const ROUGHLY = 0.8;
// From the middle of the first part to that of the last.
const BETWEEN_ENDS = 11 / 12;

/** Judges one stretch of time. The cheap questions come first: most stretches of most processes end there. */
export function judgeWindow(state: GrowthState, window: GrowthWindow, options: GrowthOptions): Judged {
  const level = state.levels[window.level];
  if (level === undefined) return TOO_FEW;
  const { last } = state;
  const ends = riseOf(level.troughs, window);
  if (ends !== undefined && ends.to - ends.from < leastRise(ends.from, options) / 2) return FLAT;
  const memoryEnds = riseOf(level.memoryKib, window);
  const needed = (
    goroutines: number,
    perSecond: number,
    memoryKib: number | undefined,
    memoryKibPerSecond: number | undefined,
    seen: number,
  ): Need => {
    const memory = memoryKibPerSecond === undefined ? undefined : memoryKibPerSecond * 1024;
    const bytes = bytesPerGoroutine(last, perSecond, memory);
    const sure = sureBytes(last, bytes, seen);
    // The lowest of the last while: one look is a matter of chance.
    const currentBytes = memoryKib === undefined ? last.memoryCurrentBytes : memoryKib * 1024;
    const seconds = neededSeconds(
      { goroutines, currentBytes, limitBytes: last.memoryLimitBytes },
      perSecond,
      sure,
      window.inWarmUp,
      options,
    );
    return { bytes, sure, seconds };
  };
  const young = (seconds: number): Judged =>
    refused(5, () => {
      const seen = troughsOf(level, window, 'troughs');
      return seen === undefined ? TOO_FEW.reason() : youngReason(seenSeconds(window, seen), seconds);
    });
  if (ends !== undefined) {
    const between = window.seconds * BETWEEN_ENDS;
    const memoryPerSecond = memoryEnds === undefined ? undefined : (memoryEnds.to - memoryEnds.from) / between;
    const { seconds } = needed(
      ends.to,
      (ends.to - ends.from) / between,
      memoryEnds?.to,
      memoryPerSecond,
      window.seconds,
    );
    if (window.seconds < seconds * ROUGHLY) return young(seconds);
  }
  const points = troughsOf(level, window, 'troughs');
  const gained = points === undefined ? undefined : quarters(points.values);
  if (points === undefined || gained === undefined) return TOO_FEW;
  const seen = seenSeconds(window, points);
  // Too short or too early to be believed, but for the time that is left.
  const urgent = window.inWarmUp || seen < options.minWindowSeconds;
  const bent = notThrough(gained, urgent, options);
  if (bent !== undefined) return refused(3, () => `${bent} in the last ${humanSpan(window.seconds)}`);
  const tau = kendallTau(points.values);
  if (tau < options.minAgreement)
    return refused(2, () => `the lowest counts of the last ${humanSpan(window.seconds)} do not rise all through`);
  const perSecond = medianSlope(points) ?? 0;
  const from = points.values[0] ?? 0;
  const to = points.values[points.values.length - 1] ?? 0;
  // In a short stretch noise makes a slope that was never climbed.
  const added = urgent ? Math.min(to - from, perSecond * window.seconds) : perSecond * window.seconds;
  if (last.goroutines < (from + to) / 2)
    return refused(3, () => `the growth of the last ${humanSpan(window.seconds)} was just given back`);
  const few = tooSmall(added, from, undefined, last, options);
  if (few !== undefined) return refused(4, () => `${few} (in ${humanSpan(window.seconds)})`);
  const memory = troughsOf(level, window, 'memoryKib');
  const need = needed(to, perSecond, memory?.values.at(-1), surelyRises(memory, window.seconds, urgent), seen);
  const { sure } = need;
  if ((medianDistance(points, perSecond) ?? 0) > added * options.maxDistanceRatio)
    return refused(3, () => `the growth of the last ${humanSpan(window.seconds)} is uneven`);
  const small = tooSmall(added, from, sure, last, options);
  if (small !== undefined) return refused(4, () => `${small} (in ${humanSpan(window.seconds)})`);
  if (seen < need.seconds) return young(need.seconds);
  if (urgent && !isUrgent(added, sure, last, options))
    return refused(5, () => notUrgentReason(seen, window.inWarmUp, options));
  if (wasAsHighBefore(state, window, from, to))
    return refused(6, () => `rising for ${humanSpan(seen)}, but no higher than within the hour before`);
  if (cameBackFromSuch(state, window, added, options.unlikeEarlierFactor))
    return refused(6, () => `rising for ${humanSpan(seen)}, but the process came back from such a climb before`);
  const evidence: GrowthEvidence = {
    test: 'window',
    windowSeconds: window.seconds,
    neededSeconds: need.seconds,
    agreement: tau,
    fromGoroutines: from,
    toGoroutines: to,
  };
  // A quiet stretch at the begin of the window is not part of the growth.
  const sinceSeconds = window.fromSeconds + Math.max(0, window.seconds - (to - from) / perSecond);
  return { holds: true, candidate: { perSecond, sinceSeconds, bytes: need.bytes, evidence } };
}

/** What a rise must be to matter, in goroutines. */
export function leastRise(from: number, options: GrowthOptions): number {
  return Math.max(options.minAddedGoroutines, options.minAddedRatio * from);
}

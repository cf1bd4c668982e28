import type { ContentionModel } from '../model/go-runtime-types.ts';
import { humanSeconds, round } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

interface Waits {
  readonly what: 'blocking' | 'mutex contention';
  readonly profile: 'block' | 'mutex';
  readonly window: ContentionModel;
}

const MAX_SITES = 3;

function delayOf({ window }: Waits): number {
  return window.delayWeightedP99OfMeansSeconds ?? 0;
}

function evidenceOf({ what, profile, window }: Waits, bound: number): Evidence[] {
  const source = `${profile} profile over ${round(window.windowSeconds, 0)} s, ${round(window.ageSeconds, 0)} s ago`;
  const sites = window.sites.slice(0, MAX_SITES).map(
    ({ site, delaySeconds, events }): Evidence => ({
      signal: `time waited at ${site}`,
      value: delaySeconds,
      unit: 'seconds',
      source: `${profile} profile: ${events} waits`,
    }),
  );
  const { delayWeightedP99OfMeansSeconds: delay, events } = window;
  return [
    ...(delay === undefined
      ? []
      : [{ signal: `${what}, mean wait of the worst`, value: delay, unit: 'seconds' as const, bound, source }]),
    { signal: `${what}, waits recorded`, value: events, unit: 'count', source },
    ...sites,
  ];
}

function detect({ process, thresholds }: ProcessContext): Verdict {
  const { blocking, mutexContention } = process.runtime;
  const bounds = thresholds.blocking;
  const known: Waits[] = [];
  if (mutexContention !== undefined)
    known.push({ what: 'mutex contention', profile: 'mutex', window: mutexContention });
  if (blocking !== undefined) known.push({ what: 'blocking', profile: 'block', window: blocking });
  const long = known
    .filter((waits) => waits.window.events >= bounds.minEvents && delayOf(waits) >= bounds.delaySeconds)
    .toSorted((a, b) => delayOf(b) - delayOf(a));
  const worst = long[0];
  if (worst === undefined) {
    const missing = [
      ...(blocking === undefined ? ['block profile (runtime.SetBlockProfileRate)'] : []),
      ...(mutexContention === undefined ? ['mutex profile (runtime.SetMutexProfileFraction)'] : []),
    ];
    if (missing.length > 0) return unknown(...missing);
    return clear(
      'waits are short or few',
      known.flatMap((waits) => evidenceOf(waits, bounds.delaySeconds)),
    );
  }
  const top = worst.window.sites[0];
  const share =
    top === undefined || worst.window.delaySeconds <= 0 ? undefined : top.delaySeconds / worst.window.delaySeconds;
  const where =
    top === undefined || share === undefined
      ? ''
      : `; ${round(Math.min(1, share) * 100, 0)} % of all waiting is at ${top.site}`;
  const mutex = worst.profile === 'mutex';
  return {
    outcome: 'holds',
    severity: mutex ? 'warning' : 'info',
    summary: `goroutines wait ${round(delayOf(worst), 3)} s on average at the places that make up the worst of ${mutex ? 'lock contention' : 'blocking'} (${worst.window.events} waits, ${humanSeconds(worst.window.delaySeconds)} in all)${where}`,
    evidence: long.flatMap((waits) => evidenceOf(waits, bounds.delaySeconds)),
    remedy: {
      text: mutex
        ? `Hold the lock${top === undefined ? '' : ` at ${top.site}`} for less: no I/O under it, or split it. A mutex profile names who held it, not who waited.`
        : `See whether the wait${top === undefined ? '' : ` at ${top.site}`} is meant (a worker without work) or work that waits: give queues a bound and calls a timeout, and look at the other end of the channel or lock.`,
    },
  };
}

/**
 * The delta of block and mutex profiles between two readings. They know events and total delay of each stack, not single waits, so the figure is
 * the mean wait of the stack at which 99 % of the delay is reached (runtime/mprof.go, Go 1.26). Idle workers block as well: a note only.
 */
export const goroutineBlocked: Rule = {
  id: 'GoroutineBlocked',
  title: 'Goroutines wait long for locks or for one another',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'A program that switches on block or mutex profiles records where its goroutines wait for locks, channels and condition variables, and for how long. Two readings are compared. Time spent waiting for a contended lock is lost to requests; waiting on a channel may be idleness, so it is only a note.',
    firesWhen:
      'In the last window at least `blocking.minEvents` waits were recorded, and the stacks that make up the worst hundredth of the delay waited `blocking.delaySeconds` or more on average, for 60 s.',
    severity: 'warning for mutex contention; info for blocking.',
    change: 'The place with most waiting is named: hold the lock for less, bound the queue, give the call a timeout.',
    silentWhen: 'Both profiles were read and tell of short or few waits.',
    unknownWhen:
      'The program does not record one of the profiles and the other does not show long waits, or it was read only once.',
    sources: ['runtime/mprof.go blockevent, mutexevent, Go 1.26', 'net/http/pprof'],
  },
  detect,
};

import type { GoroutineSiteModel } from '../model/go-runtime-types.ts';
import { goroutineGrowthAbout } from './goroutine-growth-about.ts';
import { GOROUTINES_OVER_TIME, type GoroutineHistory, growthVerdict, observeGoroutines } from './goroutine-history.ts';
import { grownSites, siteEvidence, siteText } from './grown-sites.ts';
import type { GrowthVerdict } from './growth/types.ts';
import { humanSeconds, percent, round } from './quantity.ts';
import { endedText, siblingCause } from './sibling-cause.ts';
import { type Evidence, type ProcessContext, type Remedy, type Rule, remembering, type Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

type Growing = Extract<GrowthVerdict, { kind: 'growing' }>;

/** A site that accounts for so much of the growth is where it happens. */
const MOST = 0.7;
/** Goroutines that waited for so long at their site do not come and go with requests. */
const STUCK_SECONDS = 300;

function evidenceOf(growing: Growing, sites: readonly GoroutineSiteModel[], source: string): Evidence[] {
  const { evidence, perHour, bytesPerGoroutine, secondsToLimit } = growing;
  const troughs = `lowest counts over ${humanSeconds(evidence.windowSeconds)}, ${source}`;
  return [
    { signal: 'goroutines at the beginning', value: evidence.fromGoroutines, unit: 'count', source: troughs },
    { signal: 'goroutines now', value: evidence.toGoroutines, unit: 'count', source: troughs },
    {
      signal: 'goroutines added an hour',
      value: round(perHour, 1),
      unit: 'count',
      source: 'slope of the lowest counts',
    },
    {
      signal: evidence.test === 'daily' ? 'hours above the same hour of the day before' : 'agreement on the direction',
      value: evidence.agreement,
      unit: 'ratio',
      source: evidence.test === 'daily' ? 'hour by hour' : 'Kendall’s tau of the lowest counts',
    },
    ...(bytesPerGoroutine === undefined
      ? []
      : [
          {
            signal: 'memory for one more',
            value: bytesPerGoroutine,
            unit: 'bytes',
            source: 'memory and stacks',
          } as const,
        ]),
    ...(secondsToLimit === undefined
      ? []
      : [
          {
            signal: 'time to the memory limit',
            value: secondsToLimit,
            unit: 'seconds',
            source: 'at this rate',
          } as const,
        ]),
    ...sites.map(siteEvidence),
  ];
}

function remedyOf(sites: readonly GoroutineSiteModel[]): Remedy {
  const [first] = sites;
  if (first === undefined)
    return {
      text: 'Compare two goroutine profiles some minutes apart (`cgopher go PID --goroutines`): the site whose count grew is where goroutines are started and never end.',
    };
  const grown = sites.reduce((sum, { growth = 0 }) => sum + growth, 0);
  const share = (first.growth ?? 0) / grown;
  const stuck = (first.waitSeconds ?? 0) >= STUCK_SECONDS;
  const where = siteText(first);
  if (share < MOST)
    return {
      text: `No single place grows alone; the first is ${where}. Look whether they grow with requests, or with something that is never closed.`,
    };
  const ends = stuck
    ? 'they wait longer than any request lasts: give the wait an end (a context, a timeout, a closed channel)'
    : 'see what ends them, and whether it can fail to happen';
  return { text: `${percent(share)} of what grew is at ${where}: ${ends}.` };
}

function detect({ process, thresholds, at }: ProcessContext, history: GoroutineHistory): Verdict {
  const count = process.runtime.goroutines;
  if (count === undefined) return unknown('number of goroutines');
  const verdict = growthVerdict(history, thresholds);
  if (verdict === undefined) return unknown('goroutines over time');
  const source = count.detail === undefined ? count.from : `${count.from}: ${count.detail}`;
  const now: Evidence = { signal: 'goroutines', value: count.value, unit: 'count', source };
  if (verdict.kind !== 'growing')
    return verdict.kind === 'steady'
      ? clear(verdict.reason, [now])
      : unknown(`goroutines over a longer time: ${verdict.reason}`);
  const sites = grownSites(process.runtime.goroutineSites);
  const sibling = siblingCause(history, at.monotonicMs);
  const evidence = evidenceOf(verdict, sites, source);
  const remedy = remedyOf(sites);
  if (sibling === undefined || sibling === 'unknown')
    return { outcome: 'holds', severity: verdict.severity, summary: verdict.reason, evidence, remedy };
  return {
    outcome: 'holds',
    severity: verdict.severity,
    summary: `${verdict.reason.replace(/\.$/, '')}; it began when ${endedText(sibling)}`,
    evidence: [...evidence, ...sibling.evidence],
    remedy: { text: `See StalledAfterSiblingExit first: ${endedText(sibling)}. ${remedy.text}` },
  };
}

/** Growth of the count by its troughs, believed by how long it lasts against the time left (docs/goroutine-growth.md). */
export const goroutineGrowth: Rule = {
  id: 'GoroutineGrowth',
  title: 'Goroutines grow and do not end',
  subject: 'process',
  about: goroutineGrowthAbout,
  ...remembering(observeGoroutines, detect, GOROUTINES_OVER_TIME),
};

import type { GoroutineSiteModel } from '../model/types.ts';
import { goroutineGrowthAbout } from './goroutine-growth-about.ts';
import { judgeGrowth } from './growth/judge.ts';
import { observeGrowth } from './growth/observe.ts';
import { DEFAULT_GROWTH_OPTIONS } from './growth/options.ts';
import type { GrowthSample, GrowthState, GrowthVerdict } from './growth/types.ts';
import { isShared } from './memory-inputs.ts';
import { humanBytes, humanSeconds, percent, round } from './quantity.ts';
import { type Evidence, type ProcessContext, type Remedy, type Rule, remembering, type Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

type Growing = Extract<GrowthVerdict, { kind: 'growing' }>;

/** Sites named in the evidence. */
const MAX_SITES = 3;
/** A site that accounts for so much of the growth is where it happens. */
const MOST = 0.7;
/** Goroutines that waited for so long at their site do not come and go with requests. */
const STUCK_SECONDS = 300;

function sampleOf({ process, container, at }: ProcessContext): GrowthSample | undefined {
  const goroutines = process.runtime.goroutines?.value;
  if (goroutines === undefined) return undefined;
  const memory = process.effective.memoryMaxBytes;
  const limit = memory === undefined || isShared(memory.level) ? undefined : memory.limit;
  // What one container holds is no measure for a limit that the whole pod shares.
  const shared = typeof limit === 'number' && memory?.level === 'pod' && container?.memory.maxBytes !== limit;
  const current = shared ? undefined : container?.memory.workingSetBytes;
  const stacks = process.runtime.stackInuseBytes?.value;
  return {
    atSeconds: at.monotonicMs / 1000,
    goroutines,
    ...(current === undefined ? {} : { memoryCurrentBytes: current }),
    ...(typeof limit === 'number' ? { memoryLimitBytes: limit } : {}),
    ...(stacks === undefined ? {} : { stackInuseBytes: stacks }),
    ...(process.uptimeSeconds === undefined ? {} : { uptimeSeconds: process.uptimeSeconds }),
  };
}

function observe(before: GrowthState | undefined, context: ProcessContext): GrowthState | undefined {
  const sample = sampleOf(context);
  return sample === undefined ? before : observeGrowth(before, sample);
}

/** The sites that grew most, where two counts of them are known. */
function grownSites(sites: readonly GoroutineSiteModel[] | undefined): readonly GoroutineSiteModel[] {
  return (sites ?? [])
    .filter(({ growth }) => growth !== undefined && growth > 0)
    .toSorted((one, other) => (other.growth ?? 0) - (one.growth ?? 0))
    .slice(0, MAX_SITES);
}

function siteText({ site, createdBy, cause, waitSeconds }: GoroutineSiteModel): string {
  const wait = waitSeconds === undefined ? '' : ` for ${humanSeconds(waitSeconds)} or longer`;
  const waiting = cause === undefined ? '' : `, ${cause}${wait}`;
  return `${site}${createdBy === undefined ? '' : `, started at ${createdBy}`}${waiting}`;
}

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
    ...sites.map((site): Evidence => {
      const since = site.growthSeconds === undefined ? '' : ` in ${humanSeconds(site.growthSeconds)}`;
      return {
        signal: `more at ${siteText(site)}`,
        value: site.growth ?? 0,
        unit: 'count',
        source: `${site.from === 'memory' ? 'goroutines in memory' : 'goroutine profile'}${since}`,
      };
    }),
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

function detect({ process, thresholds }: ProcessContext, state: GrowthState | undefined): Verdict {
  const count = process.runtime.goroutines;
  if (count === undefined) return unknown('number of goroutines');
  if (state === undefined) return unknown('goroutines over time');
  const verdict = judgeGrowth(state, { ...DEFAULT_GROWTH_OPTIONS, ...thresholds.goroutineGrowth });
  const source = count.detail === undefined ? count.from : `${count.from}: ${count.detail}`;
  const now: Evidence = { signal: 'goroutines', value: count.value, unit: 'count', source };
  if (verdict.kind !== 'growing')
    return verdict.kind === 'steady'
      ? clear(verdict.reason, [now])
      : unknown(`goroutines over a longer time: ${verdict.reason}`);
  const sites = grownSites(process.runtime.goroutineSites);
  const cost = verdict.bytesPerGoroutine;
  return {
    outcome: 'holds',
    severity: verdict.severity,
    summary: cost === undefined ? verdict.reason : `${verdict.reason}, about ${humanBytes(cost)} each`,
    evidence: evidenceOf(verdict, sites, source),
    remedy: remedyOf(sites),
  };
}

/** Growth of the count by its troughs, believed by how long it lasts against the time left (docs/goroutine-growth.md). */
export const goroutineGrowth: Rule = {
  id: 'GoroutineGrowth',
  title: 'Goroutines grow and do not end',
  subject: 'process',
  about: goroutineGrowthAbout,
  ...remembering(observe, detect),
};

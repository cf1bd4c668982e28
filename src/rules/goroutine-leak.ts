import { GOROUTINES_OVER_TIME, type GoroutineHistory, observeGoroutines } from './goroutine-history.ts';
import { type SiteJudgement, siteThatOnlyGrows } from './site-that-only-grows.ts';
import { type Evidence, type ProcessContext, type Rule, remembering, type Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

const MAX_SITES = 5;
const NO_PROFILE =
  'goroutineleak profile (Go 1.27, or 1.26 built with the experiment; `endpoints.leakProfileInterval` switches it on)';

/** What to do at a place. */
function endOf(where: string): string {
  return `${where}, make sure that the other end always sends, receives or closes: give the channel room for one value, select on a context’s Done as well, or close it with defer.`;
}

function detect(context: ProcessContext, history: GoroutineHistory): Verdict {
  const { leakedGoroutines } = context.process.runtime;
  if (leakedGoroutines !== undefined && leakedGoroutines.value > 0) return proved(context, leakedGoroutines.value);
  const site = siteThatOnlyGrows(context, history);
  if (site.kind === 'holds') return grownAtOnePlace(site);
  if (leakedGoroutines === undefined)
    return site.kind === 'unknown' ? unknown(NO_PROFILE, site.missing) : unknown(NO_PROFILE);
  // Without a count there is no growth to tell apart, and the profile has looked at every goroutine.
  if (site.kind === 'unknown' && context.process.runtime.goroutines !== undefined) return unknown(site.missing);
  return clear(`the last goroutineleak profile found none${site.kind === 'clear' ? `; ${site.reason}` : ''}`, [
    fromKnown('goroutines that can never run on', leakedGoroutines, 'count', 0),
  ]);
}

function proved({ process }: ProcessContext, leaked: number): Verdict {
  const { leakedGoroutines, leakedSites = [], goroutines } = process.runtime;
  const evidence: Evidence[] = [];
  if (leakedGoroutines !== undefined)
    evidence.push(fromKnown('goroutines that can never run on', leakedGoroutines, 'count', 0));
  if (goroutines !== undefined) evidence.push(fromKnown('goroutines', goroutines, 'count'));
  for (const { site, count, cause } of leakedSites.slice(0, MAX_SITES))
    evidence.push({
      signal: `leaked at ${site} (${cause})`,
      value: count,
      unit: 'count',
      source: 'goroutineleak profile',
    });
  const top = leakedSites[0];
  const one = leaked === 1;
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `${leaked} goroutine${one ? '' : 's'} can never run on: what ${one ? 'it waits' : 'they wait'} for is reachable from no goroutine that could wake ${one ? 'it' : 'them'}${top === undefined ? '' : `; most are at ${top.site}`}`,
    evidence,
    remedy: { text: endOf(top === undefined ? 'At the places the profile names' : `At ${top.site}`) },
  };
}

function grownAtOnePlace({ site, summary, evidence }: Extract<SiteJudgement, { kind: 'holds' }>): Verdict {
  return { outcome: 'holds', severity: 'warning', summary, evidence, remedy: { text: endOf(`At ${site}`) } };
}

/**
 * Proof: the collector finds goroutines blocked on what nothing live can reach, without false positives (runtime/mgc.go, goroutine leak
 * detection, Go 1.26 and 1.27). Else: growth that is believed, at one place, whose goroutines never leave.
 */
export const goroutineLeak: Rule = {
  id: 'GoroutineLeak',
  title: 'Goroutines never end: the runtime has proof, or one place only ever grows',
  subject: 'process',
  about: {
    meaning:
      'The goroutineleak profile runs a collection that looks for goroutines blocked on channels, locks or conditions which no running goroutine can reach. Nobody can ever wake them; their stacks and all they hold stay. It is a proof, not a trend. What somebody could still wake in theory (a global channel) it cannot prove; there the rule goes by counts of goroutines by place: one place grows, and nobody ever leaves it.',
    firesWhen:
      'The last goroutineleak profile lists at least one goroutine. Or: GoroutineGrowth holds; one place accounts for `goroutineLeak.siteRatio` or more of what was added since it is followed; in `goroutineLeak.minCounts` counts or more, over 15 minutes or more, its goroutines never became fewer (by more than 1 %); it is a wait that only somebody else can end (a channel, a select, a lock); and, where waits are known, the oldest has waited for half of that time or more.',
    severity: 'warning.',
    change: 'The places are named: give the channel room, select on a context, or close it.',
    silentWhen:
      'The last profile found none, and no place only grows: the count is steady, several places grow together as with traffic, goroutines leave again, all waits there are short, or they wait for the network or a timer, as idle connections do.',
    unknownWhen:
      'No such profile was read (the program is older than Go 1.26, or it is not switched on, because each costs a whole collection) and no place was found that only grows. Or the count grows, and where goroutines are is not known, or was not counted often enough yet.',
    sources: ['runtime/pprof goroutineleak, Go 1.27 release notes', 'golang/go#74609', 'docs/goroutine-growth.md'],
  },
  ...remembering(observeGoroutines, detect, GOROUTINES_OVER_TIME),
};

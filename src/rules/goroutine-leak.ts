import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

const MAX_SITES = 5;

function detect({ process }: ProcessContext): Verdict {
  const { leakedGoroutines, leakedSites = [], goroutines } = process.runtime;
  if (leakedGoroutines === undefined)
    return unknown(
      'goroutineleak profile (Go 1.27, or 1.26 built with the experiment; `endpoints.leakProfileInterval` switches it on)',
    );
  const evidence: Evidence[] = [fromKnown('goroutines that can never run on', leakedGoroutines, 'count', 0)];
  if (leakedGoroutines.value === 0) return clear('the last goroutineleak profile found none', evidence);
  if (goroutines !== undefined) evidence.push(fromKnown('goroutines', goroutines, 'count'));
  for (const { site, count, cause } of leakedSites.slice(0, MAX_SITES))
    evidence.push({
      signal: `leaked at ${site} (${cause})`,
      value: count,
      unit: 'count',
      source: 'goroutineleak profile',
    });
  const top = leakedSites[0];
  const one = leakedGoroutines.value === 1;
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `${leakedGoroutines.value} goroutine${one ? '' : 's'} can never run on: what ${one ? 'it waits' : 'they wait'} for is reachable from no goroutine that could wake ${one ? 'it' : 'them'}${top === undefined ? '' : `; most are at ${top.site}`}`,
    evidence,
    remedy: {
      text: `${top === undefined ? 'At the places the profile names' : `At ${top.site}`}, make sure that the other end always sends, receives or closes: give the channel room for one value, select on a context’s Done as well, or close it with defer.`,
    },
  };
}

/** The collector finds goroutines blocked on what nothing live can reach: no false positives (runtime/mgc.go, goroutine leak detection, Go 1.26 and 1.27). */
export const goroutineLeak: Rule = {
  id: 'GoroutineLeak',
  title: 'The runtime has proof of goroutines that can never run on',
  subject: 'process',
  about: {
    meaning:
      'The goroutineleak profile runs a collection that looks for goroutines blocked on channels, locks or conditions which no running goroutine can reach. Nobody can ever wake them; their stacks and all they hold stay. It is a proof, not a trend.',
    firesWhen: 'The last goroutineleak profile lists at least one goroutine.',
    severity: 'warning.',
    change: 'The places are named: give the channel room, select on a context, or close it.',
    silentWhen: 'The last profile found none.',
    unknownWhen:
      'No such profile was read: the program is older than Go 1.26, or it is not switched on, because each costs a whole collection.',
    sources: ['runtime/pprof goroutineleak, Go 1.27 release notes', 'golang/go#74609'],
  },
  detect,
};

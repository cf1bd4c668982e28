import { GOROUTINES_OVER_TIME, type GoroutineHistory, growthVerdict, observeGoroutines } from './goroutine-history.ts';
import { grownSites, siteEvidence, siteText } from './grown-sites.ts';
import { endedText, siblingCause, siblingRemedy } from './sibling-cause.ts';
import { type ProcessContext, type Rule, remembering, type Verdict } from './types.ts';
import { clear, clearSoFar, unknown } from './verdict.ts';

function detect({ process, container, thresholds, at }: ProcessContext, history: GoroutineHistory): Verdict {
  if (container?.identity.podUid === undefined) return clear('it is in no pod');
  const last = history.siblings.ends.at(-1);
  if (last === undefined) return clearSoFar('no other container of its pod was seen to end');
  const verdict = process.runtime.goroutines === undefined ? undefined : growthVerdict(history, thresholds);
  if (verdict === undefined) return unknown('number of goroutines');
  if (verdict.kind !== 'growing')
    return verdict.kind === 'steady'
      ? clear(`${last.name} ended, but goroutines do not grow: ${verdict.reason}`)
      : unknown(`goroutines over a longer time: ${verdict.reason}`);
  const cause = siblingCause(history, at.monotonicMs);
  if (cause === undefined) return clear(`goroutines grow, but did not begin to when ${last.name} ended`);
  if (cause === 'unknown') return unknown(`goroutines in the minutes before ${last.name} ended`);
  const sites = grownSites(process.runtime.goroutineSites);
  const [first] = sites;
  return {
    outcome: 'holds',
    severity: verdict.severity,
    summary: `goroutines of ${process.name} pile up since ${endedText(cause)}${first === undefined ? '' : `; most are at ${first.site}`}: ${verdict.reason}`,
    evidence: [
      ...cause.evidence,
      {
        signal: 'goroutines now',
        value: verdict.evidence.toGoroutines,
        unit: 'count',
        source: 'lowest counts',
      },
      ...sites.map(siteEvidence),
    ],
    remedy: {
      text: `${siblingRemedy(cause)}${first === undefined ? ' Which place waits, two goroutine profiles tell (`cgopher go PID --goroutines`).' : ` They wait at ${siteText(first)}.`}`,
    },
  };
}

/** Growth of the count that began when another container of the pod ended. */
export const stalledAfterSiblingExit: Rule = {
  id: 'StalledAfterSiblingExit',
  title: 'Goroutines pile up since another container of the pod ended',
  subject: 'process',
  about: {
    meaning:
      'The containers of a pod share its network and often talk over loopback or a common volume. When one of them ends (a proxy, a log shipper, a database beside the program), goroutines that wait for it may wait for ever, and each new request adds one. The count stood still before, and rises since.',
    firesWhen:
      'GoroutineGrowth holds for the process, and the growth began when another container of its pod ended: the lowest counts stood still before, and a line through those after meets them at that moment, within a minute or a tenth of the time since. Of a container that ends again and again, at most 20 minutes apart, the first end counts.',
    severity: 'as GoroutineGrowth: critical, warning or info by the time left to the memory limit, or by the rate.',
    change:
      'Both are named, and the place whose goroutines grow where it is known: give waits for the other container a timeout or a context, connect anew when it is back, and see why it ended.',
    silentWhen:
      'No other container of the pod ended while the agent looked, the count does not grow, it grew before that already, or it began to grow at another time. A container that ended before the process started is no cause.',
    unknownWhen:
      'Another container ended, and the number of goroutines is not known, or not for long enough before and after it.',
    sources: [
      'Kubernetes, Pods: containers of a pod share its network namespace and volumes',
      'Kubernetes, Pod Lifecycle: containers of a pod end and start again one by one',
    ],
  },
  ...remembering(observeGoroutines, detect, GOROUTINES_OVER_TIME),
};

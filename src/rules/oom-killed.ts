import type { GoProcessModel } from '../model/go-process-types.ts';
import { ownMemoryLimit } from './memory-inputs.ts';
import {
  autopsyAdvice,
  autopsyEvidence,
  autopsySummary,
  followPrograms,
  killedPrograms,
  type LastSeen,
} from './oom-autopsy.ts';
import { humanBytes } from './quantity.ts';
import { type Evidence, type PodContext, type Rule, remembering, type Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Ten minutes: long enough to be scraped and to alert, short enough to mean "just now". */
const KEEP_SECONDS = 600;

const FROM_ABOVE =
  'Give the pod a memory request near what it uses, so that others are killed first, and look at what filled the node.';

/** What can be said without a sample from before the kill; `go` is the program that runs there now. */
export function usualAdvice(go: GoProcessModel | undefined): string {
  if (go === undefined)
    return 'Look at what the container held before the kill. If it is a Go program, set GOMEMLIMIT about 10 % below the memory limit, then see whether the live heap fits.';
  return go.settings.gomemlimit?.value === 'off'
    ? 'The Go program that runs there now has no GOMEMLIMIT: set it about 10 % below the memory limit, then see whether the live heap fits.'
    : 'GOMEMLIMIT is set or not known: compare the live heap and the memory outside Go with the limit, and raise the limit or mend the leak.';
}

/** Kept by pod: a container's own records end with it. */
function observe(before: readonly LastSeen[] | undefined, context: PodContext): readonly LastSeen[] | undefined {
  return followPrograms(before, context.processes, context.containers, context.at);
}

function detect(context: PodContext, seen: readonly LastSeen[] | undefined): Verdict {
  const { pod, containers, processes, firstSeen, at, thresholds } = context;
  const total = pod.memoryEvents?.oomKill;
  if (total === undefined) return unknown('memory.events of the pod');
  const evidence: Evidence[] = [
    {
      signal: 'OOM kills since the pod was made',
      value: total,
      unit: 'count',
      source: `memory.events oom_kill of ${pod.cgroupPath}`,
    },
  ];
  // Kills before this and the last reading cannot be told apart when the last one failed.
  if (pod.oomKillsInWindow === undefined && !firstSeen && total > 0)
    return unknown('memory.events of the pod in the cycle before');
  const inWindow = pod.oomKillsInWindow ?? 0;
  const fresh = inWindow > 0 ? inWindow : firstSeen ? total : 0;
  if (fresh === 0)
    return clear(
      total === 0 ? 'no OOM kill since the pod was made' : `no new OOM kill (${total} since the pod was made)`,
      evidence,
    );
  const seenNow = inWindow > 0;
  const victim = containers.find(
    (container) => (container.oomKillsInWindow ?? 0) > 0 || (!seenNow && (container.memory.events?.oomKill ?? 0) > 0),
  );
  const limit = ownMemoryLimit(victim?.effective.memoryMaxBytes);
  if (victim !== undefined)
    evidence.push({
      signal: 'OOM kills in the container',
      value: victim.memory.events?.oomKill ?? 0,
      unit: 'count',
      source: `memory.events oom_kill of ${victim.cgroupPath}`,
    });
  if (victim?.memory.peakBytes !== undefined && typeof limit === 'number') {
    evidence.push({
      signal: 'peak memory',
      value: victim.memory.peakBytes,
      unit: 'bytes',
      bound: limit,
      source: 'memory.peak',
    });
  }
  const struck = seenNow ? killedPrograms(seen ?? [], containers, at) : [];
  const [dead] = struck;
  if (dead !== undefined) evidence.push(...autopsyEvidence(dead, at));
  const before = dead === undefined ? undefined : autopsySummary(dead);
  const who = victim?.identity.container ?? dead?.container ?? 'a container';
  // memory.events: `oom` counts limits that were reached, `oom_kill` also kills for lack of memory further up.
  const oom = seenNow ? pod.memoryEventsInWindow?.oom : pod.memoryEvents?.oom;
  const fromAbove = oom === 0;
  const where = fromAbove
    ? ', though no memory limit in the pod was reached then: memory ran out above it, at the node or a slice'
    : typeof limit === 'number'
      ? `, whose memory limit is ${humanBytes(limit)}`
      : '';
  const go = processes.find((process) => process.containerKey === victim?.key);
  const advice = dead === undefined ? undefined : autopsyAdvice(dead, thresholds.memory.headroomRatio);
  return {
    outcome: 'holds',
    severity: seenNow ? 'critical' : 'warning',
    summary: seenNow
      ? `the kernel killed for lack of memory in ${who}${where}${before === undefined ? '' : `; ${before}`}`
      : `the kernel killed for lack of memory in ${who} since the pod was made; when exactly is not known`,
    evidence,
    remedy: { text: fromAbove ? FROM_ABOVE : (advice ?? usualAdvice(go)) },
  };
}

/** Delta of oom_kill in memory.events (cgroup-v2.rst; hierarchical), read at the pod because a container's counters die with it. */
export const oomKilled: Rule = {
  id: 'OomKilled',
  title: 'The kernel killed for lack of memory',
  subject: 'pod',
  keepSeconds: KEEP_SECONDS,
  ...remembering<PodContext, readonly LastSeen[] | undefined>(observe, detect),
  about: {
    meaning:
      "The kernel ended a process because memory ran out under a limit, or on the node. It is read at the pod, because a container's counters die with its cgroup. A new kill fires at once and the finding is kept for ten minutes, long enough to be scraped and to alert. It holds what the Go runtime looked like in the last sample before the kill: the container that is started next has an empty heap, and nothing looks wrong in it.",
    firesWhen:
      '`oom_kill` in `memory.events` of the pod grew in the window; or, the first time the pod is seen, it is not zero',
    severity: '`critical` when seen to happen; `warning` when it happened some time since the pod was made',
    change:
      'what the last sample before says: a live heap that does not fit (limit, leak), memory outside Go (cgo, mmap), no GOMEMLIMIT or one too near the limit. Without such a sample: a GOMEMLIMIT if the Go program in the container has none, else a comparison of live heap and memory outside Go with the limit. When no limit in the pod was reached in the same window (`oom` did not grow; for kills from before, it is 0), memory ran out above it: a memory request, and a look at what filled the node',
    silentWhen: 'the count did not grow. What is in no pod is judged by OomKilledOutsidePods',
    unknownWhen: '`memory.events` of the pod could not be read, now or in the cycle before',
    sources: [
      'Linux `Documentation/admin-guide/cgroup-v2.rst` (`memory.events`, hierarchical unless mounted with `memory_localevents`)',
    ],
  },
};

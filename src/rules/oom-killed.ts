import { oomKilledAbout } from './oom-killed-about.ts';
import { humanBytes } from './quantity.ts';
import type { Evidence, PodContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Ten minutes: long enough to be scraped and to alert, short enough to mean "just now". */
const KEEP_SECONDS = 600;

function detect({ pod, containers, processes, firstSeen }: PodContext): Verdict {
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
  const limit = victim?.effective.memoryMaxBytes?.limit;
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
  const who = victim?.identity.container ?? 'a container';
  // memory.events: `oom` counts limits that were reached, `oom_kill` also kills for lack of memory further up.
  const fromAbove = pod.memoryEvents?.oom === 0;
  const where = fromAbove
    ? ', though no memory limit in the pod was ever reached: memory ran out above it, at the node or a slice'
    : typeof limit === 'number'
      ? `, whose memory limit is ${humanBytes(limit)}`
      : '';
  const go = processes.find((process) => process.containerKey === victim?.key);
  const gomemlimit = go?.settings.gomemlimit?.value;
  return {
    outcome: 'holds',
    severity: seenNow ? 'critical' : 'warning',
    summary: seenNow
      ? `the kernel killed for lack of memory in ${who}${where}`
      : `the kernel killed for lack of memory in ${who} since the pod was made; when exactly is not known`,
    evidence,
    remedy: {
      text: fromAbove
        ? 'Give the pod a memory request near what it uses, so that others are killed first, and look at what filled the node.'
        : go === undefined
          ? 'Look at what the container held before the kill. If it is a Go program, set GOMEMLIMIT about 10 % below the memory limit, then see whether the live heap fits.'
          : gomemlimit === 'off'
            ? 'The Go program that runs there now has no GOMEMLIMIT: set it about 10 % below the memory limit, then see whether the live heap fits.'
            : 'GOMEMLIMIT is set or not known: compare the live heap and the memory outside Go with the limit, and raise the limit or mend the leak.',
    },
  };
}

/** Delta of oom_kill in memory.events (cgroup-v2.rst; hierarchical), read at the pod because a container's counters die with it. */
export const oomKilled: Rule = {
  id: 'OomKilled',
  title: 'The kernel killed for lack of memory',
  about: oomKilledAbout,
  subject: 'pod',
  keepSeconds: KEEP_SECONDS,
  detect,
};

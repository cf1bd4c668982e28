import { humanSeconds } from './quantity.ts';
import type { Evidence, PodContext, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, clearSoFar, unknown } from './verdict.ts';

/** What was seen of one container name of a pod. */
interface Starts {
  /** Ids seen, the last few: while an old one goes and a new one comes both are there. */
  readonly ids: readonly string[];
  readonly restartCount: number | undefined;
  /** Starts told by a new id that the restart count has yet to tell. */
  readonly ahead: number;
  /** Monotonic milliseconds of the starts since the pod was first seen. */
  readonly atMs: readonly number[];
}

type PodStarts = Readonly<Record<string, Starts>>;

const KEPT_IDS = 8;
const KEPT_STARTS = 32;
/** More containers than a pod has; names come from other people's pods. */
const MAX_NAMES = 64;

/** Starts since the look before: by the kubelet's count, which also tells those that came and went between two looks; else by a new id. */
function startsSince(
  known: Starts,
  id: string | undefined,
  restartCount: number | undefined,
): { readonly started: number; readonly ahead: number } {
  const counted =
    restartCount === undefined || known.restartCount === undefined ? 0 : restartCount - known.restartCount;
  const fresh = id !== undefined && known.ids.length > 0 && !known.ids.includes(id) ? 1 : 0;
  return {
    started: Math.min(KEPT_STARTS, Math.max(fresh, counted - known.ahead)),
    ahead: Math.min(KEPT_STARTS, Math.max(0, known.ahead + fresh - Math.max(0, counted))),
  };
}

function observe(before: PodStarts | undefined, { containers, at, thresholds }: PodContext): PodStarts {
  const since = at.monotonicMs - thresholds.restarts.windowSeconds * 1000;
  const seen: Record<string, Starts> = {};
  for (const [name, starts] of Object.entries(before ?? {}))
    seen[name] = { ...starts, atMs: starts.atMs.filter((ms) => ms >= since) };
  for (const { identity } of containers) {
    const { container: name, containerId: id, restartCount } = identity;
    if (name === undefined) continue;
    const known = Object.hasOwn(seen, name) ? seen[name] : undefined;
    if (known === undefined) {
      if (Object.keys(seen).length < MAX_NAMES)
        seen[name] = { ids: id === undefined ? [] : [id], restartCount, ahead: 0, atMs: [] };
      continue;
    }
    const { started, ahead } = startsSince(known, id, restartCount);
    seen[name] = {
      ids: id === undefined || known.ids.includes(id) ? known.ids : [...known.ids, id].slice(-KEPT_IDS),
      restartCount: Math.max(restartCount ?? 0, known.restartCount ?? 0) || (restartCount ?? known.restartCount),
      ahead,
      atMs: [...known.atMs, ...Array<number>(started).fill(at.monotonicMs)].slice(-KEPT_STARTS),
    };
  }
  return seen;
}

function detect({ pod, containers, thresholds, at }: PodContext, starts: PodStarts): Verdict {
  const entries = Object.entries(starts);
  if (entries.length === 0)
    return containers.length === 0
      ? clear('no container seen in the pod yet')
      : unknown('names of the pod’s containers');
  const { count, windowSeconds } = thresholds.restarts;
  let worst: { readonly name: string; readonly starts: Starts } | undefined;
  for (const [name, of] of entries)
    if (worst === undefined || of.atMs.length > worst.starts.atMs.length) worst = { name, starts: of };
  const again = worst?.starts.atMs.length ?? 0;
  if (worst === undefined || again < count)
    return clearSoFar(
      again === 0
        ? 'no container of the pod was started again'
        : `${worst?.name} was started again ${again === 1 ? 'once' : `${again} times`} in ${humanSeconds(windowSeconds)}`,
    );
  const evidence: Evidence[] = [
    {
      signal: `starts of ${worst.name}`,
      value: again,
      unit: 'count',
      bound: count,
      source: `new container ids and restart counts in the last ${humanSeconds(windowSeconds)}`,
    },
  ];
  const { restartCount, atMs } = worst.starts;
  if (restartCount !== undefined)
    evidence.push({
      signal: 'restarts since the pod was made',
      value: restartCount,
      unit: 'count',
      source: 'the container’s attempt number',
    });
  const last = atMs.at(-1);
  if (last !== undefined)
    evidence.push({
      signal: 'time since the last start',
      value: (at.monotonicMs - last) / 1000,
      unit: 'seconds',
      source: 'looks at the pod',
    });
  const kills = pod.memoryEvents?.oomKill;
  if (kills !== undefined)
    evidence.push({
      signal: 'OOM kills since the pod was made',
      value: kills,
      unit: 'count',
      source: `memory.events oom_kill of ${pod.cgroupPath}`,
    });
  const killed = (kills ?? 0) > 0;
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `${worst.name} was started again ${again} times in ${humanSeconds(windowSeconds)}${killed ? `; the kernel killed ${kills} times in this pod for lack of memory` : ''}`,
    evidence,
    remedy: {
      text: killed
        ? 'Look at OomKilled first: a program that reaches its memory limit soon after each start ends this way.'
        : `See how it ended: \`kubectl logs --previous\` and the termination state of ${worst.name}. A Go program that stops at once often has a malformed GOMEMLIMIT or GOGC (the runtime then ends at start), a failed liveness probe, or a panic.`,
    },
  };
}

/** A restart makes a new container id and cgroup under the same name; the kubelet backs off up to five minutes (pkg/kubelet, MaxContainerBackOff). */
export const containerRestartLoop: Rule = {
  id: 'ContainerRestartLoop',
  title: 'A container is started again and again',
  subject: 'pod',
  about: {
    meaning:
      'The same container of the pod comes back with a new id, or with a higher restart count, several times within half an hour. Between the starts its counters begin anew, so rules about it have little to go by. The last ends are the thing to look at.',
    firesWhen:
      'One container of the pod was started again `restarts.count` times or more within `restarts.windowSeconds`, counted since the pod was first seen.',
    severity: 'warning.',
    change: 'By the pod’s OOM kills: memory; else the previous log and termination state.',
    silentWhen: 'Fewer starts were seen. Restarts from before the agent looked are not counted.',
    unknownWhen: 'The containers of the pod have no names.',
    sources: [
      'Kubernetes, Pod Lifecycle: container restart policy',
      'runtime/mgc.go readGOMEMLIMIT: malformed GOMEMLIMIT is fatal, Go 1.19',
    ],
  },
  ...remembering(observe, detect),
};

import { parentOf } from '../base/cgroup-path.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import { ownMemoryLimit } from './memory-inputs.ts';
import {
  autopsyAdvice,
  autopsyEvidence,
  autopsySummary,
  followPrograms,
  killedPrograms,
  type LastSeen,
} from './oom-autopsy.ts';
import { usualAdvice } from './oom-killed.ts';
import { humanBytes } from './quantity.ts';
import { containerName } from './subjects.ts';
import { type Evidence, type NodeContext, type Rule, remembering, type Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

const KEEP_SECONDS = 600;
/** A program last seen longer ago than so many windows had ended before the window of the kill. */
const TAKEN_WINDOWS = 1.5;

const NO_LIMIT =
  'It has no memory limit of its own: the node or a slice ran out. Look at what filled it, and give what may grow a limit.';

interface Remembered {
  readonly seen: readonly LastSeen[];
  /** Models looked at; at the first one, older kills are told too. */
  readonly looks: number;
}

/** Containers and units that no pod's counters cover. */
function outsidePods(model: NodeModel): ContainerModel[] {
  return model.containers.filter(({ identity }) => identity.podUid === undefined || identity.driverMismatch);
}

function observe(before: Remembered | undefined, { model }: NodeContext): Remembered | undefined {
  const containers = outsidePods(model);
  const keys = new Set(containers.map(({ key }) => key));
  const processes = model.goProcesses.filter(({ containerKey }) => keys.has(containerKey ?? ''));
  return {
    seen: followPrograms(before?.seen, processes, containers, model.at),
    looks: Math.min(2, (before?.looks ?? 0) + 1),
  };
}

/**
 * Programs that went with their container, below a cgroup that counted a kill which none of its present containers counts. A container
 * in which nothing runs any more counts as gone: the kill may have come between the reading of its counter and that of the cgroup above.
 * One in which something runs on does not: beside a kill of something else in the slice, a program of it may just have ended.
 */
function takenWhole(model: NodeModel, containers: readonly ContainerModel[], seen: readonly LastSeen[]): LastSeen[] {
  const since = model.at.monotonicMs - TAKEN_WINDOWS * (model.windowSeconds ?? 0) * 1000;
  const running = new Set(
    containers.filter(({ goPids, unseenProcesses }) => goPids.length + unseenProcesses > 0).map(({ key }) => key),
  );
  return model.outer.flatMap(({ cgroupPath, oomKillsInWindow = 0 }) => {
    const own = containers.filter((container) => parentOf(container.cgroupPath) === cgroupPath);
    const explained = own.reduce((sum, container) => sum + (container.oomKillsInWindow ?? 0), 0);
    if (oomKillsInWindow <= explained) return [];
    return seen.filter(
      (one) => one.atMs >= since && !running.has(one.containerKey) && parentOf(one.containerPath) === cgroupPath,
    );
  });
}

function detect({ model, at, thresholds }: NodeContext, remembered: Remembered | undefined): Verdict {
  const { hierarchy } = model.node;
  if (hierarchy !== 'unified') return unknown('the unified cgroup v2 hierarchy: see NodeNotUnifiedCgroupV2');
  const containers = outsidePods(model);
  const seen = remembered?.seen ?? [];
  const whole = takenWhole(model, containers, seen);
  const partly = containers.filter((container) => (container.oomKillsInWindow ?? 0) > 0);
  const old =
    (remembered?.looks ?? 1) === 1 && partly.length === 0 && whole.length === 0
      ? containers.filter((container) => (container.memory.events?.oomKill ?? 0) > 0)
      : [];
  const counted = [...partly, ...old];
  if (counted.length === 0 && whole.length === 0) {
    const blind = containers.filter((container) => container.memory.events?.oomKill === undefined);
    return blind.length > 0
      ? unknown(
          `memory.events of ${blind.map((container) => containerName(container) ?? container.cgroupPath).join(', ')}`,
        )
      : clear('no new OOM kill in containers and units outside of pods');
  }
  const evidence: Evidence[] = counted.map((container) => ({
    signal: `OOM kills in ${containerName(container) ?? container.cgroupPath}`,
    value: container.memory.events?.oomKill ?? 0,
    unit: 'count',
    source: `memory.events oom_kill of ${container.cgroupPath}`,
  }));
  const struck =
    whole.length > 0
      ? whole
      : old.length > 0
        ? []
        : killedPrograms(seen, containers, at).filter((one) => partly.some(({ key }) => key === one.containerKey));
  const [dead] = struck;
  if (dead !== undefined) evidence.push(...autopsyEvidence(dead, at));
  const names = [
    ...new Set([
      ...counted.map((container) => containerName(container) ?? container.cgroupPath),
      ...whole.map(({ container }) => container),
    ]),
  ];
  // Only the cgroup above counts it: another process below it may have been the one.
  const likely = counted.length === 0;
  const where = whole.length > 1 && likely ? `one of ${names.join(', ')}` : names.join(', ');
  const before = dead === undefined ? undefined : autopsySummary(dead);
  const limit = dead?.limit ?? ownMemoryLimit(counted[0]?.effective.memoryMaxBytes);
  const advice = dead === undefined ? undefined : autopsyAdvice(dead, thresholds.memory.headroomRatio);
  const runs = model.goProcesses.find(({ containerKey }) => counted.some(({ key }) => key === containerKey));
  return {
    outcome: 'holds',
    severity: old.length > 0 || likely ? 'warning' : 'critical',
    summary:
      old.length > 0
        ? `the kernel killed for lack of memory in ${where} since it was started; when exactly is not known`
        : `the kernel killed for lack of memory${likely ? ', probably' : ''} in ${where}${typeof limit === 'number' ? `, whose memory limit is ${humanBytes(limit)}` : ''}${before === undefined ? '' : `; ${before}`}`,
    evidence:
      evidence.length > 0
        ? evidence
        : [{ signal: 'killed', value: where, unit: '', source: 'memory.events oom_kill of the level above' }],
    remedy: { text: advice ?? (limit === 'max' ? NO_LIMIT : usualAdvice(runs)) },
  };
}

/**
 * Delta of oom_kill (cgroup-v2.rst) in a container or unit that is in no pod; when it went with the kill, in the cgroup above, whose
 * counters stay. Judged for the node as a whole, because the container that was killed is no subject any more.
 */
export const oomKilledOutsidePods: Rule = {
  id: 'OomKilledOutsidePods',
  title: 'The kernel killed for lack of memory outside of pods',
  subject: 'node',
  keepSeconds: KEEP_SECONDS,
  ...remembering<NodeContext, Remembered | undefined>(observe, detect),
  about: {
    meaning:
      'As OomKilled, for what is in no pod: Docker and Podman containers, and systemd units that hold a Go program. Their cgroup usually goes with the kill, and with it the count; the cgroup above still has it. The finding keeps what the Go runtime looked like in the last sample before.',
    firesWhen:
      'memory.events `oom_kill` of such a container or unit rose; or that of the slice above rose by more than its present containers tell, and a Go program that was there until the last look went with its cgroup. It is kept for ten minutes.',
    severity:
      'critical; warning when only the slice above counts the kill, and for kills from before the agent’s first look.',
    change:
      'What the last sample says, as for OomKilled. Without a memory limit of its own: what filled the node or the slice.',
    silentWhen: 'No kill is new. A container that held no Go program and went with its kill is not told.',
    unknownWhen: 'memory.events of a container or unit could not be read, or the node is not on cgroup v2.',
    sources: ['Documentation/admin-guide/cgroup-v2.rst, memory.events: hierarchical (Linux 6.12)'],
  },
};

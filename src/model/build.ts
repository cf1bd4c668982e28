import { groupBy } from '../base/group.ts';
import type { NodeSample } from '../sample/types.ts';
import { containerModel, outerModel, podModel, sameCgroup, type TreePair } from './container.ts';
import type { ContainerModel, OuterModel, PodModel, SandboxModel } from './container-types.ts';
import { goProcessModel } from './go-process.ts';
import type { Tree } from './limits.ts';
import type { NodeModel, NodeView } from './node-types.ts';
import { placementModel } from './placement.ts';
import { kubernetesModel, withContainerSpec, withPodSpec } from './pod-spec.ts';
import { pressureModel } from './pressure.ts';

/** The node itself. Pressure of /proc/pressure, where cpu `full` is always zero and means nothing. */
function nodeView(current: NodeSample, previous: NodeSample | undefined, windowSeconds: number | undefined): NodeView {
  const { facts, hierarchy } = current;
  const before = previous?.facts;
  return {
    hostname: facts.hostname,
    kernelRelease: facts.kernelRelease,
    hierarchy: hierarchy.mode,
    hierarchyDetail: hierarchy.detail,
    controllers: hierarchy.controllers,
    cpusOnline: facts.cpusOnline,
    memoryTotalBytes: facts.memInfo?.memTotal,
    memoryAvailableBytes: facts.memInfo?.memAvailable,
    swapTotalBytes: facts.memInfo?.swapTotal,
    swapFreeBytes: facts.memInfo?.swapFree,
    pressure: {
      cpu: pressureModel(before?.pressure.cpu, facts.pressure.cpu, windowSeconds),
      memory: pressureModel(before?.pressure.memory, facts.pressure.memory, windowSeconds),
      io: pressureModel(before?.pressure.io, facts.pressure.io, windowSeconds),
      irq: undefined,
    },
    sysctls: facts.sysctls,
    blockDevices: facts.blockDevices,
    numaNodes: facts.numaNodes,
    privileges: current.privileges,
  };
}

function treeOf(sample: NodeSample): Tree {
  return {
    sample: (path) => sample.cgroups.get(path),
    level: (path) => sample.levels.get(path) ?? 'slice',
    controllers: sample.hierarchy.controllers,
  };
}

function pairOf(current: NodeSample, previous: NodeSample | undefined): TreePair {
  const insideOf = new Map<string, string>();
  for (const [path, role] of current.roles) {
    if (role.role === 'inside' && role.depth === 1 && path.endsWith('/container') && current.cgroups.has(path))
      insideOf.set(role.containerPath, path);
  }
  return {
    now: treeOf(current),
    before: (sample) => sameCgroup(previous?.cgroups.get(sample.path), sample),
    inside: (path) => insideOf.get(path),
  };
}

function sandboxesByPod({ identities, sandboxes }: NodeSample): ReadonlyMap<string, SandboxModel> {
  const byPod = new Map<string, SandboxModel>();
  for (const [cgroupPath, { sandbox, podUid }] of identities) {
    if (!sandbox || podUid === undefined) continue;
    const of = sandboxes?.get(cgroupPath);
    byPod.set(podUid, { cgroupPath, tasks: of?.tasks, anonBytes: of?.anonBytes, processes: of?.processes });
  }
  return byPod;
}

/**
 * Turns two samples into meaning. Pure: the same samples give the same model, live or replayed.
 * Rates exist only for the same cgroup (inode) and the same process (start time); without `previous` there are none.
 */
export function buildModel(current: NodeSample, previous: NodeSample | undefined): NodeModel {
  const windowSeconds = previous === undefined ? undefined : (current.at.monotonicMs - previous.at.monotonicMs) / 1000;
  const pair = pairOf(current, previous);
  const goByWorkload = groupBy(current.go.values(), (go) => go.workloadPath);
  const unseen = new Map(current.unseen.map((entry) => [entry.workloadPath, entry.count]));

  const containers: ContainerModel[] = [];
  const keyOf = new Map<string, string>();
  const severalNodes = (current.facts.numaNodes?.length ?? 0) > 1;
  for (const [path, identity] of current.identities) {
    const sample = current.cgroups.get(path);
    if (sample === undefined || identity.sandbox) continue;
    const goPids = (goByWorkload.get(path) ?? []).map((go) => go.pid);
    const plain = withContainerSpec(current, containerModel(sample, identity, pair, goPids, unseen.get(path) ?? 0));
    const container = severalNodes ? { ...plain, placement: placementModel(sample, pair.now) } : plain;
    containers.push(container);
    keyOf.set(path, container.key);
  }

  const sandboxOf = sandboxesByPod(current);
  const byPod = groupBy(containers, (container) => container.identity.podUid);
  const pods: PodModel[] = [];
  const outer: OuterModel[] = [];
  for (const [path, role] of current.roles) {
    const sample = current.cgroups.get(path);
    if (sample === undefined) continue;
    if (role.role === 'pod') {
      const pod = withPodSpec(current, podModel(sample, role.podUid, byPod.get(role.podUid) ?? [], pair));
      const sandbox = sandboxOf.get(role.podUid);
      pods.push(sandbox === undefined ? pod : { ...pod, sandbox });
    } else if (role.role === 'other' && path !== '/') outer.push(outerModel(sample, pair));
  }

  const goProcesses = [...current.go.values()].map((go) => {
    const before = previous?.go.get(go.pid);
    const same = previous !== undefined && before?.startTimeTicks === go.startTimeTicks;
    return goProcessModel(
      current,
      go,
      same ? { go: before, at: previous.at } : undefined,
      pair.now,
      keyOf.get(go.workloadPath),
    );
  });

  return {
    at: current.at,
    windowSeconds,
    node: nodeView(current, previous, windowSeconds),
    containers,
    pods,
    outer,
    goProcesses,
    ...kubernetesModel(current),
    misses: current.misses,
  };
}

import type { CgroupSample } from '../kernel/cgroup/types.ts';
import type { ContainerIdentity } from '../kube/types.ts';
import type { ContainerModel, OuterModel, PodModel, WorkloadIdentity } from './container-types.ts';
import { cpuModel, throttling, worstThrottling } from './cpu.ts';
import { ioModel } from './io.ts';
import { effectiveLimits, selfAndAncestors, type Tree } from './limits.ts';
import { memoryEvents, memoryEventsBetween, memoryModel, oomKillsBetween } from './memory.ts';
import { pidsModel } from './pids.ts';
import { pressures } from './pressure.ts';

/** The names of a workload as exporters use them. */
export function workloadIdentity(identity: ContainerIdentity): WorkloadIdentity {
  return {
    kind: identity.kind,
    state: identity.state,
    namespace: identity.namespace,
    pod: identity.pod,
    podUid: identity.podUid,
    container: identity.container,
    containerId: identity.containerId,
    unit: identity.unit,
    runtime: identity.runtime,
    qos: identity.qos,
    staticPod: identity.staticPod,
    driverMismatch: identity.driverMismatch,
    restartCount: identity.restartCount,
  };
}

/** Path and inode: what makes a cgroup the same subject over time. */
export function cgroupKey(sample: CgroupSample): string {
  return `${sample.path}#${sample.inode}`;
}

/** The previous sample of the very same cgroup, or undefined. */
export function sameCgroup(previous: CgroupSample | undefined, current: CgroupSample): CgroupSample | undefined {
  return previous?.inode === current.inode ? previous : undefined;
}

/** Two moments of the tree. */
export interface TreePair {
  readonly now: Tree;
  before(current: CgroupSample): CgroupSample | undefined;
  /** Sub-cgroups of a container that hold limits of their own (crun's `container`). */
  inside(path: string): string | undefined;
}

/** One workload: a container or a unit. */
export function containerModel(
  sample: CgroupSample,
  identity: ContainerIdentity,
  tree: TreePair,
  goPids: readonly number[],
  unseenProcesses: number,
): ContainerModel {
  const previous = tree.before(sample);
  const deepest = tree.inside(sample.path) ?? sample.path;
  // Throttling happens where cpu.max is set: the container, a part of it, or its pod; QoS and node levels have none in Kubernetes.
  const candidates = selfAndAncestors(deepest).flatMap((path) => {
    const level = tree.now.sample(path);
    return level?.cpuMax === undefined || level.cpuMax.quotaUsec === 'max'
      ? []
      : [throttling(tree.now.level(path), tree.before(level), level)];
  });
  return {
    key: cgroupKey(sample),
    cgroupPath: sample.path,
    identity: workloadIdentity(identity),
    cpu: cpuModel(previous, sample),
    throttling: worstThrottling(candidates),
    memory: memoryModel(previous, sample),
    pressure: pressures(previous, sample),
    io: ioModel(sample),
    pids: pidsModel(sample, tree.now),
    effective: effectiveLimits(deepest, tree.now),
    oomKillsInWindow: oomKillsBetween(previous, sample),
    goPids,
    unseenProcesses,
  };
}

/** One pod; its counters outlive its containers. */
export function podModel(
  sample: CgroupSample,
  podUid: string,
  containers: readonly ContainerModel[],
  tree: TreePair,
): PodModel {
  const named = containers.find((container) => container.identity.state === 'resolved');
  return {
    key: cgroupKey(sample),
    cgroupPath: sample.path,
    podUid,
    namespace: named?.identity.namespace,
    pod: named?.identity.pod,
    memoryEvents: memoryEvents(sample.memoryEvents),
    memoryEventsInWindow: memoryEventsBetween(tree.before(sample), sample),
    oomKillsInWindow: oomKillsBetween(tree.before(sample), sample),
    containers: containers.map((container) => container.key),
  };
}

/** A slice or another cgroup that is no workload itself. */
export function outerModel(sample: CgroupSample, tree: TreePair): OuterModel {
  return {
    cgroupPath: sample.path,
    oomKillsTotal: sample.memoryEvents?.oomKill,
    oomKillsInWindow: oomKillsBetween(tree.before(sample), sample),
  };
}

import { roleOf } from './layout.ts';
import { type MountNames, type MountRoot, namesFromMounts } from './mountinfo-names.ts';
import type { PodLog } from './pod-log-index.ts';
import type { CgroupRole, ContainerIdentity, ContainerRuntime } from './types.ts';

/** What is known about a cgroup. Only `path` and `role` are always there. */
export interface IdentityClues {
  readonly path: string;
  readonly role: CgroupRole;
  /** The log directory of the pod whose UID the path carries. */
  readonly podLog?: PodLog | undefined;
  /** Mounts of one process of the cgroup. */
  readonly mounts?: readonly MountRoot[] | undefined;
  /** File name of that process's executable. */
  readonly exeBasename?: string | undefined;
  /** /proc/PID/oom_score_adj of that process. */
  readonly oomScoreAdj?: number | undefined;
  /** Processes in the cgroup and below. */
  readonly processCount?: number | undefined;
  /** Sandbox ids seen in the mounts of the pod's other containers. */
  readonly sandboxIds?: ReadonlySet<string> | undefined;
}

/** The oom_score_adj the kubelet's runtimes give a pause container. */
const SANDBOX_OOM_SCORE_ADJ = -998;

const NOBODY: ContainerIdentity = {
  kind: 'other',
  state: 'unresolved',
  podUid: undefined,
  namespace: undefined,
  pod: undefined,
  container: undefined,
  containerId: undefined,
  runtime: undefined,
  qos: undefined,
  staticPod: false,
  sandbox: false,
  driverMismatch: false,
  unit: undefined,
  restartCount: undefined,
};

/**
 * Says whose a cgroup is. Pure; what the clues do not say stays undefined and the state `unresolved`.
 *
 * - A container of a pod is resolved when namespace, pod and container name are known; a pod cgroup and a pause container, which have
 *   no container name, when namespace and pod are.
 * - A systemd unit is resolved: its name is all there is.
 * - A Docker or Podman container outside Kubernetes has its id only and stays unresolved: names are in the runtime's own files.
 * - A part of a container (`inside`) is that container.
 */
export function identify(clues: IdentityClues): ContainerIdentity {
  const role = clues.role.role === 'inside' ? roleOf(clues.role.containerPath) : clues.role;
  switch (role.role) {
    case 'unit':
      return { ...NOBODY, kind: 'systemd', state: 'resolved', unit: role.unit };
    case 'pod': {
      const { podUid, qos, staticPod } = role;
      return withPodNames({ ...NOBODY, kind: 'kubernetes', podUid, qos, staticPod }, clues.podLog);
    }
    case 'container':
      return identifyContainer(role, clues);
    case 'kubepods':
    case 'qos':
      return { ...NOBODY, qos: role.qos };
    case 'inside':
    case 'ignored':
    case 'other':
      return NOBODY;
  }
}

function identifyContainer(role: CgroupRole & { readonly role: 'container' }, clues: IdentityClues): ContainerIdentity {
  const { podUid, containerId, runtime, qos, staticPod, driverMismatch } = role;
  const plain = { ...NOBODY, podUid, containerId, runtime, qos, staticPod, driverMismatch };
  if (podUid === undefined) return { ...plain, kind: kindOutsidePods(runtime) };

  const names = namesFromMounts(clues.mounts ?? [], podUid);
  const sandbox = isSandbox(containerId, names, clues);
  const known = withPodNames({ ...plain, kind: 'kubernetes', sandbox }, clues.podLog);
  if (sandbox) return known;
  const container = names.container;
  if (container === undefined) return { ...known, state: 'unresolved' };
  return { ...known, container, restartCount: clues.podLog?.containers.get(container) };
}

/** A runtime that only the kubelet drives makes it Kubernetes even where no pod is in the path (kubelet --cgroups-per-qos=false). */
function kindOutsidePods(runtime: ContainerRuntime): ContainerIdentity['kind'] {
  if (runtime === 'docker' || runtime === 'podman') return runtime;
  return runtime === 'unknown' ? 'other' : 'kubernetes';
}

function withPodNames(identity: ContainerIdentity, log: PodLog | undefined): ContainerIdentity {
  return log === undefined ? identity : { ...identity, state: 'resolved', namespace: log.namespace, pod: log.pod };
}

/** Best evidence first: its id as a sandbox of the pod's containers, then how a pause container looks from outside. */
function isSandbox(containerId: string, names: MountNames, clues: IdentityClues): boolean {
  if (clues.sandboxIds?.has(containerId) === true || names.sandboxId === containerId) return true;
  // The kubelet mounts a termination message file into every container but the sandbox.
  if (names.container !== undefined) return false;
  if (clues.exeBasename === 'pause') return true;
  return clues.oomScoreAdj === SANDBOX_OOM_SCORE_ADJ && clues.processCount === 1;
}

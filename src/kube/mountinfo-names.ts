/** The part of a mountinfo line names are taken from. */
export interface MountRoot {
  /** Which directory of its file system is mounted. */
  readonly root: string;
  readonly mountPoint: string;
}

/** What a process's mounts say about its container. */
export interface MountNames {
  /** Container name from the pod's spec. */
  readonly container: string | undefined;
  /** containerd's id of the pod's sandbox: the pause container. */
  readonly sandboxId: string | undefined;
}

/* The kubelet mounts one file of its own into each container, for the termination message: <root>/pods/UID/containers/NAME/HEX. */
const TERMINATION = /\/pods\/([^/]+)\/containers\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/[0-9a-f]+$/;
/* containerd mounts the sandbox's files: <state>/sandboxes/ID/{hostname,resolv.conf,shm}. */
const SANDBOX = /\/sandboxes\/([0-9a-f]{64})\/(?:hostname|resolv\.conf|shm)$/;

/**
 * Takes the container name and the sandbox id out of a process's mounts. Only mounts that carry `podUid`, the UID of the process's own
 * cgroup, name a container: an agent with /var/lib/kubelet mounted and a kubelet inside a container show other pods' too. Of several the
 * mount point nearest the root wins, and of those the last listed, which lies on top.
 * Not a documented interface, but the same since containers had a termination message. Needs no capability.
 * Sources: kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go makeMounts; containerd internal/cri container_create.
 */
export function namesFromMounts(mounts: readonly MountRoot[], podUid: string): MountNames {
  const container = new Nearest();
  const sandbox = new Nearest();
  for (const mount of mounts) {
    const termination = TERMINATION.exec(mount.root);
    if (termination?.[1] === podUid) container.offer(termination[2], mount.mountPoint);
    sandbox.offer(SANDBOX.exec(mount.root)?.[1], mount.mountPoint);
  }
  return { container: container.value, sandboxId: sandbox.value };
}

class Nearest {
  value: string | undefined;
  #depth = Number.POSITIVE_INFINITY;

  offer(value: string | undefined, mountPoint: string): void {
    if (value === undefined) return;
    const depth = mountPoint.split('/').filter((part) => part !== '').length;
    if (depth > this.#depth) return;
    this.value = value;
    this.#depth = depth;
  }
}

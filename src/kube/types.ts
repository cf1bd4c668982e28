/* Who a cgroup belongs to. */

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** How the parts of a cgroup path read, before any name is known. */
export type CgroupRole =
  /** A kubelet's QoS or kubepods level, or a node-level slice. */
  | { readonly role: 'kubepods' | 'qos'; readonly qos: QosClass | undefined }
  | { readonly role: 'pod'; readonly podUid: string; readonly qos: QosClass; readonly staticPod: boolean }
  | {
      readonly role: 'container';
      /** Undefined for a container cgroup outside any pod. */
      readonly podUid: string | undefined;
      readonly qos: QosClass | undefined;
      readonly containerId: string;
      readonly runtime: ContainerRuntime;
      /** The kubelet uses systemd and the runtime cgroupfs: pod limits do not bind. */
      readonly driverMismatch: boolean;
      readonly staticPod: boolean;
    }
  /** A part of a container: `container` of crun, init.scope of systemd in a container, a nested docker. */
  | { readonly role: 'inside'; readonly containerPath: string; readonly depth: number }
  /** A systemd service or scope that is no container. */
  | { readonly role: 'unit'; readonly unit: string }
  /** A container runtime's own process: conmon, an empty sandbox. */
  | { readonly role: 'ignored' }
  | { readonly role: 'other' };

export type ContainerRuntime = 'containerd' | 'cri-o' | 'docker' | 'podman' | 'unknown';

/** A container and what could be learnt of its names. */
export interface ContainerIdentity {
  readonly kind: 'kubernetes' | 'docker' | 'podman' | 'systemd' | 'other';
  /** `resolved`: namespace, pod and container name are known. Never guessed. */
  readonly state: 'resolved' | 'unresolved';
  readonly podUid: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly containerId: string | undefined;
  readonly runtime: ContainerRuntime | undefined;
  readonly qos: QosClass | undefined;
  readonly staticPod: boolean;
  /** The pause container that holds the pod's namespaces. */
  readonly sandbox: boolean;
  readonly driverMismatch: boolean;
  /** Systemd unit, for kind systemd. */
  readonly unit: string | undefined;
  /** From the log directory: how often the kubelet restarted this container. */
  readonly restartCount: number | undefined;
}

import type { Instant } from '../../base/clock.ts';

/* What is kept of a pod as the Kubernetes API tells it: texts as they stand there, bounded in length and number. */

/** `none`: the API is not asked. `api`: list and watch. `kubelet`: the node's own /pods. */
export type PodSourceName = 'none' | 'api' | 'kubelet';

/** Variables the Go runtime reads at start. No other variable of a container is ever kept. */
export const GO_VARIABLES = ['GOMAXPROCS', 'GOMEMLIMIT', 'GOGC', 'GODEBUG', 'GOTRACEBACK'] as const;

/** CPU and memory as quantities (`500m`, `1Gi`); undefined: not given. */
export interface ResourceTexts {
  readonly cpu: string | undefined;
  readonly memory: string | undefined;
}

/** The `resources` of a container, or of a whole pod. */
export interface ResourceFacts {
  readonly requests: ResourceTexts;
  readonly limits: ResourceTexts;
}

/** How a container ended the last time. */
export interface TerminationFacts {
  readonly reason: string | undefined;
  readonly exitCode: number | undefined;
  readonly finishedUnixMs: number | undefined;
}

/** What the kubelet says of a container that was started. */
export interface ContainerStatusFacts {
  /** Without the runtime's prefix; undefined while there is none. */
  readonly containerId: string | undefined;
  /** `sha256:...` of the image that runs. */
  readonly imageDigest: string | undefined;
  readonly restartCount: number | undefined;
  readonly lastTermination: TerminationFacts | undefined;
  /** Resources the kubelet says are in force; undefined before Kubernetes 1.33. */
  readonly resources: ResourceFacts | undefined;
}

export interface ContainerFacts {
  readonly name: string;
  /** `sidecar`: an init container that is kept running (restartPolicy Always). */
  readonly kind: 'container' | 'init' | 'sidecar';
  readonly resources: ResourceFacts;
  /** Of {@link GO_VARIABLES}, those with a literal value. */
  readonly goEnvironment: Readonly<Partial<Record<(typeof GO_VARIABLES)[number], string>>>;
  readonly status: ContainerStatusFacts | undefined;
}

/** A pod of this node. */
export interface PodFacts {
  readonly uid: string;
  /** The uid in the path of its cgroup: of a mirror of a static pod the hash of its file, which is its author's word only, else {@link uid}. */
  readonly cgroupUid: string;
  readonly namespace: string;
  readonly name: string;
  /** The controlling owner, else the first. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** The label of that name: the end of the name of the ReplicaSet that made the pod. */
  readonly podTemplateHash: string | undefined;
  /** At most 32. Not kept in recordings. */
  readonly labels: Readonly<Record<string, string>>;
  /** Only those that begin with `cgopher.dev/`, and of `prometheus.io/` scrape, port, path and scheme. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Resources of the pod as a whole (Kubernetes 1.34); undefined: none given. */
  readonly resources: ResourceFacts | undefined;
  readonly restartPolicy: string | undefined;
  /** A change of resources that is not in force yet. */
  readonly resize: 'deferred' | 'infeasible' | 'in progress' | undefined;
  readonly containers: readonly ContainerFacts[];
}

/** The pods of this node as last told. */
export interface PodsSample {
  readonly source: Exclude<PodSourceName, 'none'>;
  /** Until when the picture is known to be right: now, while a watch is open. Undefined: no list was had yet. */
  readonly at: Instant | undefined;
  /** By {@link PodFacts.cgroupUid}. */
  readonly pods: ReadonlyMap<string, PodFacts>;
}

import type { Limit } from '../base/limit.ts';
import type { ContainerFacts, PodFacts } from '../kube/api/types.ts';
import type { WorkloadOwner } from './workload-owner.ts';

/** Resources as written in a spec. `none`: not asked for. `max`: no limit. Undefined: written, and not a quantity. */
export interface ResourcesModel {
  readonly requestCpuCores: number | 'none' | undefined;
  readonly requestMemoryBytes: number | 'none' | undefined;
  readonly limitCpuCores: Limit | undefined;
  readonly limitMemoryBytes: Limit | undefined;
}

/** What the Kubernetes API says of a container. */
export interface ContainerSpecModel {
  /** How old this is; 0 while a watch is open. */
  readonly ageSeconds: number;
  readonly kind: ContainerFacts['kind'];
  readonly resources: ResourcesModel;
  /** Of the pod as a whole; undefined: it has none of its own. */
  readonly podResources: ResourcesModel | undefined;
  /** Those the kubelet reports as in force for this very container; undefined: it does not say (before Kubernetes 1.33). */
  readonly reported: ResourcesModel | undefined;
  /** A change of the pod's resources that is not in force yet. */
  readonly resize: PodFacts['resize'];
  readonly imageDigest: string | undefined;
  readonly restartCount: number | undefined;
  readonly lastTermination:
    | {
        readonly reason: string | undefined;
        readonly exitCode: number | undefined;
        readonly finishedUnixMs: number | undefined;
      }
    | undefined;
}

/** What the Kubernetes API says of a pod. */
export interface PodSpecModel {
  readonly ageSeconds: number;
  /** Of the Kubernetes object; of a static pod not the one in its cgroup's path. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** The workload it belongs to; undefined: a pod of its own. */
  readonly owner: WorkloadOwner | undefined;
  readonly resources: ResourcesModel | undefined;
  /** Rules that the annotation `cgopher.dev/ignore` names, as written; they may not exist. */
  readonly ignore: readonly string[];
}

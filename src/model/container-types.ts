import type { CpuModel, ThrottlingModel } from './cpu-types.ts';
import type { IoModel } from './io-types.ts';
import type { EffectiveLimits } from './limit-types.ts';
import type { MemoryEventsModel, MemoryModel } from './memory-types.ts';
import type { PidsModel } from './pids-types.ts';
import type { ContainerSpecModel, PodSpecModel } from './pod-spec-types.ts';
import type { PressuresModel } from './pressure-types.ts';

/** Who a workload is. */
export interface WorkloadIdentity {
  readonly kind: 'kubernetes' | 'docker' | 'podman' | 'systemd' | 'other';
  readonly state: 'resolved' | 'unresolved';
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly podUid: string | undefined;
  readonly container: string | undefined;
  readonly containerId: string | undefined;
  readonly unit: string | undefined;
  readonly runtime: string | undefined;
  readonly qos: string | undefined;
  readonly staticPod: boolean;
  readonly driverMismatch: boolean;
  readonly restartCount: number | undefined;
}

/** Where a container may run and where its memory is. */
export interface PlacementModel {
  /** Numbers of the CPUs it may run on: cpuset.cpus.effective of the nearest level that has it. */
  readonly cpus: readonly number[] | undefined;
  /** Anonymous memory by NUMA node, bytes. */
  readonly anonByNode: readonly { readonly node: number; readonly bytes: number }[] | undefined;
}

/** The pause container of a pod. Undefined fields could not be read. */
export interface SandboxModel {
  readonly cgroupPath: string;
  /** Threads and processes. */
  readonly tasks: number | undefined;
  readonly anonBytes: number | undefined;
  /** Short names of its processes, the first few. */
  readonly processes: readonly string[] | undefined;
}

/** One container, or one systemd unit that holds Go processes. */
export interface ContainerModel {
  /** Path and inode: a re-created cgroup of the same name is another subject. */
  readonly key: string;
  readonly cgroupPath: string;
  readonly identity: WorkloadIdentity;
  readonly cpu: CpuModel;
  readonly throttling: ThrottlingModel | undefined;
  readonly memory: MemoryModel;
  readonly pressure: PressuresModel;
  readonly io: IoModel;
  readonly pids: PidsModel;
  readonly effective: EffectiveLimits;
  /** OOM kills since the previous sample in this cgroup; undefined without a previous one. */
  readonly oomKillsInWindow: number | undefined;
  readonly goPids: readonly number[];
  /** Processes whose executable may not be read. */
  readonly unseenProcesses: number;
  /** Only on machines with several NUMA nodes. */
  readonly placement?: PlacementModel;
  /** What the Kubernetes API says of it; left out where it is not asked, and of a container it does not know. */
  readonly spec?: ContainerSpecModel;
}

/** One pod: what outlives its containers. */
export interface PodModel {
  readonly key: string;
  readonly cgroupPath: string;
  readonly podUid: string;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly memoryEvents: MemoryEventsModel | undefined;
  readonly memoryEventsInWindow: MemoryEventsModel | undefined;
  readonly oomKillsInWindow: number | undefined;
  readonly containers: readonly string[];
  /** Left out: no pause container was found in it. */
  readonly sandbox?: SandboxModel;
  /** What the Kubernetes API says of it; left out where it is not asked, and of a pod it does not know. */
  readonly spec?: PodSpecModel;
}

/** A slice, or another cgroup above containers and units that are in no pod: its counters outlive theirs. */
export interface OuterModel {
  readonly cgroupPath: string;
  /** Since it was made, descendants included. */
  readonly oomKillsTotal: number | undefined;
  readonly oomKillsInWindow: number | undefined;
}

import type { Instant } from '../base/clock.ts';
import type { Miss } from '../base/reading.ts';
import type {
  BuildInfo,
  GoEnvironment,
  GoMetrics,
  GoroutineProfile,
  LinkedHandlers,
  MemStats,
  PprofIndex,
} from '../go/types.ts';
import type { Hierarchy } from '../kernel/cgroup/hierarchy.ts';
import type { CgroupSample } from '../kernel/cgroup/types.ts';
import type { NodeFacts } from '../kernel/proc/node-facts.ts';
import type { ProcLimits, ProcStat, ProcStatus } from '../kernel/proc/types.ts';
import type { CgroupLevel } from '../kube/layout.ts';
import type { CgroupRole, ContainerIdentity } from '../kube/types.ts';
import type { Privileges } from './privileges.ts';

/** The node's cgroup set-up. Only `unified` can be judged. */
export type HierarchySample = Pick<Hierarchy, 'mode' | 'controllers' | 'detail'>;

/** A value read from an endpoint and the moment it was true. */
export interface Timed<T> {
  readonly at: Instant;
  readonly value: T;
}

/** What a Go process's own endpoints said last. Each part ages on its own. */
export interface EndpointSample {
  /** `host:port` that answered. */
  readonly address: string;
  /** The process listens where anyone who can route to the pod can ask. */
  readonly beyondLoopback: boolean;
  readonly index: Timed<PprofIndex> | undefined;
  readonly metrics: Timed<GoMetrics> | undefined;
  readonly memStats: (Timed<MemStats> & { readonly source: 'expvar' | 'pprof heap' }) | undefined;
  readonly goroutines: Timed<GoroutineProfile> | undefined;
}

/** One Go process at one instant. */
export interface GoSample {
  readonly pid: number;
  /** Clock ticks since boot; with the pid, the process's identity. */
  readonly startTimeTicks: number;
  /** The cgroup whose cgroup.procs lists it. */
  readonly cgroupPath: string;
  /** The workload's cgroup: the container or unit that holds {@link cgroupPath}. */
  readonly workloadPath: string;
  readonly build: BuildInfo;
  readonly handlers: LinkedHandlers | undefined;
  /** Undefined when /proc/PID/environ may not be read. */
  readonly environment: GoEnvironment | undefined;
  readonly stat: ProcStat;
  readonly status: ProcStatus | undefined;
  readonly limits: ProcLimits | undefined;
  readonly endpoint: EndpointSample | undefined;
  /**
   * memory.stat anon of the workload when the endpoint's memory figures were new, to subtract like from like: they may be a minute old by
   * now, and what the heap grew since would pass for memory outside Go.
   */
  readonly workloadAnonAtEndpoint: number | undefined;
  /** Why there is no endpoint value, for people. */
  readonly endpointDetail: string;
}

/** Processes of one workload whose executable could not be looked at, so whether they are Go is not known. */
export interface UnseenProcesses {
  readonly workloadPath: string;
  readonly count: number;
  readonly detail: string;
}

/** One thing that was read, and what it took: for the agent's own metrics. */
export interface CollectorRun {
  readonly collector: string;
  readonly success: boolean;
  readonly durationSeconds: number;
}

/** Everything read at one instant, with what could not be read and why. */
export interface NodeSample {
  readonly at: Instant;
  readonly hierarchy: HierarchySample;
  readonly facts: NodeFacts;
  readonly privileges: Privileges;
  readonly cgroups: ReadonlyMap<string, CgroupSample>;
  readonly roles: ReadonlyMap<string, CgroupRole>;
  readonly levels: ReadonlyMap<string, CgroupLevel>;
  /** Workload cgroup path to who it is. */
  readonly identities: ReadonlyMap<string, ContainerIdentity>;
  /** By pid. */
  readonly go: ReadonlyMap<number, GoSample>;
  readonly unseen: readonly UnseenProcesses[];
  readonly misses: readonly Miss[];
  readonly collectors: readonly CollectorRun[];
}

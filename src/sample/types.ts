import type { Instant } from '../base/clock.ts';
import type { Miss } from '../base/reading.ts';
import type { ContentionWindow } from '../go/contention-window.ts';
import type { RuntimeSnapshot } from '../go/memory/types.ts';
import type { SiteAccount } from '../go/site-book.ts';
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
import type { PodsSample } from '../kube/api/types.ts';
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
  /** `host:port` that answered, or `unix:/path`. */
  readonly address: string;
  /** As the process bound it: `0.0.0.0:6060`. Undefined for an endpoint that was configured. */
  readonly listen: string | undefined;
  /** The process listens where anyone who can route to the pod can ask. */
  readonly beyondLoopback: boolean;
  readonly index: Timed<PprofIndex> | undefined;
  readonly metrics: Timed<GoMetrics> | undefined;
  readonly memStats: (Timed<MemStats> & { readonly source: 'expvar' | 'pprof heap' }) | undefined;
  /** The last goroutine profile, its 64 largest groups. */
  readonly goroutines: Timed<GoroutineProfile> | undefined;
  /** Goroutine sites of that profile: the largest, and those that grew most since an older one. */
  readonly sites: Timed<SiteAccount> | undefined;
  /** Goroutines that can never run on (goroutineleak, Go 1.27+); undefined unless the plan has it asked for. */
  readonly leaks: Timed<GoroutineProfile> | undefined;
  /** What was recorded between the last two readings; undefined where the program does not record it, and on the first reading. */
  readonly block: Timed<ContentionWindow> | undefined;
  readonly mutex: Timed<ContentionWindow> | undefined;
  /** Readings to hold {@link metrics} and {@link memStats} against: a minute older or somewhat more, once there is such a one. */
  readonly metricsBefore: Timed<GoMetrics> | undefined;
  readonly memStatsBefore: Timed<MemStats> | undefined;
  /** Why a profile is not asked for now, for people; empty while it is asked for on its usual schedule. */
  readonly profileNotes: Readonly<Record<'goroutine' | 'goroutineleak' | 'block' | 'mutex', string>>;
}

/** How far reading a process's memory has come. Only `attested` gives values. */
export type MemoryState = 'attested' | 'pending' | 'off' | 'denied' | 'unsupported' | 'failed';

/** What a Go runtime's own variables said, read from the process's memory without its help. */
export interface MemorySample {
  readonly state: MemoryState;
  /** For people: why there are no values; the method and table used when there are. */
  readonly detail: string;
  readonly snapshot: Timed<RuntimeSnapshot> | undefined;
  /** A snapshot to hold {@link snapshot} against: a minute older or somewhat more, once there is such a one. */
  readonly baseline: Timed<RuntimeSnapshot> | undefined;
  /** Goroutines by creation site, on a slower schedule: `site` is the function they run, `entry` where they were started. */
  readonly sites: Timed<SiteAccount> | undefined;
  /** memory.stat anon of the workload and what the runtime managed, read in one cycle, to subtract like from like. */
  readonly together: { readonly workloadAnon: number; readonly managed: number } | undefined;
}

/** The first process of a container: it is the one the runtime sends SIGTERM to. */
export interface InitProcess {
  readonly pid: number;
  readonly name: string | undefined;
  readonly sigCgt: bigint | undefined;
  readonly sigBlk: bigint | undefined;
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
  /** Open files, from the kernel; undefined before Linux 6.2. */
  readonly openFiles: number | undefined;
  /** Process 1 of its PID namespace, itself or one of its ancestors; undefined: none of them, or not known. */
  readonly init: InitProcess | undefined;
  readonly memory: MemorySample;
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

/** What the pause container of a pod holds; undefined: could not be read. */
export interface SandboxSample {
  readonly inode: number;
  /** pids.current: threads and processes. */
  readonly tasks: number | undefined;
  /** memory.stat anon. */
  readonly anonBytes: number | undefined;
  /** Short names of its processes, the first few. Other people's text. */
  readonly processes: readonly string[] | undefined;
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
  /** Pause containers by cgroup path; left out where none were looked for. */
  readonly sandboxes?: ReadonlyMap<string, SandboxSample>;
  /** By pid. */
  readonly go: ReadonlyMap<number, GoSample>;
  readonly unseen: readonly UnseenProcesses[];
  /** What the Kubernetes API says of this node's pods; left out where it is not asked. */
  readonly pods?: PodsSample;
  readonly misses: readonly Miss[];
  readonly collectors: readonly CollectorRun[];
}

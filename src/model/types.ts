import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import type { Limit } from '../base/limit.ts';
import type { Miss } from '../base/reading.ts';
import type { MemoryState } from '../sample/types.ts';
import type { GcWork } from './gc-work.ts';
import type { ContainerSpecModel, PodSpecModel } from './pod-spec-types.ts';

export type { ContainerSpecModel, PodSpecModel, ResourcesModel } from './pod-spec-types.ts';

/*
 * Meaning in base units: cores, bytes, seconds, ratios 0..1. `undefined` = not known, never zero by default.
 * Fields that end in `Total` are counters since the subject was made; `...Ratio` and `usage...` cover the time between the two samples.
 */

/** Which level of the tree a value belongs to. */
export type Level = 'container' | 'sub-container' | 'pod' | 'qos' | 'kubepods' | 'slice' | 'unit' | 'node';

/** A limit in force: the tightest of a cgroup and all its ancestors, and the level that sets it. */
export interface EffectiveLimit {
  readonly limit: Limit;
  /** The level that sets it; for no limit, the level that was asked about. */
  readonly level: Level;
  readonly cgroupPath: string;
  /** Every ancestor's value was read; false makes the limit an upper bound only. */
  readonly complete: boolean;
}

export interface EffectiveLimits {
  /** Cores (quota / period). */
  readonly cpuCores: EffectiveLimit | undefined;
  /** Quota period of the level that sets it, seconds. */
  readonly cpuPeriodSeconds: number | undefined;
  /** cpu.max.burst of that level, in core-seconds. */
  readonly cpuBurstSeconds: number | undefined;
  readonly memoryMaxBytes: EffectiveLimit | undefined;
  readonly memoryHighBytes: EffectiveLimit | undefined;
  /** cpuset.cpus.effective of the nearest level that has it. */
  readonly cpusetCpus: number | undefined;
}

export interface CpuModel {
  readonly usageSecondsTotal: number | undefined;
  readonly userSecondsTotal: number | undefined;
  readonly systemSecondsTotal: number | undefined;
  readonly usageCores: number | undefined;
  readonly periodsTotal: number | undefined;
  readonly throttledPeriodsTotal: number | undefined;
  readonly throttledSecondsTotal: number | undefined;
  readonly burstPeriodsTotal: number | undefined;
  readonly burstSecondsTotal: number | undefined;
  /** Own cpu.max as cores. */
  readonly limitCores: Limit | undefined;
  readonly weight: number | undefined;
  readonly idle: boolean | undefined;
}

/** Throttling between the two samples at the level where it was worst. */
export interface ThrottlingModel {
  readonly level: Level;
  readonly cgroupPath: string;
  readonly windowSeconds: number;
  readonly periods: number;
  readonly throttledPeriods: number;
  /** Throttled periods / periods. Undefined when no period ran. */
  readonly throttledRatio: number | undefined;
  /** Sum over CPUs, so it may exceed the window. */
  readonly throttledSeconds: number;
}

export interface MemoryEventsModel {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly max: number | undefined;
  readonly oom: number | undefined;
  readonly oomKill: number | undefined;
  readonly oomGroupKill: number | undefined;
}

export interface MemoryModel {
  readonly currentBytes: number | undefined;
  readonly peakBytes: number | undefined;
  readonly minBytes: Limit | undefined;
  readonly lowBytes: Limit | undefined;
  readonly highBytes: Limit | undefined;
  readonly maxBytes: Limit | undefined;
  readonly anonBytes: number | undefined;
  readonly fileBytes: number | undefined;
  readonly kernelBytes: number | undefined;
  readonly slabBytes: number | undefined;
  readonly shmemBytes: number | undefined;
  readonly inactiveFileBytes: number | undefined;
  /** current - inactive_file, not below 0: what the kubelet and cAdvisor call working set. */
  readonly workingSetBytes: number | undefined;
  readonly pageFaultsTotal: number | undefined;
  readonly majorPageFaultsTotal: number | undefined;
  readonly swapCurrentBytes: number | undefined;
  readonly swapMaxBytes: Limit | undefined;
  readonly oomGroup: boolean | undefined;
  /** memory.stat anon_thp: anonymous memory in huge pages. Undefined also where the kernel has none. */
  readonly anonHugeBytes: number | undefined;
  readonly activeFileBytes: number | undefined;
  /** Since the cgroup was made, descendants included. */
  readonly events: MemoryEventsModel | undefined;
  /** Between the two samples. */
  readonly eventsInWindow: MemoryEventsModel | undefined;
  /** Pages that came back soon after they were reclaimed, per second: of files, and of anonymous memory (from swap). */
  readonly fileRefaultsPerSecond: number | undefined;
  readonly anonRefaultsPerSecond: number | undefined;
  /** Change of anonymous memory between the samples, bytes per second. */
  readonly anonGrowthBytesPerSecond: number | undefined;
  /** Change of current between the samples, bytes per second. */
  readonly currentGrowthBytesPerSecond: number | undefined;
}

/** One line of a pressure file. */
export interface StallModel {
  readonly stalledSecondsTotal: number;
  /** Share of the time between the samples, 0..1. */
  readonly stalledRatio: number | undefined;
  readonly avg10Ratio: number;
  readonly avg60Ratio: number;
  readonly avg300Ratio: number;
}

export interface PressureModel {
  readonly some: StallModel | undefined;
  readonly full: StallModel | undefined;
}

export interface PressuresModel {
  readonly cpu: PressureModel | undefined;
  readonly memory: PressureModel | undefined;
  readonly io: PressureModel | undefined;
  readonly irq: PressureModel | undefined;
}

export interface IoDeviceModel {
  readonly device: string;
  readonly readBytesTotal: number | undefined;
  readonly writtenBytesTotal: number | undefined;
  readonly readsTotal: number | undefined;
  readonly writesTotal: number | undefined;
  /** Over the last two readings of io.stat, which may be some cycles old. */
  readonly readBytesPerSecond: number | undefined;
  readonly writtenBytesPerSecond: number | undefined;
  /** io.weight for this device: its own line, else the default. */
  readonly weight: number | undefined;
  /** The cost controller is on for the device, so that io.weight counts (io.stat tells `cost.usage` only then). */
  readonly costControlled: boolean;
}

export interface IoModel {
  readonly devices: readonly IoDeviceModel[] | undefined;
  readonly weight: number | undefined;
  readonly bfqWeight: number | undefined;
}

export interface PidsModel {
  readonly current: number | undefined;
  readonly peak: number | undefined;
  readonly max: Limit | undefined;
  /** The level, own or above, that has used up most of its limit; Kubernetes sets pids.max at the pod. Undefined: none has a limit. */
  readonly nearest: PidsAtLevel | undefined;
  /**
   * false: a limit of some level, or what counts against it, was not read, so another may be nearer. Left out when all were, and
   * when neither {@link nearest} nor {@link max} is known.
   */
  readonly complete?: false;
}

/** Tasks at one level against its limit. */
export interface PidsAtLevel {
  readonly current: number;
  readonly max: number;
  readonly level: Level;
  readonly cgroupPath: string;
}

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

/** GOMAXPROCS the runtime of this version chooses with these inputs, and why. */
export interface ExpectedGomaxprocs {
  readonly value: number | undefined;
  /** The runtime looks at the cgroup's CPU limit. Undefined when that cannot be told. */
  readonly containerAware: boolean | undefined;
  readonly offBecause: 'go-version' | 'go-line' | 'godebug-env' | 'env-gomaxprocs' | undefined;
  /** Who decides the value at start. */
  readonly setBy: 'environment' | 'automaxprocs' | 'runtime' | undefined;
  /** One sentence for a person. */
  readonly reason: string;
  readonly missing: readonly string[];
}

export interface GoSettings {
  readonly gomaxprocs: Known<number> | undefined;
  /** Percent, or off. */
  readonly gogc: Known<number | 'off'> | undefined;
  /** Bytes, or off. */
  readonly gomemlimit: Known<number | 'off'> | undefined;
  /** GODEBUG as set in the environment, else as built in. */
  readonly godebug: Known<string> | undefined;
  /** Settings that two sources tell differently: a call in the program, or a source that is wrong. Never averaged. */
  readonly contradictions: readonly Contradiction[];
}

/** What the sources say of one setting, the one in force first. */
export interface Contradiction {
  readonly setting: 'gomaxprocs' | 'gogc' | 'gomemlimit';
  readonly values: readonly Known<number | 'off'>[];
}

/** Goroutines that are at one place. */
export interface GoroutineSiteModel {
  readonly count: number;
  /** From a profile: the first frame of the program's own code. From memory: the function they run. */
  readonly site: string;
  /** Where they were started. */
  readonly createdBy: string | undefined;
  /** What they wait for, in the runtime's words. */
  readonly cause: string | undefined;
  /** Longest known wait; a lower bound. */
  readonly waitSeconds: number | undefined;
  /** Goroutines more than when the site was first counted, or some hours ago; undefined on the first count. */
  readonly growth: number | undefined;
  /** Over how long. */
  readonly growthSeconds: number | undefined;
  readonly from: 'endpoint' | 'memory';
  readonly ageSeconds: number;
}

/** Waiting that a block or mutex profile recorded between two readings. */
export interface ContentionModel {
  readonly windowSeconds: number;
  readonly events: number;
  /** Summed over goroutines, so it may exceed the window. */
  readonly delaySeconds: number;
  /** Mean delay of the stack at which 99 % of the whole delay is reached, stacks in order of their means. No percentile of delays. */
  readonly delayWeightedP99OfMeansSeconds: number | undefined;
  /** Largest delay first. */
  readonly sites: readonly {
    readonly site: string;
    readonly events: number;
    readonly delaySeconds: number;
    readonly meanDelaySeconds: number;
  }[];
  readonly ageSeconds: number;
}

/** The runtime's own figures, each with its source and age in the detail. */
export interface GoRuntimeModel {
  readonly goroutines: Known<number> | undefined;
  readonly threads: Known<number> | undefined;
  /** Heap size at which the next collection must be done; off when GOGC is off and there is no memory limit. */
  readonly heapGoalBytes: Known<number | 'off'> | undefined;
  /** Which rule of the pacer sets the goal. Undefined: only the runtime's memory tells. */
  readonly goalSetBy: 'GOGC' | 'GOMEMLIMIT' | 'minimum heap' | undefined;
  /** Heap size at which the next collection starts. */
  readonly heapTriggerBytes: Known<number> | undefined;
  /** Heap marked live by the last collection. */
  readonly heapLiveBytes: Known<number> | undefined;
  readonly heapAllocBytes: Known<number> | undefined;
  readonly heapInuseBytes: Known<number> | undefined;
  readonly heapIdleBytes: Known<number> | undefined;
  readonly heapReleasedBytes: Known<number> | undefined;
  readonly stackInuseBytes: Known<number> | undefined;
  /** The runtime's own bookkeeping: mspan, mcache, profiling buckets, GC and other system memory. */
  readonly metadataBytes: Known<number> | undefined;
  /** Sys - HeapReleased: what GOMEMLIMIT governs. */
  readonly managedBytes: Known<number> | undefined;
  /** Sys - HeapSys: stacks and runtime metadata, the part of managed memory that is no heap. */
  readonly nonHeapBytes: Known<number> | undefined;
  readonly gcCycles: Known<number> | undefined;
  readonly forcedGcCycles: Known<number> | undefined;
  readonly gcPauseSecondsTotal: Known<number> | undefined;
  readonly lastGcUnixMs: Known<number> | undefined;
  /** The collection during which the GC CPU limiter was last on; 0: never. */
  readonly gcLimiterLastCycle: Known<number> | undefined;
  /** Ps without work. */
  readonly idleProcessors: Known<number> | undefined;
  /** Goroutines that wait for a P. */
  readonly runnableGoroutines: Known<number> | undefined;
  /** What follows is over a window of one or two minutes, or since the sample before. The window of each is in its detail. */
  /** Share of the program's CPU time that went into collecting. */
  readonly gcCpuRatio: Known<number> | undefined;
  /** 99th percentile of the time a collection stopped the world. */
  readonly gcPauseP99Seconds: Known<number> | undefined;
  /** 99th percentile of the time goroutines were ready to run before they ran. */
  readonly schedulerLatencyP99Seconds: Known<number> | undefined;
  /**
   * What that rests on: how many waits were recorded (the runtime records one in eight), and whether their buckets are too wide to tell
   * more than that it is not below the value and not above `upToSeconds`.
   */
  readonly schedulerLatencyWindow:
    | { readonly observations: number; readonly upToSeconds: number | 'unbounded' | undefined }
    | undefined;
  /** The GC CPU limiter was on during the window. */
  readonly gcLimiterActive: Known<boolean> | undefined;
  /** What collecting cost and what was allocated. Undefined also where the source does not tell the CPU time by class (before Go 1.20). */
  readonly gcWork: Known<GcWork> | undefined;
  /** Age of the oldest endpoint value used, seconds. */
  readonly ageSeconds: number | undefined;
  /** Largest groups of goroutines. */
  readonly goroutineSites: readonly GoroutineSiteModel[] | undefined;
  /** Goroutines that can never run on, as the last goroutineleak profile found; only where such profiles are switched on. */
  readonly leakedGoroutines: Known<number> | undefined;
  /** Where those are, most first. */
  readonly leakedSites:
    | readonly { readonly site: string; readonly count: number; readonly cause: string }[]
    | undefined;
  /** Undefined: the program does not record it, or it was read only once. */
  readonly blocking: ContentionModel | undefined;
  readonly mutexContention: ContentionModel | undefined;
}

/** How the process's memory relates to its cgroup's. */
export interface MemoryAttribution {
  /** RssAnon / anon of the cgroup that the memory limit counts (pod or workload). Above 1 by rounding and timing. */
  readonly anonShare: number | undefined;
  /** That anon - managed memory, not below 0: what GOMEMLIMIT cannot govern (cgo, mmap, other processes). */
  readonly nonGoBytes: number | undefined;
  /** Why {@link nonGoBytes} is not known. */
  readonly detail: string | undefined;
}

/** The process a container is stopped by. */
export interface InitModel {
  readonly pid: number;
  readonly name: string;
  /** It catches SIGTERM, or waits for it with sigwait or signalfd. To process 1 a signal that is neither does nothing at all. */
  readonly handlesSigterm: boolean | undefined;
}

export interface GoProcessModel {
  /** `pid@startTimeTicks`. */
  readonly key: string;
  readonly pid: number;
  readonly containerKey: string | undefined;
  readonly cgroupPath: string;
  /** Short name of the program, for people and labels. */
  readonly name: string;
  readonly goVersion: string;
  readonly goMinor: number;
  readonly mainPath: string | undefined;
  readonly mainModule: string | undefined;
  readonly mainVersion: string | undefined;
  readonly cgoEnabled: boolean | undefined;
  readonly uptimeSeconds: number | undefined;
  readonly settings: GoSettings;
  readonly expectedGomaxprocs: ExpectedGomaxprocs;
  readonly runtime: GoRuntimeModel;
  readonly threads: number | undefined;
  readonly rssBytes: number | undefined;
  readonly rssAnonBytes: number | undefined;
  readonly cpuSecondsTotal: number;
  readonly usageCores: number | undefined;
  readonly affinityCpus: number | undefined;
  readonly openFilesLimit: number | undefined;
  /** From the kernel, else as the program's metrics tell (process_open_fds). */
  readonly openFiles: Known<number> | undefined;
  /** Process 1 of its PID namespace, which gets the container's SIGTERM: itself or an ancestor. Undefined: neither, or not known. */
  readonly init: InitModel | undefined;
  /** Limits at the cgroup the process itself sits in. */
  readonly effective: EffectiveLimits;
  /** cpu.max of that very cgroup in cores: all the runtime looks at. */
  readonly leafCpuLimitCores: Limit | undefined;
  readonly attribution: MemoryAttribution;
  readonly endpoint: string | undefined;
  readonly endpointDetail: string;
  /** net/http/pprof: in the program (undefined: not known), and where its index answered last (undefined: nowhere yet). */
  readonly pprof: {
    readonly linked: boolean | undefined;
    readonly answersAt: string | undefined;
    /** The address its socket is bound to: `0.0.0.0:6060`. */
    readonly listen: string | undefined;
    readonly beyondLoopback: boolean | undefined;
  };
  /** How the process's memory is read, or why it is not. */
  readonly memorySource: { readonly state: MemoryState; readonly detail: string };
}

export interface BlockDeviceModel {
  /** `MAJ:MIN`, as io.stat names it. */
  readonly device: string;
  readonly name: string;
  readonly scheduler: string | undefined;
}

export interface NodeView {
  readonly hostname: string | undefined;
  readonly kernelRelease: string | undefined;
  readonly hierarchy: 'unified' | 'hybrid' | 'v1' | 'none';
  readonly hierarchyDetail: string;
  readonly controllers: readonly string[];
  readonly cpusOnline: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly memoryAvailableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapFreeBytes: number | undefined;
  readonly pressure: PressuresModel;
  readonly sysctls: Readonly<Record<string, string | number>>;
  /** Disks and their schedulers; undefined: not read. */
  readonly blockDevices: readonly BlockDeviceModel[] | undefined;
  /** NUMA nodes and their CPUs. Empty: fewer than two; undefined: not known. */
  readonly numaNodes?: readonly { readonly node: number; readonly cpus: readonly number[] }[] | undefined;
  /** What the agent itself may do; undefined: could not be told. */
  readonly privileges: { readonly ptrace: boolean | undefined; readonly dacReadSearch: boolean | undefined };
}

/** What is known from the Kubernetes API. */
export interface KubernetesModel {
  readonly source: 'api' | 'kubelet';
  readonly pods: number;
  /** Seconds since the pods were last known to be as told; undefined: none was told yet. */
  readonly ageSeconds: number | undefined;
}

/** The node at one instant, as rules and exporters see it. */
export interface NodeModel {
  readonly at: Instant;
  /** Seconds between the two samples; undefined on the first. */
  readonly windowSeconds: number | undefined;
  readonly node: NodeView;
  readonly containers: readonly ContainerModel[];
  readonly pods: readonly PodModel[];
  readonly outer: readonly OuterModel[];
  readonly goProcesses: readonly GoProcessModel[];
  /** How many pods the Kubernetes API told of, and how long ago; left out where it is not asked. */
  readonly kubernetes?: KubernetesModel;
  readonly misses: readonly Miss[];
}

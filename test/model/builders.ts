import type { GoEnvironment, GoMetrics, MemStats } from '../../src/go/types.ts';
import { parseGoVersion } from '../../src/go/version.ts';
import { emptySample } from '../../src/kernel/cgroup/sample-draft.ts';
import type { CgroupSample, CpuStat, MemoryEvents, MemoryStat, Pressure } from '../../src/kernel/cgroup/types.ts';
import { levelOf, roleOf } from '../../src/kube/layout.ts';
import type { ContainerIdentity } from '../../src/kube/types.ts';
import { buildModel } from '../../src/model/build.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { EndpointSample, GoSample, NodeSample, Timed } from '../../src/sample/types.ts';

/* Raw samples as the sampler gives them, one small builder each. What a test does not name was not read. */

export const MIB = 1 << 20;
export const POD_UID = '0b5e3f4a-1111-4222-8333-444455556666';
export const KUBEPODS = '/kubepods';
export const QOS = '/kubepods/burstable';
export const POD = `${QOS}/pod${POD_UID}`;
export const CONTAINER = `${POD}/${'c'.repeat(64)}`;

/** 1000 s after boot; Unix time 1,700,000,000. */
export const NOW = { wallMs: 1_700_000_000_000, monotonicMs: 1_000_000 };
/** Ten seconds before. */
export const BEFORE = { wallMs: 1_699_999_990_000, monotonicMs: 990_000 };

export function cgroup(path: string, over: Partial<CgroupSample> = {}): CgroupSample {
  return { ...emptySample(path, 1), readAtMs: NOW.monotonicMs, slowReadAtMs: NOW.monotonicMs, ...over };
}

/** cpu.max without a limit. */
export const NO_CPU_LIMIT = { quotaUsec: 'max', periodUsec: 100_000 } as const;

/** cpu.max of so many cores at a period of 100 ms. */
export const cpuMax = (cores: number) => ({ quotaUsec: cores * 100_000, periodUsec: 100_000 });

export function cpuStat(over: Partial<CpuStat> = {}): CpuStat {
  return {
    usageUsec: 0,
    userUsec: undefined,
    systemUsec: undefined,
    nrPeriods: undefined,
    nrThrottled: undefined,
    throttledUsec: undefined,
    nrBursts: undefined,
    burstUsec: undefined,
    ...over,
  };
}

export function memoryStat(over: Partial<MemoryStat> = {}): MemoryStat {
  return {
    anon: undefined,
    file: undefined,
    kernel: undefined,
    kernelStack: undefined,
    pagetables: undefined,
    sock: undefined,
    shmem: undefined,
    fileMapped: undefined,
    fileDirty: undefined,
    fileWriteback: undefined,
    swapcached: undefined,
    anonThp: undefined,
    inactiveAnon: undefined,
    activeAnon: undefined,
    inactiveFile: undefined,
    activeFile: undefined,
    unevictable: undefined,
    slabReclaimable: undefined,
    slabUnreclaimable: undefined,
    slab: undefined,
    pgfault: undefined,
    pgmajfault: undefined,
    workingsetRefaultAnon: undefined,
    workingsetRefaultFile: undefined,
    pgscan: undefined,
    pgsteal: undefined,
    ...over,
  };
}

export function memoryEvents(over: Partial<MemoryEvents> = {}): MemoryEvents {
  return {
    low: undefined,
    high: undefined,
    max: undefined,
    oom: undefined,
    oomKill: undefined,
    oomGroupKill: undefined,
    ...over,
  };
}

/** A pressure file whose `some` line has this total and averages of 10, 6 and 3 percent. */
export function pressure(totalUsec: number): Pressure {
  return { some: { avg10: 10, avg60: 6, avg300: 3, totalUsec }, full: undefined };
}

export function identity(over: Partial<ContainerIdentity> = {}): ContainerIdentity {
  return {
    kind: 'kubernetes',
    state: 'resolved',
    podUid: POD_UID,
    namespace: 'shop',
    pod: 'cart-0',
    container: 'cart',
    containerId: 'c'.repeat(64),
    runtime: 'containerd',
    qos: 'Burstable',
    staticPod: false,
    sandbox: false,
    driverMismatch: false,
    unit: undefined,
    restartCount: 0,
    ...over,
  };
}

export function memStats(over: Partial<MemStats> = {}): MemStats {
  return {
    alloc: undefined,
    totalAlloc: undefined,
    sys: undefined,
    mallocs: undefined,
    frees: undefined,
    heapAlloc: undefined,
    heapSys: undefined,
    heapIdle: undefined,
    heapInuse: undefined,
    heapReleased: undefined,
    heapObjects: undefined,
    stackInuse: undefined,
    stackSys: undefined,
    mspanInuse: undefined,
    mspanSys: undefined,
    mcacheInuse: undefined,
    mcacheSys: undefined,
    buckHashSys: undefined,
    gcSys: undefined,
    otherSys: undefined,
    nextGc: undefined,
    lastGcUnixMs: undefined,
    numGc: undefined,
    numForcedGc: undefined,
    recentPausesNs: [],
    gcCpuFraction: undefined,
    ...over,
  };
}

export function goMetrics(over: Partial<GoMetrics> = {}): GoMetrics {
  return {
    goVersion: undefined,
    goroutines: undefined,
    threads: undefined,
    gomaxprocs: undefined,
    gogc: undefined,
    gomemlimit: undefined,
    memStats: memStats(),
    gcPauseCount: undefined,
    gcPauseSumSeconds: undefined,
    heapLive: undefined,
    limiterLastEnabledCycle: undefined,
    cpuGcTotalSeconds: undefined,
    cpuTotalSeconds: undefined,
    cpuIdleSeconds: undefined,
    schedulerLatency: undefined,
    gcPauses: undefined,
    processStartTimeSeconds: undefined,
    processCpuSeconds: undefined,
    processResidentBytes: undefined,
    processOpenFds: undefined,
    processMaxFds: undefined,
    ...over,
  };
}

export const now = <T>(value: T): Timed<T> => ({ at: NOW, value });

export function endpoint(over: Partial<EndpointSample> = {}): EndpointSample {
  return {
    address: '10.0.0.7:6060',
    listen: '0.0.0.0:6060',
    beyondLoopback: true,
    index: undefined,
    metrics: undefined,
    memStats: undefined,
    goroutines: undefined,
    sites: undefined,
    leaks: undefined,
    block: undefined,
    mutex: undefined,
    metricsBefore: undefined,
    memStatsBefore: undefined,
    profileNotes: { goroutine: '', goroutineleak: '', block: '', mutex: '' },
    ...over,
  };
}

export const NO_ENVIRONMENT: GoEnvironment = {
  GOGC: undefined,
  GOMEMLIMIT: undefined,
  GOMAXPROCS: undefined,
  GODEBUG: undefined,
  AUTOMEMLIMIT: undefined,
};

/** The agent does not read this process's memory. */
export const NO_MEMORY: GoSample['memory'] = {
  state: 'denied',
  detail: 'needs SYS_PTRACE',
  snapshot: undefined,
  baseline: undefined,
  sites: undefined,
  together: undefined,
};

/** A Go program with nothing in its environment, on 8 CPUs, whose only thread-second was user time: 100 ticks. */
export function goSample(version = 'go1.26.4', over: Partial<GoSample> = {}): GoSample {
  return {
    pid: 7,
    startTimeTicks: 5000,
    cgroupPath: CONTAINER,
    workloadPath: CONTAINER,
    build: {
      goVersion: parseGoVersion(version)!,
      path: 'example.com/shop/cart',
      main: { path: 'example.com/shop/cart', version: '(devel)', replacedBy: undefined },
      deps: [],
      settings: new Map(),
      defaultGodebug: new Map(),
    },
    handlers: undefined,
    environment: NO_ENVIRONMENT,
    stat: {
      pid: 7,
      comm: 'cart',
      state: 'S',
      ppid: 1,
      utimeTicks: 100,
      stimeTicks: 0,
      numThreads: 9,
      startTimeTicks: 5000,
      rssPages: 0,
    },
    status: status(),
    limits: undefined,
    openFiles: undefined,
    init: undefined,
    memory: NO_MEMORY,
    endpoint: undefined,
    workloadAnonAtEndpoint: undefined,
    endpointDetail: 'links no debug handler',
    ...over,
  };
}

export function status(over: Partial<NonNullable<GoSample['status']>> = {}): NonNullable<GoSample['status']> {
  return {
    name: 'cart',
    uid: 0,
    nsPids: [],
    vmRss: undefined,
    rssAnon: undefined,
    rssFile: undefined,
    rssShmem: undefined,
    vmSwap: undefined,
    vmHwm: undefined,
    threads: 9,
    cpusAllowed: [0, 1, 2, 3, 4, 5, 6, 7],
    capEff: undefined,
    sigCgt: undefined,
    sigBlk: undefined,
    ...over,
  };
}

/** The four levels of a pod without limits, each with what the test adds. */
export function podTree(over: {
  readonly kubepods?: Partial<CgroupSample>;
  readonly qos?: Partial<CgroupSample>;
  readonly pod?: Partial<CgroupSample>;
  readonly container?: Partial<CgroupSample>;
}): CgroupSample[] {
  const none = { cpuMax: NO_CPU_LIMIT, memoryMax: 'max', memoryHigh: 'max' } as const;
  return [
    cgroup(KUBEPODS, { ...none, ...over.kubepods }),
    cgroup(QOS, { ...none, ...over.qos }),
    cgroup(POD, { ...none, ...over.pod }),
    cgroup(CONTAINER, { ...none, ...over.container }),
  ];
}

export function nodeSample(over: {
  readonly at?: NodeSample['at'];
  readonly cgroups?: readonly CgroupSample[];
  readonly identities?: ReadonlyMap<string, ContainerIdentity>;
  readonly go?: readonly GoSample[];
  readonly unseen?: NodeSample['unseen'];
  readonly mode?: NodeSample['hierarchy']['mode'];
  readonly facts?: Partial<NodeSample['facts']>;
}): NodeSample {
  const cgroups = new Map((over.cgroups ?? []).map((sample) => [sample.path, sample]));
  const paths = [...cgroups.keys()];
  return {
    at: over.at ?? NOW,
    hierarchy: { mode: over.mode ?? 'unified', controllers: ['cpu', 'memory', 'io', 'pids'], detail: 'cgroup2' },
    facts: {
      memInfo: undefined,
      pressure: { cpu: undefined, memory: undefined, io: undefined },
      onlineCpus: undefined,
      cpusOnline: undefined,
      uptimeSeconds: undefined,
      bootTimeSeconds: undefined,
      kernelRelease: undefined,
      bootId: undefined,
      hostname: undefined,
      sysctls: {},
      blockDevices: undefined,
      ...over.facts,
    },
    privileges: { ptrace: true, dacReadSearch: true },
    cgroups,
    roles: new Map(paths.map((path) => [path, roleOf(path)])),
    levels: new Map(paths.map((path) => [path, levelOf(path)])),
    identities: over.identities ?? new Map([[CONTAINER, identity()]]),
    go: new Map((over.go ?? []).map((go) => [go.pid, go])),
    unseen: over.unseen ?? [],
    misses: [],
    collectors: [],
  };
}

/** The model of one Go process in a pod's only container. */
export function modelOf(go: GoSample, cgroups: readonly CgroupSample[] = podTree({})): GoProcessModel {
  return buildModel(nodeSample({ cgroups, go: [go] }), undefined).goProcesses[0]!;
}

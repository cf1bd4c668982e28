import type { ContainerModel, PodModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { EffectiveLimit } from '../../src/model/limit-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import type { Thresholds } from '../../src/rules/thresholds.ts';
import type { ContainerContext, PodContext, ProcessContext, Rule, Verdict } from '../../src/rules/types.ts';

/* Models as buildModel gives them, one small builder each: a healthy Go 1.26 program that told everything. */

export const MIB = 1 << 20;
export const CONTAINER_PATH = '/kubepods/pod-a/app';
export const POD_PATH = '/kubepods/pod-a';

/** The defaults of the configuration; a test holds them against it. */
export const THRESHOLDS: Thresholds = {
  goroutineGrowth: {
    warmUpSeconds: 600,
    minAddedGoroutines: 100,
    minAddedRatio: 0.2,
    criticalSecondsToLimit: 3600,
    warningSecondsToLimit: 259_200,
    criticalPerHour: 36_000,
    warningPerHour: 60,
  },
  goroutineLeak: { siteRatio: 0.7, minCounts: 4 },
  numa: { busyCores: 0.5, memoryRatio: 0.1 },
  sandbox: { taskCount: 1, memoryBytes: 8 * MIB },
  gomaxprocs: { warningThrottledRatio: 0.01, criticalThrottledRatio: 0.1 },
  cpuThrottled: { warningRatio: 0.05, criticalRatio: 0.25, minPeriods: 20, minStalledRatio: 0.01 },
  memory: { headroomRatio: 0.1, predictedPeakRatio: 0.9, attributionRatio: 0.8, nonGoRatio: 0.2, stackRatio: 0.2 },
  gc: { cpuRatio: 0.25, effectiveGogcPercent: 10 },
  memoryPressure: { warningRatio: 0.1, criticalFullRatio: 0.05 },
  scheduling: { saturatedRatio: 0.9, latencySeconds: 0.01, waitedRatio: 0.1, minObservations: 500 },
  gcThrottling: { minGcCpuRatio: 0.1, pauseSeconds: 0.01, minWindows: 3 },
  capacity: { warningRatio: 0.8, criticalRatio: 0.95 },
  threads: { warningCount: 500, perProcessor: 20 },
  blocking: { delaySeconds: 0.1, minEvents: 20 },
  io: { waitedRatio: 0.2, competitorRatio: 0.2 },
  restarts: { count: 3, windowSeconds: 1800 },
  clock: { stepSeconds: 1 },
};

export const told = <T>(value: T) => ({ value, from: 'endpoint', detail: 'metrics' }) as const;

export function limitAt(
  limit: number | 'max',
  level: EffectiveLimit['level'] = 'container',
  complete = true,
): EffectiveLimit {
  const cgroupPath = level === 'container' ? CONTAINER_PATH : level === 'pod' ? POD_PATH : `/${level}`;
  return { limit, level, cgroupPath, complete };
}

/** Five waits of a millisecond in a minute. */
export function contention(
  over: Partial<NonNullable<GoProcessModel['runtime']['blocking']>> = {},
): NonNullable<GoProcessModel['runtime']['blocking']> {
  return {
    windowSeconds: 60,
    events: 5,
    delaySeconds: 0.005,
    delayWeightedP99OfMeansSeconds: 0.001,
    sites: [],
    ageSeconds: 0,
    ...over,
  };
}

type ProcessChanges = {
  readonly [K in keyof GoProcessModel]?: GoProcessModel[K] extends object
    ? Partial<GoProcessModel[K]>
    : GoProcessModel[K];
};

/** 2 cores and 512 MiB at the container; GOMAXPROCS 2; 100 MiB live, goal 200, 20 beside the heap, 10 outside Go. */
export function goProcess(over: ProcessChanges = {}): GoProcessModel {
  const base: GoProcessModel = {
    key: '7@5000',
    pid: 7,
    containerKey: `${CONTAINER_PATH}#1`,
    cgroupPath: CONTAINER_PATH,
    name: 'app',
    goVersion: 'go1.26.4',
    goMinor: 26,
    mainPath: 'example.com/app',
    mainModule: 'example.com/app',
    mainVersion: undefined,
    cgoEnabled: false,
    uptimeSeconds: 3600,
    settings: { gomaxprocs: told(2), gogc: told(100), gomemlimit: told('off'), godebug: undefined, contradictions: [] },
    expectedGomaxprocs: {
      value: 2,
      containerAware: true,
      offBecause: undefined,
      setBy: 'runtime',
      reason: 'the runtime takes the CPU limit',
      missing: [],
    },
    runtime: {
      goroutines: told(50),
      threads: told(8),
      heapGoalBytes: told(200 * MIB),
      heapLiveBytes: told(100 * MIB),
      heapAllocBytes: told(150 * MIB),
      heapInuseBytes: told(155 * MIB),
      heapIdleBytes: told(50 * MIB),
      heapReleasedBytes: told(5 * MIB),
      stackInuseBytes: told(MIB),
      managedBytes: told(220 * MIB),
      nonHeapBytes: told(20 * MIB),
      gcCycles: told(40),
      forcedGcCycles: told(0),
      gcPauseSecondsTotal: told(0.1),
      lastGcUnixMs: told(1_700_000_000_000),
      goalSetBy: 'GOGC',
      heapTriggerBytes: told(180 * MIB),
      metadataBytes: told(5 * MIB),
      gcLimiterLastCycle: told(0),
      idleProcessors: told(1),
      runnableGoroutines: told(0),
      gcCpuRatio: told(0.02),
      gcPauseP99Seconds: told(0.0005),
      schedulerLatencyP99Seconds: told(0.0001),
      schedulerLatencyWindow: { observations: 10_000, upToSeconds: undefined },
      gcLimiterActive: told(false),
      gcWork: undefined,
      ageSeconds: 0,
      goroutineSites: undefined,
      leakedGoroutines: told(0),
      leakedSites: [],
      blocking: contention(),
      mutexContention: contention(),
    },
    threads: 8,
    rssBytes: 240 * MIB,
    rssAnonBytes: 230 * MIB,
    cpuSecondsTotal: 100,
    usageCores: 1,
    affinityCpus: 16,
    openFilesLimit: 1024,
    openFiles: { value: 20, from: 'kernel', detail: 'size of /proc/PID/fd' },
    init: { pid: 7, name: 'app', handlesSigterm: true },
    effective: {
      cpuCores: limitAt(2),
      cpuPeriodSeconds: 0.1,
      cpuBurstSeconds: 0,
      memoryMaxBytes: limitAt(512 * MIB),
      memoryHighBytes: limitAt('max'),
      cpusetCpus: 16,
    },
    leafCpuLimitCores: 2,
    attribution: { anonShare: 1, nonGoBytes: 10 * MIB, detail: undefined },
    endpoint: '10.0.0.7:6060',
    endpointDetail: '',
    pprof: { linked: true, answersAt: '127.0.0.1:6060', listen: '127.0.0.1:6060', beyondLoopback: false },
    memorySource: { state: 'attested', detail: '' },
  };
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = base[key as keyof GoProcessModel];
    const nested = typeof old === 'object' && !Array.isArray(old) && typeof value === 'object';
    merged[key] = nested ? { ...old, ...value } : value;
  }
  return merged as unknown as GoProcessModel;
}

/** 1.2 of 2 cores used, 2 of 100 periods throttled, nobody waits; 300 MiB held. */
export function container(over: Partial<ContainerModel> = {}): ContainerModel {
  return {
    key: `${CONTAINER_PATH}#1`,
    cgroupPath: CONTAINER_PATH,
    identity: {
      kind: 'kubernetes',
      state: 'resolved',
      namespace: 'shop',
      pod: 'app-0',
      podUid: 'a',
      container: 'app',
      containerId: 'c'.repeat(64),
      unit: undefined,
      runtime: 'containerd',
      qos: 'Burstable',
      staticPod: false,
      driverMismatch: false,
      restartCount: 0,
    },
    cpu: {
      usageSecondsTotal: 100,
      userSecondsTotal: 90,
      systemSecondsTotal: 10,
      usageCores: 1.2,
      periodsTotal: 1000,
      throttledPeriodsTotal: 20,
      throttledSecondsTotal: 1,
      burstPeriodsTotal: 0,
      burstSecondsTotal: 0,
      limitCores: 2,
      weight: 39,
      idle: false,
    },
    throttling: throttled(0.02),
    memory: memory({}),
    pressure: { cpu: waiting(0), memory: undefined, io: undefined, irq: undefined },
    io: { devices: undefined, weight: undefined, bfqWeight: undefined },
    pids: { current: 9, peak: 9, max: 'max', nearest: undefined },
    effective: goProcess().effective,
    oomKillsInWindow: 0,
    goPids: [7],
    unseenProcesses: 0,
    ...over,
  };
}

/** memory.events with nothing in it. */
export const NO_EVENTS = { low: 0, high: 0, max: 0, oom: 0, oomKill: 0, oomGroupKill: 0 } as const;

export function memory(over: Partial<ContainerModel['memory']>): ContainerModel['memory'] {
  return {
    currentBytes: 300 * MIB,
    peakBytes: 310 * MIB,
    minBytes: 0,
    lowBytes: 0,
    highBytes: 'max',
    maxBytes: 512 * MIB,
    anonBytes: 230 * MIB,
    fileBytes: 20 * MIB,
    kernelBytes: 2 * MIB,
    slabBytes: MIB,
    shmemBytes: 0,
    inactiveFileBytes: 20 * MIB,
    workingSetBytes: 280 * MIB,
    pageFaultsTotal: 1,
    majorPageFaultsTotal: 0,
    swapCurrentBytes: 0,
    swapMaxBytes: 0,
    oomGroup: true,
    anonHugeBytes: 0,
    activeFileBytes: 0,
    events: { ...NO_EVENTS },
    eventsInWindow: { ...NO_EVENTS },
    fileRefaultsPerSecond: 0,
    anonRefaultsPerSecond: 0,
    anonGrowthBytesPerSecond: 0,
    currentGrowthBytesPerSecond: 0,
    ...over,
  };
}

/** A share of `periods` throttled, 50 ms of thread time lost for each, in 10 s. */
export function throttled(
  ratio: number,
  periods = 100,
  level: EffectiveLimit['level'] = 'container',
): NonNullable<ContainerModel['throttling']> {
  return {
    level,
    cgroupPath: limitAt(1, level).cgroupPath,
    windowSeconds: 10,
    periods,
    throttledPeriods: periods * ratio,
    throttledRatio: periods === 0 ? undefined : ratio,
    throttledSeconds: periods * ratio * 0.05,
  };
}

/** cpu.pressure with this share of the window in its `some` line. */
export function waiting(stalledRatio: number | undefined): NonNullable<ContainerModel['pressure']['cpu']> {
  return {
    some: { stalledSecondsTotal: 1, stalledRatio, avg10Ratio: 0, avg60Ratio: 0, avg300Ratio: 0 },
    full: undefined,
  };
}

export function pod(over: Partial<PodModel> = {}): PodModel {
  return {
    key: `${POD_PATH}#1`,
    cgroupPath: POD_PATH,
    podUid: 'a',
    namespace: 'shop',
    pod: 'app-0',
    memoryEvents: { ...NO_EVENTS },
    memoryEventsInWindow: { ...NO_EVENTS },
    oomKillsInWindow: 0,
    containers: [`${CONTAINER_PATH}#1`],
    ...over,
  };
}

export function nodeModel(
  over: Partial<Omit<NodeModel, 'node'>> & { readonly node?: Partial<NodeModel['node']> } = {},
): NodeModel {
  return {
    at: { wallMs: 1_700_000_000_000, monotonicMs: 1_000_000 },
    windowSeconds: 10,
    containers: [],
    pods: [],
    outer: [],
    goProcesses: [],
    misses: [],
    ...over,
    node: {
      hostname: 'n1',
      kernelRelease: '6.12.0',
      hierarchy: 'unified',
      hierarchyDetail: 'cgroup2 at /sys/fs/cgroup',
      controllers: ['cpu', 'memory'],
      cpusOnline: 16,
      memoryTotalBytes: 64 * 1024 * MIB,
      memoryAvailableBytes: 32 * 1024 * MIB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: { cpu: undefined, memory: undefined, io: undefined, irq: undefined },
      sysctls: {},
      blockDevices: [],
      privileges: { ptrace: true, dacReadSearch: true },
      ...over.node,
    },
  };
}

const MOMENT = { at: { wallMs: 1_700_000_000_000, monotonicMs: 1_000_000 }, windowSeconds: 10, thresholds: THRESHOLDS };

/** A process in the usual container and pod. */
export function processContext(process: GoProcessModel): ProcessContext {
  return { process, container: container(), pod: pod(), siblings: [], node: nodeModel().node, ...MOMENT };
}

/** A container with the usual program in it, alone on its node. */
export function containerContext(of: ContainerModel): ContainerContext {
  return { container: of, processes: [goProcess()], neighbours: [of], node: nodeModel().node, ...MOMENT };
}

/** A pod with the usual container, seen before. */
export function podContext(of: PodModel): PodContext {
  return { pod: of, containers: [container()], processes: [goProcess()], firstSeen: false, ...MOMENT };
}

type Of<S extends Rule['subject']> = Extract<Rule, { subject: S }>;
const as = <S extends Rule['subject']>(rule: Rule, subject: S): Of<S> => {
  if (rule.subject !== subject) throw new Error(`${rule.id} judges a ${rule.subject}`);
  return rule as Of<S>;
};

export function judgeProcess(rule: Rule, process: GoProcessModel, over: Partial<ProcessContext> = {}): Verdict {
  const judging = as(rule, 'process');
  const context = { ...processContext(process), ...over };
  return judging.detect(context, judging.observe?.(undefined, context));
}

export function judgeContainer(rule: Rule, of: ContainerModel, over: Partial<ContainerContext> = {}): Verdict {
  return as(rule, 'container').detect({ ...containerContext(of), ...over });
}

export function judgePod(rule: Rule, of: PodModel, over: Partial<PodContext> = {}): Verdict {
  return as(rule, 'pod').detect({ ...podContext(of), ...over });
}

type Holds = Extract<Verdict, { outcome: 'holds' }>;

/** The verdict when it holds; throws with what it is otherwise. */
export function holds(verdict: Verdict): Holds {
  if (verdict.outcome !== 'holds') throw new Error(`does not hold: ${JSON.stringify(verdict)}`);
  return verdict;
}

/** Why it is clear; throws otherwise. */
export function whyClear(verdict: Verdict): string {
  if (verdict.outcome !== 'clear') throw new Error(`is not clear: ${JSON.stringify(verdict)}`);
  return verdict.reason;
}

/** What is missing; throws when it is not unknown. */
export function missing(verdict: Verdict): string {
  if (verdict.outcome !== 'unknown') throw new Error(`is not unknown: ${JSON.stringify(verdict)}`);
  return verdict.missing.join('; ');
}

/** One number of the evidence, by what it is. */
export function evidence(verdict: Verdict, signal: string): number | string | undefined {
  if (verdict.outcome === 'unknown') throw new Error('an unknown verdict has no evidence');
  return verdict.evidence.find((entry) => entry.signal === signal)?.value;
}

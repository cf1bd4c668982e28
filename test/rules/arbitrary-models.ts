import fc from 'fast-check';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { EffectiveLimit } from '../../src/model/limit-types.ts';
import type { ContainerSpecModel } from '../../src/model/pod-spec-types.ts';
import { container, goProcess, limitAt, MIB, memory, told, waiting } from './models.ts';

/* Any model that buildModel could give, with anything that may be undefined left out at random. */

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 6 });
const bytes = fc.integer({ min: 0, max: 4096 }).map((mib) => mib * MIB);
const known = <T>(value: fc.Arbitrary<T>) => maybe(value.map(told));
const level = fc.constantFrom<EffectiveLimit['level'][]>(
  'container',
  'sub-container',
  'pod',
  'qos',
  'kubepods',
  'slice',
  'unit',
);
const limit = (value: fc.Arbitrary<number>) =>
  maybe(
    fc
      .tuple(fc.oneof(value, fc.constant('max' as const)), level, fc.boolean())
      .map(([of, at, complete]) => limitAt(of, at, complete)),
  );
/** 0.01 to 20 cores. */
const cores = fc.integer({ min: 1, max: 2000 }).map((hundredths) => hundredths / 100);
const memoryLimit = fc.integer({ min: 4, max: 4096 }).map((mib) => mib * MIB);
const ratio = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

const effective = fc.record({
  cpuCores: limit(cores),
  cpuPeriodSeconds: maybe(fc.constant(0.1)),
  cpuBurstSeconds: maybe(fc.constantFrom(0, 0.05)),
  memoryMaxBytes: limit(memoryLimit),
  memoryHighBytes: limit(memoryLimit),
  cpusetCpus: maybe(fc.integer({ min: 1, max: 64 })),
});

const settings = fc.record({
  gomaxprocs: known(fc.integer({ min: 1, max: 64 })),
  gogc: known(fc.oneof(fc.constantFrom(0, 50, 100, 400), fc.constant('off' as const))),
  gomemlimit: known(fc.oneof(bytes, fc.constant('off' as const))),
  godebug: fc.constant(undefined),
});

const expected = fc.record({
  value: maybe(fc.integer({ min: 1, max: 64 })),
  containerAware: maybe(fc.boolean()),
  offBecause: maybe(
    fc.constantFrom('go-version' as const, 'go-line' as const, 'godebug-env' as const, 'env-gomaxprocs' as const),
  ),
  setBy: maybe(fc.constantFrom('environment' as const, 'automaxprocs' as const, 'runtime' as const)),
  reason: fc.constant('reason'),
  missing: fc.constantFrom([], ['environment of the process']),
});

const runtime = fc.record({
  heapGoalBytes: known(fc.oneof(bytes, fc.constant('off' as const))),
  heapLiveBytes: known(bytes),
  nonHeapBytes: known(bytes),
  managedBytes: known(bytes),
  heapInuseBytes: known(bytes),
  heapIdleBytes: known(bytes),
  heapReleasedBytes: known(bytes),
  stackInuseBytes: known(bytes.map((value) => value / 8)),
  goroutines: known(fc.nat(100_000)),
  goalSetBy: maybe(fc.constantFrom('GOGC' as const, 'GOMEMLIMIT' as const, 'minimum heap' as const)),
  gcCpuRatio: known(ratio),
  gcLimiterActive: known(fc.boolean()),
  gcCycles: known(fc.nat(1000)),
  gcPauseP99Seconds: known(fc.constantFrom(0, 0.0005, 0.02, 0.3)),
  schedulerLatencyP99Seconds: known(fc.constantFrom(0, 0.0001, 0.05)),
  leakedGoroutines: known(fc.nat(2)),
  forcedGcCycles: known(fc.nat(3)),
});

const attribution = fc.record({
  anonShare: maybe(ratio),
  nonGoBytes: maybe(bytes),
  detail: maybe(fc.constant('detail')),
});

export const anyProcess: fc.Arbitrary<GoProcessModel> = fc
  .record({
    goMinor: fc.integer({ min: 16, max: 27 }),
    settings,
    expectedGomaxprocs: expected,
    runtime,
    attribution,
    effective,
    affinityCpus: maybe(fc.integer({ min: 1, max: 64 })),
    usageCores: maybe(fc.integer({ min: 0, max: 640 }).map((tenths) => tenths / 10)),
    threads: maybe(fc.integer({ min: 1, max: 12_000 })),
    openFiles: known(fc.nat(2000)),
    leafCpuLimitCores: maybe(fc.oneof(cores, fc.constant('max' as const))),
  })
  .map((over) => goProcess(over));

const throttling = maybe(
  fc.tuple(fc.nat(1000), ratio, level, fc.integer({ min: 1, max: 60 })).map(([periods, share, at, windowSeconds]) => {
    const throttledPeriods = Math.floor(periods * share);
    return {
      level: at,
      cgroupPath: limitAt(1, at).cgroupPath,
      windowSeconds,
      periods,
      throttledPeriods,
      throttledRatio: periods === 0 ? undefined : throttledPeriods / periods,
      throttledSeconds: throttledPeriods * 0.2,
    };
  }),
);

/** memory.pressure whose averages agree with the window. */
const waitingLong = (share: number | undefined) => {
  const { some } = waiting(share);
  const line = some === undefined ? undefined : { ...some, avg60Ratio: share ?? 0.5 };
  return { some: line, full: line };
};

const memories = fc
  .record({
    currentBytes: maybe(bytes),
    workingSetBytes: maybe(bytes),
    inactiveFileBytes: maybe(bytes),
    shmemBytes: maybe(bytes),
    peakBytes: maybe(bytes),
    anonBytes: maybe(bytes),
    fileBytes: maybe(bytes),
    highBytes: maybe(fc.oneof(bytes, fc.constant('max' as const))),
    maxBytes: maybe(fc.oneof(bytes, fc.constant('max' as const))),
    anonHugeBytes: maybe(bytes),
    swapCurrentBytes: maybe(bytes),
    swapMaxBytes: maybe(fc.oneof(bytes, fc.constant('max' as const))),
    lowBytes: maybe(fc.oneof(bytes, fc.constant('max' as const))),
    eventsInWindow: maybe(
      fc.record({
        low: maybe(fc.nat(3)),
        high: maybe(fc.nat(3)),
        max: maybe(fc.nat(3)),
        oom: fc.constant(0),
        oomKill: fc.constant(0),
        oomGroupKill: fc.constant(0),
      }),
    ),
    fileRefaultsPerSecond: maybe(fc.nat(500)),
    anonRefaultsPerSecond: maybe(fc.nat(500)),
    currentGrowthBytesPerSecond: maybe(fc.integer({ min: -MIB, max: MIB })),
  })
  .map(memory);

const asked = fc.record({
  requestCpuCores: maybe(fc.oneof(cores, fc.constant('none' as const))),
  requestMemoryBytes: maybe(fc.oneof(bytes, fc.constant('none' as const))),
  limitCpuCores: maybe(fc.oneof(cores, fc.constant('max' as const))),
  limitMemoryBytes: maybe(fc.oneof(memoryLimit, fc.constant('max' as const))),
});

/** What the Kubernetes API says of a container. */
const anySpec: fc.Arbitrary<ContainerSpecModel> = fc.record({
  ageSeconds: fc.constantFrom(0, 60, 600),
  kind: fc.constantFrom('container' as const, 'init' as const, 'sidecar' as const),
  resources: asked,
  podResources: maybe(asked),
  reported: maybe(asked),
  resize: fc.constantFrom(undefined, 'deferred' as const, 'infeasible' as const, 'in progress' as const),
  imageDigest: fc.constant(undefined),
  restartCount: maybe(fc.nat(3)),
  lastTermination: fc.constant(undefined),
});

export const anyContainer: fc.Arbitrary<ContainerModel> = fc
  .record(
    {
      spec: anySpec,
      throttling,
      effective,
      memory: memories,
      cpu: maybe(cores).map((usageCores) => ({ ...container().cpu, usageCores })),
      pressure: fc
        .tuple(maybe(maybe(ratio).map(waiting)), maybe(maybe(ratio).map(waitingLong)))
        .map(([cpu, memoryPressure]) => ({ ...container().pressure, cpu, memory: memoryPressure })),
      oomKillsInWindow: maybe(fc.nat(2)),
      unseenProcesses: fc.nat(2),
    },
    { requiredKeys: ['throttling', 'effective', 'memory', 'cpu', 'pressure', 'oomKillsInWindow', 'unseenProcesses'] },
  )
  .map(container);

import * as z from 'zod';
import { MISS_KINDS } from '../base/reading.ts';
import { RULE_IDS } from '../rules/types.ts';

/*
 * The shape of `cgopher check --json`. A field that was not read is left out. Units are in the names; counters end in Total.
 * The JSON Schema in docs/check.schema.json is generated from this file.
 */

const number = z.number();
const limit = z.union([z.number(), z.literal('max')]);
const level = z.enum(['container', 'sub-container', 'pod', 'qos', 'kubepods', 'slice', 'unit', 'node']);
const provenance = z.enum(['endpoint', 'memory', 'build', 'kernel', 'environment', 'config', 'inferred']);
const known = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, from: provenance, detail: z.string().optional(), ageSeconds: number.optional() });
const stall = z.strictObject({
  stalledSecondsTotal: number,
  stalledRatio: number.optional(),
  avg10Ratio: number,
  avg60Ratio: number,
  avg300Ratio: number,
});
const pressure = z.strictObject({ some: stall.optional(), full: stall.optional() });
const pressures = z.strictObject({
  cpu: pressure.optional(),
  memory: pressure.optional(),
  io: pressure.optional(),
  irq: pressure.optional(),
});
const effectiveLimit = z.strictObject({ limit, level, cgroupPath: z.string(), complete: z.boolean() });
const effective = z.strictObject({
  cpuCores: effectiveLimit.optional(),
  cpuPeriodSeconds: number.optional(),
  cpuBurstSeconds: number.optional(),
  memoryMaxBytes: effectiveLimit.optional(),
  memoryHighBytes: effectiveLimit.optional(),
  cpusetCpus: number.optional(),
});
const numbers = <K extends string>(...keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, number.optional()])) as Record<K, z.ZodOptional<z.ZodNumber>>;
const knownNumbers = <K extends string>(...keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, known(number).optional()])) as Record<
    K,
    z.ZodOptional<ReturnType<typeof known<z.ZodNumber>>>
  >;

const identity = z.strictObject({
  kind: z.enum(['kubernetes', 'docker', 'podman', 'systemd', 'other']),
  state: z.enum(['resolved', 'unresolved']),
  namespace: z.string().optional(),
  pod: z.string().optional(),
  podUid: z.string().optional(),
  container: z.string().optional(),
  containerId: z.string().optional(),
  unit: z.string().optional(),
  runtime: z.string().optional(),
  qos: z.string().optional(),
  staticPod: z.boolean(),
  driverMismatch: z.boolean(),
  restartCount: number.optional(),
});

const memoryEvents = z.strictObject(numbers('low', 'high', 'max', 'oom', 'oomKill', 'oomGroupKill'));

const container = z.strictObject({
  key: z.string(),
  cgroupPath: z.string(),
  identity,
  cpu: z.strictObject({
    ...numbers(
      'usageSecondsTotal',
      'userSecondsTotal',
      'systemSecondsTotal',
      'usageCores',
      'periodsTotal',
      'throttledPeriodsTotal',
      'throttledSecondsTotal',
      'burstPeriodsTotal',
      'burstSecondsTotal',
      'weight',
    ),
    limitCores: limit.optional(),
    idle: z.boolean().optional(),
  }),
  throttling: z
    .strictObject({
      level,
      cgroupPath: z.string(),
      windowSeconds: number,
      periods: number,
      throttledPeriods: number,
      throttledRatio: number.optional(),
      throttledSeconds: number,
    })
    .optional(),
  memory: z.strictObject({
    ...numbers(
      'currentBytes',
      'peakBytes',
      'anonBytes',
      'fileBytes',
      'kernelBytes',
      'slabBytes',
      'shmemBytes',
      'inactiveFileBytes',
      'workingSetBytes',
      'pageFaultsTotal',
      'majorPageFaultsTotal',
      'swapCurrentBytes',
      'anonHugeBytes',
      'activeFileBytes',
      'fileRefaultsPerSecond',
      'anonRefaultsPerSecond',
      'anonGrowthBytesPerSecond',
      'currentGrowthBytesPerSecond',
    ),
    minBytes: limit.optional(),
    lowBytes: limit.optional(),
    highBytes: limit.optional(),
    maxBytes: limit.optional(),
    swapMaxBytes: limit.optional(),
    oomGroup: z.boolean().optional(),
    events: memoryEvents.optional().describe('since the cgroup was made'),
    eventsInWindow: memoryEvents.optional().describe('between the two samples'),
  }),
  pressure: pressures,
  io: z.strictObject({
    devices: z
      .array(
        z.strictObject({
          device: z.string(),
          ...numbers(
            'readBytesTotal',
            'writtenBytesTotal',
            'readsTotal',
            'writesTotal',
            'readBytesPerSecond',
            'writtenBytesPerSecond',
            'weight',
          ),
          costControlled: z.boolean().describe('io.weight counts on this device'),
        }),
      )
      .optional(),
    ...numbers('weight', 'bfqWeight'),
  }),
  pids: z.strictObject({
    ...numbers('current', 'peak'),
    max: limit.optional(),
    nearest: z
      .strictObject({ current: number, max: number, level, cgroupPath: z.string() })
      .optional()
      .describe('the level, own or above, that has used up most of its limit'),
    complete: z.literal(false).optional().describe('there when a level could not be read'),
  }),
  effective,
  oomKillsInWindow: number.optional(),
  goPids: z.array(number),
  unseenProcesses: number,
  placement: z
    .strictObject({
      cpus: z.array(number).optional(),
      anonByNode: z.array(z.strictObject({ node: number, bytes: number })).optional(),
    })
    .optional()
    .describe('on machines with several NUMA nodes: CPUs it may use, and anonymous memory by node'),
});

const contention = z.strictObject({
  windowSeconds: number,
  events: number,
  delaySeconds: number,
  delayWeightedP99OfMeansSeconds: number.optional(),
  sites: z.array(z.strictObject({ site: z.string(), events: number, delaySeconds: number, meanDelaySeconds: number })),
  ageSeconds: number,
});

const goProcess = z.strictObject({
  key: z.string(),
  pid: number,
  container: z.string().optional().describe('key of the container in containers[]'),
  cgroupPath: z.string(),
  name: z.string(),
  goVersion: z.string(),
  module: z.string().optional(),
  moduleVersion: z.string().optional(),
  mainPath: z.string().optional(),
  cgoEnabled: z.boolean().optional(),
  settings: z.strictObject({
    gomaxprocs: known(number).optional(),
    gogc: known(z.union([number, z.literal('off')])).optional(),
    gomemlimit: known(z.union([number, z.literal('off')])).optional(),
    godebug: known(z.string()).optional(),
    contradictions: z
      .array(
        z.strictObject({
          setting: z.enum(['gomaxprocs', 'gogc', 'gomemlimit']),
          values: z.array(known(z.union([number, z.literal('off')]))),
        }),
      )
      .describe('settings that two sources tell differently, the value in force first'),
  }),
  expectedGomaxprocs: z.strictObject({
    value: number.optional(),
    containerAware: z.boolean().optional(),
    offBecause: z.string().optional(),
    setBy: z.string().optional(),
    reason: z.string(),
    missing: z.array(z.string()),
  }),
  runtime: z.strictObject({
    ...knownNumbers(
      'goroutines',
      'threads',
      'heapLiveBytes',
      'heapAllocBytes',
      'heapInuseBytes',
      'heapIdleBytes',
      'heapReleasedBytes',
      'stackInuseBytes',
      'managedBytes',
      'nonHeapBytes',
      'gcCycles',
      'forcedGcCycles',
      'gcPauseSecondsTotal',
      'lastGcUnixMs',
      'heapTriggerBytes',
      'metadataBytes',
      'gcLimiterLastCycle',
      'idleProcessors',
      'runnableGoroutines',
      'gcCpuRatio',
      'gcPauseP99Seconds',
      'schedulerLatencyP99Seconds',
    ),
    goalSetBy: z.enum(['GOGC', 'GOMEMLIMIT', 'minimum heap']).optional(),
    schedulerLatencyWindow: z
      .strictObject({ observations: number, upToSeconds: z.union([number, z.literal('unbounded')]).optional() })
      .optional()
      .describe('recorded waits; upToSeconds: the value is the lower bound of a wide bucket that ends there'),
    gcLimiterActive: known(z.boolean()).optional(),
    gcWork: known(
      z.strictObject({
        coveredSeconds: number,
        collections: number,
        forcedCollections: number.optional(),
        gcCpuSeconds: number,
        programCpuSeconds: number,
        allocatedBytes: number,
        liveBytes: number,
        triggerRoomBytes: number.optional(),
        rootBytes: number.optional(),
      }),
    ).optional(),
    heapGoalBytes: known(z.union([number, z.literal('off')])).optional(),
    ageSeconds: number.optional(),
    leakedGoroutines: known(number).optional(),
    leakedSites: z.array(z.strictObject({ site: z.string(), count: number, cause: z.string() })).optional(),
    blocking: contention.optional(),
    mutexContention: contention.optional(),
    goroutineSites: z
      .array(
        z.strictObject({
          count: number,
          site: z.string().describe('from endpoint: where they are; from memory: the function they run'),
          createdBy: z.string().optional(),
          cause: z.string().optional(),
          waitSeconds: number.optional(),
          growth: number.optional().describe('since growthSeconds ago'),
          growthSeconds: number.optional(),
          from: z.enum(['endpoint', 'memory']),
          ageSeconds: number,
        }),
      )
      .optional(),
  }),
  ...numbers('uptimeSeconds', 'threads', 'rssBytes', 'rssAnonBytes', 'usageCores', 'affinityCpus', 'openFilesLimit'),
  cpuSecondsTotal: number,
  openFiles: known(number).optional(),
  init: z
    .strictObject({ pid: number, name: z.string(), handlesSigterm: z.boolean().optional() })
    .optional()
    .describe('process 1 of its PID namespace'),
  effective,
  leafCpuLimitCores: limit.optional(),
  attribution: z.strictObject({
    anonShare: number.optional(),
    nonGoBytes: number.optional(),
    detail: z.string().optional(),
  }),
  endpoint: z.string().optional(),
  endpointDetail: z.string(),
  pprof: z.strictObject({
    linked: z.boolean().optional(),
    answersAt: z.string().optional(),
    listen: z.string().optional(),
    beyondLoopback: z.boolean().optional(),
  }),
  memorySource: z
    .strictObject({
      state: z.enum(['attested', 'pending', 'off', 'denied', 'unsupported', 'failed']),
      detail: z.string(),
    })
    .describe('how the memory of the process is read, or why it is not'),
});

const subject = z.strictObject({
  kind: z.enum(['process', 'container', 'pod', 'node']),
  key: z.string(),
  namespace: z.string().optional(),
  pod: z.string().optional(),
  container: z.string().optional(),
  cgroupPath: z.string().optional(),
  pid: number.optional(),
  process: z.string().optional(),
});

const finding = z.strictObject({
  rule: z.enum(RULE_IDS),
  severity: z.enum(['info', 'warning', 'critical']),
  state: z.enum(['pending', 'firing', 'resolved']),
  subject,
  summary: z.string(),
  evidence: z.array(
    z.strictObject({
      signal: z.string(),
      value: z.union([number, z.string()]),
      unit: z.string(),
      bound: number.optional(),
      source: z.string(),
    }),
  ),
  remedy: z.strictObject({
    text: z.string(),
    patch: z
      .strictObject({
        kind: z.enum(['env', 'resources', 'go.mod', 'kernel', 'sysctl']),
        set: z.record(z.string(), z.string()),
      })
      .optional(),
  }),
  sinceUnixMs: number,
  evidenceId: z.string().optional().describe('what was behind it, at /evidence/ of the agent that gave this report'),
});

/** `cgopher check --json`. */
export const checkReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  cgopherVersion: z.string(),
  takenAt: z.string().describe('RFC 3339, UTC'),
  windowSeconds: number.optional().describe('time between the two samples; left out with --once'),
  node: z.strictObject({
    hostname: z.string().optional(),
    kernelRelease: z.string().optional(),
    hierarchy: z.enum(['unified', 'hybrid', 'v1', 'none']),
    hierarchyDetail: z.string(),
    controllers: z.array(z.string()),
    ...numbers('cpusOnline', 'memoryTotalBytes', 'memoryAvailableBytes', 'swapTotalBytes', 'swapFreeBytes'),
    pressure: pressures,
    sysctls: z.record(z.string(), z.union([z.string(), number])),
    blockDevices: z
      .array(z.strictObject({ device: z.string(), name: z.string(), scheduler: z.string().optional() }))
      .optional(),
    numaNodes: z
      .array(z.strictObject({ node: number, cpus: z.array(number) }))
      .optional()
      .describe('empty: fewer than two'),
    privileges: z.strictObject({ ptrace: z.boolean().optional(), dacReadSearch: z.boolean().optional() }),
  }),
  containers: z.array(container),
  goProcesses: z.array(goProcess),
  findings: z.array(finding),
  unknown: z
    .array(z.strictObject({ rule: z.enum(RULE_IDS), subject, missing: z.array(z.string()) }))
    .describe('rules that could not judge a subject, and what they would need'),
  misses: z.array(
    z.strictObject({ kind: z.enum(MISS_KINDS), reader: z.string(), source: z.string(), detail: z.string() }),
  ),
});

export type CheckReport = z.infer<typeof checkReportSchema>;

/** The JSON Schema (draft 2020-12) of the report. */
export function checkReportJsonSchema(): unknown {
  return z.toJSONSchema(checkReportSchema);
}

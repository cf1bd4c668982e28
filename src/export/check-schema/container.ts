import * as z from 'zod';
import { effectiveSchema } from './effective-limits.ts';
import { pressuresSchema } from './pressure.ts';
import { level, limit, number, numbers } from './values.ts';

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

/** One container, or one systemd unit that holds Go processes. */
export const containerSchema = z.strictObject({
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
  pressure: pressuresSchema,
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
  effective: effectiveSchema,
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

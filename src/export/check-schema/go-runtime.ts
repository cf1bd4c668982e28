import * as z from 'zod';
import { known, knownNumbers, number } from './values.ts';

const contention = z.strictObject({
  windowSeconds: number,
  events: number,
  delaySeconds: number,
  delayWeightedP99OfMeansSeconds: number.optional(),
  sites: z.array(z.strictObject({ site: z.string(), events: number, delaySeconds: number, meanDelaySeconds: number })),
  ageSeconds: number,
});

/** The runtime's own figures, each with its source. */
export const goRuntimeSchema = z.strictObject({
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
});

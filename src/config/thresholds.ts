import * as z from 'zod';
import { count, ratio } from './fields.ts';

/** A warning bound may not lie above its critical bound. */
function ordered(warning: string, critical: string) {
  return {
    check: (value: Record<string, number>) => (value[warning] ?? 0) <= (value[critical] ?? 0),
    params: { path: [warning], error: `must not be above ${critical}` },
  };
}

const throttled = ordered('warningRatio', 'criticalRatio');
const gomaxprocs = ordered('warningThrottledRatio', 'criticalThrottledRatio');

/** Every number the rules decide by, with its unit in its name and the reason for its default. */
export const thresholdsSchema = z.strictObject({
  cpuThrottled: z
    .strictObject({
      warningRatio: ratio(
        0.05,
        'Share of enforcement periods with throttling. At 5 % about one request in twenty can meet a stall of up to one period.',
      ),
      criticalRatio: ratio(0.25, 'At a quarter of the periods the stalls show in the median, not only in the tail.'),
      minStalledRatio: ratio(
        0.01,
        'Share of the time in which some task waited for CPU: throttling nobody waits for is no finding.',
      ),
      minPeriods: count(
        20,
        100_000,
        'Periods that must have passed: with fewer, one throttled period moves the ratio by over 5 %.',
      ),
    })
    .refine(throttled.check, throttled.params)
    .prefault({}),
  gomaxprocs: z
    .strictObject({
      warningThrottledRatio: ratio(
        0.01,
        'GOMAXPROCS above the limit is harmless until it throttles; 1 % is above the noise of a start-up burst.',
      ),
      criticalThrottledRatio: ratio(
        0.1,
        'Throttled in one period of ten: GC assists and the scheduler stall together.',
      ),
    })
    .refine(gomaxprocs.check, gomaxprocs.params)
    .prefault({}),
  memory: z
    .strictObject({
      headroomRatio: ratio(
        0.1,
        'Share of the memory limit kept free of GOMEMLIMIT: the limit is soft, and the kernel counts pages Go does not.',
      ),
      predictedPeakRatio: ratio(0.9, 'A predicted peak above this share of the memory limit counts as near it.'),
      attributionRatio: ratio(
        0.8,
        "Share of a cgroup's anonymous memory one process must hold before the cgroup's memory is set against its runtime.",
      ),
    })
    .prefault({}),
  engine: z
    .strictObject({
      forCycles: count(2, 1000, 'Cycles in a row a rule must hold before it fires: one sample can be an accident.'),
      clearCycles: count(2, 1000, 'Cycles in a row a rule must be clear before its finding is resolved: no flapping.'),
    })
    .prefault({}),
});

/** See {@link thresholdsSchema}. */
export type Thresholds = z.output<typeof thresholdsSchema>;

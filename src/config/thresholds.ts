import * as z from 'zod';
import { count, duration, ratio, seconds } from './fields.ts';

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
      nonGoRatio: ratio(
        0.2,
        'Memory outside the Go runtime as a share of all anonymous memory: a fifth is twice what the usual headroom covers.',
      ),
      stackRatio: ratio(
        0.2,
        'Goroutine stacks as a share of the memory limit: a fifth is more than the usual headroom, and the collector cannot free it.',
      ),
    })
    .prefault({}),
  gc: z
    .strictObject({
      cpuRatio: ratio(
        0.25,
        'Share of CPU time spent collecting. A collection takes a quarter of GOMAXPROCS while it runs, so more means one after another.',
      ),
      effectiveGogcPercent: count(
        10,
        1000,
        'Room between live heap and goal as GOGC: below 10 the heap is collected whole for each tenth of it (golang/go#58106).',
      ),
    })
    .prefault({}),
  memoryPressure: z
    .strictObject({
      warningRatio: ratio(
        0.1,
        'Share of the time in which some task waited for memory; healthy services are below 1 %.',
      ),
      criticalFullRatio: ratio(0.05, 'Share of the time in which every task waited: nothing was done at all.'),
    })
    .prefault({}),
  scheduling: z
    .strictObject({
      saturatedRatio: ratio(
        0.9,
        'CPU used as a share of GOMAXPROCS: above it every P is busy nearly all the time, and work waits for one.',
      ),
      latencySeconds: seconds(
        0.01,
        60,
        'Wait for a P at the 99th percentile. 10 ms is the time slice after which Go preempts; healthy services wait microseconds.',
      ),
      waitedRatio: ratio(
        0.1,
        'Share of the time in which some task waited for CPU: a tenth is felt, and without throttling neighbours took it.',
      ),
      minObservations: count(
        500,
        10_000_000,
        'Waits for a P in the window. The runtime records one in eight; with 500, five are above the 99th percentile, so one slow start is no finding.',
      ),
    })
    .prefault({}),
  gcThrottling: z
    .strictObject({
      minGcCpuRatio: ratio(
        0.1,
        'Share of CPU time spent collecting. With less, the quota would be used up by the program itself.',
      ),
      pauseSeconds: seconds(
        0.01,
        60,
        'Pause at the 99th percentile. Go stops the world for less than 1 ms; 10 ms is a tenth of the usual enforcement period.',
      ),
      minWindows: count(
        3,
        20,
        'Windows between two looks with a collection (or with more of them), and as many without (or with fewer), that must be compared: two may agree by chance.',
      ),
    })
    .prefault({}),
  capacity: z
    .strictObject({
      warningRatio: ratio(0.8, 'Use of a hard limit such as tasks or open files: a fifth is left for a burst.'),
      criticalRatio: ratio(0.95, 'Use of a hard limit at which the next burst fails.'),
    })
    .refine(throttled.check, throttled.params)
    .prefault({}),
  threads: z
    .strictObject({
      warningCount: count(
        500,
        10_000,
        'Threads of one program. The runtime ends the program at 10,000; a service with blocking file access has tens.',
      ),
      perProcessor: count(
        20,
        10_000,
        'Threads for each of GOMAXPROCS: the rest of them sit in system calls or C code.',
      ),
    })
    .prefault({}),
  blocking: z
    .strictObject({
      delaySeconds: seconds(
        0.1,
        3600,
        'Mean wait at the stacks that make up the worst hundredth of all waiting on locks: a tenth of a second is felt by a person.',
      ),
      minEvents: count(20, 1_000_000, 'Recorded waits in the window: fewer can be one slow start.'),
    })
    .prefault({}),
  io: z
    .strictObject({
      waitedRatio: ratio(0.2, 'Share of the time in which some task of the container waited for a device.'),
      competitorRatio: ratio(0.2, "Share of a device's bytes one container must move to count as a competitor for it."),
    })
    .prefault({}),
  restarts: z
    .strictObject({
      count: count(3, 100, 'Starts of one container within the window: two may be a rollout of its configuration.'),
      windowSeconds: seconds(
        1800,
        86_400,
        'Over how long starts are counted: the kubelet waits up to five minutes between two, so six fit in.',
      ),
    })
    .prefault({}),
  clock: z
    .strictObject({
      stepSeconds: seconds(
        1,
        3600,
        'Jump of the wall clock between two looks: time services slew smaller differences, at most 0.5 ms a second.',
      ),
    })
    .prefault({}),
  goroutineGrowth: z
    .strictObject({
      warmUpSeconds: seconds(
        600,
        86_400,
        'A program starts its pools in its first minutes: growth there is believed only when it takes almost two thirds of the free memory.',
      ),
      minAddedGoroutines: count(100, 10_000_000, 'Fewer added goroutines are a fraction of a megabyte.'),
      minAddedRatio: ratio(0.2, 'Added goroutines / goroutines at the beginning: less drowns in what is normal.'),
      criticalSecondsToLimit: seconds(
        3600,
        31_536_000,
        'Within the hour nobody has time to look before the kernel kills.',
      ),
      warningSecondsToLimit: seconds(259_200, 31_536_000, 'Three days: it should not run out over a weekend.'),
      criticalPerHour: count(36_000, 1_000_000_000, 'Ten a second, where no memory limit tells how urgent it is.'),
      warningPerHour: count(60, 1_000_000_000, 'One a minute is a leak for every service that runs for weeks.'),
    })
    .prefault({}),
  goroutineLeak: z
    .strictObject({
      siteRatio: ratio(
        0.7,
        'Share of the added goroutines at one place: traffic grows in several places at once, a leak in one and what it holds on to.',
      ),
      minCounts: count(
        4,
        1000,
        'Counts of a place in which none of its goroutines left. Of goroutines that come and go, three counts in a row rise by chance now and then.',
      ),
    })
    .prefault({}),
  numa: z
    .strictObject({
      busyCores: z
        .number()
        .min(0.001)
        .max(8192)
        .default(0.5)
        .meta({ description: 'CPU used, in cores: below half a core it does not matter where memory is.' }),
      memoryRatio: ratio(
        0.1,
        'Share of the anonymous memory on the second node: the kernel spills a few pages over on any machine, a tenth is placed there.',
      ),
    })
    .prefault({}),
  sandbox: z
    .strictObject({
      taskCount: count(
        1,
        1000,
        'Tasks of a pause container. The pause program of Kubernetes has one thread; one written in Go has a handful.',
      ),
      memoryBytes: count(
        8_388_608,
        1_073_741_824,
        'Anonymous memory of a pause container, 8 MiB. The pause program needs tens of KiB, one written in Go two or three MiB.',
      ),
    })
    .prefault({}),
  engine: z
    .strictObject({
      forCycles: count(2, 1000, 'Cycles in a row a rule must hold before it fires: one sample can be an accident.'),
      clearCycles: count(2, 1000, 'Cycles in a row a rule must be clear before its finding is resolved: no flapping.'),
      coolDown: duration(
        'A finding that comes back so soon after it was resolved is the old one: it fires at once and keeps its beginning. Five minutes is how long Alertmanager waits by default before it tells of a change in a group.',
        { minMs: 0, maxMs: 86_400_000 },
      ).prefault('5m'),
    })
    .prefault({}),
});

/** See {@link thresholdsSchema}. */
export type Thresholds = z.output<typeof thresholdsSchema>;

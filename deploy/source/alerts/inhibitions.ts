import type { RuleId } from '../../../src/rules/types.ts';

/** While the cause fires for a subject, its symptoms there are not told apart. */
export interface Inhibition {
  readonly cause: RuleId;
  readonly symptoms: readonly RuleId[];
  readonly why: string;
}

/**
 * What explains what. A symptom is only held back while its cause is told with at least the same severity, so nothing gets less urgent by
 * it. Two alerts that hold each other back would both be silent: a test forbids circles.
 */
export const inhibitions: readonly Inhibition[] = [
  {
    cause: 'GomaxprocsNotContainerAware',
    symptoms: ['GomaxprocsAboveCpuLimit'],
    why: 'the same GOMAXPROCS, and the cause says which switch makes it right',
  },
  {
    cause: 'GomaxprocsMissesAncestorLimit',
    symptoms: ['GomaxprocsAboveCpuLimit'],
    why: 'the same GOMAXPROCS, and the cause says which limit was not seen',
  },
  {
    cause: 'StaleCpuLimit',
    symptoms: ['GomaxprocsAboveCpuLimit', 'GomaxprocsBelowCpuLimit'],
    why: 'it fitted the limit before; a restart mends both',
  },
  {
    cause: 'GomaxprocsAboveCpuLimit',
    symptoms: ['CpuThrottled', 'CpuThrottledByGc', 'GcPauseStretchedByThrottling'],
    why: 'too many Ps use up the quota; the change to all of them is the same GOMAXPROCS',
  },
  {
    cause: 'GomaxprocsBelowCpuLimit',
    symptoms: ['SchedulerLatencyHigh'],
    why: 'goroutines wait for a P because there are too few',
  },
  {
    cause: 'CpuThrottledByGc',
    symptoms: ['CpuThrottled', 'GcPauseStretchedByThrottling'],
    why: 'it says what uses up the quota',
  },
  {
    cause: 'CpuThrottled',
    symptoms: ['GcPauseStretchedByThrottling', 'SchedulerLatencyHigh'],
    why: 'what is stopped by the quota can neither end a pause nor run a goroutine',
  },
  {
    cause: 'GcDeathSpiral',
    symptoms: ['CpuThrottledByGc', 'CpuThrottled', 'GcPauseStretchedByThrottling'],
    why: 'the collector takes the CPU because memory is short: memory is to be mended, not CPU',
  },
  {
    cause: 'StaleMemoryLimit',
    symptoms: ['GomemlimitAboveMemoryLimit'],
    why: 'GOMEMLIMIT fitted the limit before',
  },
  {
    cause: 'GomemlimitAboveMemoryLimit',
    symptoms: ['NextGcBeyondMemoryLimit'],
    why: 'the collection comes too late because GOMEMLIMIT does; the change is the same',
  },
  {
    cause: 'NextGcBeyondMemoryLimit',
    symptoms: ['GomemlimitMissing'],
    why: 'the same missing setting, and nearer to the kill',
  },
  {
    cause: 'GomemlimitAboveMemoryHigh',
    symptoms: ['MemoryPressure'],
    why: 'the waiting is that at memory.high',
  },
  {
    cause: 'SwapUnderGc',
    symptoms: ['MemoryPressure'],
    why: 'the waiting is that for swap',
  },
  {
    cause: 'ThpInflatesRss',
    symptoms: ['NonGoMemory'],
    why: 'what looks like memory outside Go are huge pages over memory the runtime gave back',
  },
  {
    cause: 'OomKilled',
    // Not ContainerRestartLoop: it outlasts the kill by half an hour, and would be told when all is over.
    symptoms: ['MemoryPressure'],
    why: 'the waiting came before the kill',
  },
  {
    cause: 'GoroutineLeak',
    symptoms: ['GoroutineGrowth', 'StackMemory'],
    why: 'it names the lines of the goroutines that make the others fire',
  },
  {
    cause: 'StalledAfterSiblingExit',
    symptoms: ['GoroutineGrowth', 'StackMemory'],
    why: 'the same goroutines, and it names the container they wait for',
  },
  {
    cause: 'GoroutineGrowth',
    symptoms: ['StackMemory'],
    why: 'the stacks are those of the goroutines that grow',
  },
  {
    cause: 'ThreadGrowth',
    symptoms: ['PidsNearLimit'],
    why: 'the threads are what fills pids.max',
  },
  {
    cause: 'NodeNotUnifiedCgroupV2',
    symptoms: ['ControllersMissing'],
    why: 'the controllers are in the other hierarchy',
  },
];

/** What a rule explains, directly. */
export function symptomsOf(cause: RuleId): readonly RuleId[] {
  return inhibitions.filter((inhibition) => inhibition.cause === cause).flatMap(({ symptoms }) => symptoms);
}

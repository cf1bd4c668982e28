import type { RuleId } from '../../../src/rules/types.ts';

/** A number told in the description of an alert, asked when it fires. Where the query gives nothing, nothing is said. */
export interface Figure {
  /** The sentence, with `{}` where the number goes. */
  readonly say: string;
  /** PromQL that gives one value. `SUBJECT` stands for the label matchers of the alert's subject. */
  readonly query: string;
  /** A function of Prometheus's templates. */
  readonly as: 'humanize' | 'humanize1024' | 'humanizePercentage' | 'humanizeDuration';
}

const gomaxprocs: Figure = {
  say: 'GOMAXPROCS is {}.',
  query: 'max(cgopher_go_gomaxprocs_threads{SUBJECT})',
  as: 'humanize',
};
const cpuLimit: Figure = {
  say: 'The CPU limit is {} cores.',
  query: 'min(cgopher_container_cpu_effective_limit_cores{SUBJECT})',
  as: 'humanize',
};
const throttled: Figure = {
  say: 'It was throttled in {} of the periods of the last 5 minutes.',
  query: 'max(container:cgopher_container_cpu_throttled_periods_per_periods:ratio_rate5m{SUBJECT})',
  as: 'humanizePercentage',
};
const memoryLimit: Figure = {
  say: 'The memory limit is {}B.',
  query: 'min(cgopher_container_memory_effective_max_bytes{SUBJECT})',
  as: 'humanize1024',
};
const gomemlimit: Figure = {
  say: 'GOMEMLIMIT is {}B.',
  query: 'max(cgopher_go_gomemlimit_bytes{SUBJECT})',
  as: 'humanize1024',
};
const heapGoal: Figure = {
  say: 'The heap goal is {}B.',
  query: 'max(cgopher_go_heap_goal_bytes{SUBJECT})',
  as: 'humanize1024',
};
const gcCpu: Figure = {
  say: 'The collector takes {} of its CPU time.',
  query: 'max(container:cgopher_go_gc_cpu_per_process_cpu:ratio_rate5m{SUBJECT})',
  as: 'humanizePercentage',
};
const pause: Figure = {
  say: 'Pauses of the collector take {} at the 99th percentile.',
  query: 'max(cgopher_go_gc_pause_p99_seconds{SUBJECT})',
  as: 'humanizeDuration',
};
const outsideGo: Figure = {
  say: '{}B are outside the Go runtime.',
  query: 'max(cgopher_go_unmanaged_memory_bytes{SUBJECT})',
  as: 'humanize1024',
};
const goroutines: Figure = {
  say: 'It has {} goroutines.',
  query: 'max(container:cgopher_go_goroutines:sum{SUBJECT})',
  as: 'humanize',
};
const stalled = (resource: 'cpu' | 'memory' | 'io'): Figure => ({
  say: `Some task waited for ${resource === 'cpu' ? 'CPU' : resource === 'io' ? 'I/O' : resource} {} of the last 5 minutes.`,
  query: `max(container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="${resource}",extent="some"})`,
  as: 'humanizePercentage',
});

/** The numbers worth reading first. Rules whose evidence is no metric have none: the finding itself has it. */
export const figures: Readonly<Partial<Record<RuleId, readonly Figure[]>>> = {
  GomaxprocsAboveCpuLimit: [gomaxprocs, cpuLimit, throttled],
  GomaxprocsNotContainerAware: [gomaxprocs, cpuLimit],
  GomaxprocsMissesAncestorLimit: [gomaxprocs, cpuLimit],
  GomaxprocsBelowCpuLimit: [gomaxprocs, cpuLimit],
  GomaxprocsIgnoresCpuset: [
    gomaxprocs,
    { say: 'It may run on {} CPUs.', query: 'min(cgopher_container_cpuset_cpus{SUBJECT})', as: 'humanize' },
  ],
  StaleCpuLimit: [gomaxprocs, cpuLimit],
  FractionalCpuLimit: [cpuLimit, throttled],
  CpuThrottled: [cpuLimit, throttled],
  CpuThrottledByGc: [throttled, gcCpu],
  GcPauseStretchedByThrottling: [pause, throttled],
  SchedulerLatencyHigh: [
    {
      say: 'Goroutines wait {} at the 99th percentile.',
      query: 'max(cgopher_go_scheduler_latency_p99_seconds{SUBJECT})',
      as: 'humanizeDuration',
    },
  ],
  GomemlimitMissing: [heapGoal, memoryLimit],
  GomemlimitAboveMemoryLimit: [gomemlimit, outsideGo, memoryLimit],
  NextGcBeyondMemoryLimit: [heapGoal, outsideGo, memoryLimit],
  GcOffUnbounded: [memoryLimit],
  GcDeathSpiral: [gcCpu, gomemlimit],
  GomemlimitAboveMemoryHigh: [gomemlimit, stalled('memory')],
  NonGoMemory: [outsideGo, memoryLimit],
  StackMemory: [
    { say: 'Stacks take {}B.', query: 'max(cgopher_go_stack_inuse_bytes{SUBJECT})', as: 'humanize1024' },
    goroutines,
  ],
  MemoryPressure: [stalled('memory')],
  StaleMemoryLimit: [gomemlimit, memoryLimit],
  SwapUnderGc: [
    { say: '{}B are in swap.', query: 'max(cgopher_container_memory_swap_current_bytes{SUBJECT})', as: 'humanize1024' },
  ],
  IoWeightDefaultUnderContention: [stalled('io')],
  GoroutineGrowth: [goroutines],
  GoroutineLeak: [
    {
      say: '{} goroutines can never run on.',
      query: 'max(cgopher_go_leaked_goroutines{SUBJECT})',
      as: 'humanize',
    },
  ],
  ThreadGrowth: [{ say: 'It has {} threads.', query: 'max(cgopher_go_process_threads{SUBJECT})', as: 'humanize' }],
};

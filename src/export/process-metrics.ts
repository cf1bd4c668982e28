import type { GoProcessModel } from '../model/go-process-types.ts';
import { bounded, labelText } from './labels.ts';
import { finite, type Metric, single } from './metric.ts';

type Row = Metric<GoProcessModel>;
const gauge = (name: string, help: string, value: (p: GoProcessModel) => number | undefined): Row =>
  single('gauge', `cgopher_go_${name}`, help, value);
const counter = (name: string, help: string, value: (p: GoProcessModel) => number | undefined): Row =>
  single('counter', `cgopher_go_${name}`, help, value);

const go: readonly Row[] = [
  {
    name: 'cgopher_go_info',
    help: 'Go version and main module of the process. Always 1.',
    type: 'gauge',
    labels: ['go_version', 'module', 'module_version'],
    collect: (p, emit) => {
      emit(
        1,
        labelText(
          ['go_version', 'module', 'module_version'],
          [p.goVersion, p.mainModule ?? '', p.mainVersion ?? ''].map(bounded),
        ),
      );
    },
  },
  {
    name: 'cgopher_go_gomaxprocs_threads',
    help: 'GOMAXPROCS in force, and where the value comes from.',
    type: 'gauge',
    labels: ['from'],
    collect: (p, emit) => {
      const known = p.settings.gomaxprocs;
      if (known !== undefined) emit(known.value, `from="${known.from}"`);
    },
  },
  gauge(
    'gomaxprocs_expected_threads',
    'GOMAXPROCS this Go version chooses with these limits and settings.',
    (p) => p.expectedGomaxprocs.value,
  ),
  {
    name: 'cgopher_go_gogc_ratio',
    help: 'GOGC as a ratio (100 percent is 1), and where the value comes from. Absent when off.',
    type: 'gauge',
    labels: ['from'],
    collect: (p, emit) => {
      const known = p.settings.gogc;
      if (known !== undefined && known.value !== 'off') emit(known.value / 100, `from="${known.from}"`);
    },
  },
  {
    name: 'cgopher_go_gomemlimit_bytes',
    help: 'GOMEMLIMIT, and where the value comes from. Absent when not set.',
    type: 'gauge',
    labels: ['from'],
    collect: (p, emit) => {
      const known = p.settings.gomemlimit;
      if (known !== undefined && known.value !== 'off') emit(known.value, `from="${known.from}"`);
    },
  },
  {
    name: 'cgopher_go_runtime_source_info',
    help: 'Where the figures of the runtime come from: state of the reading of its memory, and whether an endpoint answers. Always 1.',
    type: 'gauge',
    labels: ['memory', 'endpoint'],
    collect: (p, emit) => {
      emit(1, `memory="${p.memorySource.state}",endpoint="${p.endpoint === undefined ? 'none' : 'answers'}"`);
    },
  },
  gauge(
    'contradicted_settings',
    'Settings of which two sources say different things, as after a call in the program.',
    (p) => p.settings.contradictions.length,
  ),
  gauge('goroutines', 'Goroutines, from the newest source that tells.', (p) => p.runtime.goroutines?.value),
  gauge(
    'runnable_goroutines',
    'Goroutines that wait for a processor of the runtime. Only from memory.',
    (p) => p.runtime.runnableGoroutines?.value,
  ),
  gauge(
    'leaked_goroutines',
    'Goroutines that can never run on, by the last goroutineleak profile. Absent unless such profiles are switched on.',
    (p) => p.runtime.leakedGoroutines?.value,
  ),
  gauge('endpoint_age_seconds', 'Age of the oldest endpoint value used.', (p) => p.runtime.ageSeconds),
];

const goMemory: readonly Row[] = [
  gauge(
    'heap_goal_bytes',
    'Heap size at which the next collection must be done. Absent when the collector is off.',
    (p) => finite(p.runtime.heapGoalBytes?.value),
  ),
  gauge(
    'heap_trigger_bytes',
    'Heap size at which the next collection starts. Only from memory.',
    (p) => p.runtime.heapTriggerBytes?.value,
  ),
  gauge(
    'heap_live_bytes',
    'Heap marked live by the last collection; worked out from the goal where the program does not export it.',
    (p) => p.runtime.heapLiveBytes?.value,
  ),
  gauge('heap_inuse_bytes', 'Heap spans in use (HeapInuse).', (p) => p.runtime.heapInuseBytes?.value),
  gauge(
    'heap_idle_bytes',
    'Heap spans without objects, returned ones included (HeapIdle).',
    (p) => p.runtime.heapIdleBytes?.value,
  ),
  gauge(
    'heap_released_bytes',
    'Heap returned to the kernel (HeapReleased).',
    (p) => p.runtime.heapReleasedBytes?.value,
  ),
  gauge('stack_inuse_bytes', 'Goroutine stacks (StackInuse).', (p) => p.runtime.stackInuseBytes?.value),
  gauge(
    'metadata_bytes',
    'Bookkeeping of the runtime itself (mspan, mcache, profiling buckets, GC, other).',
    (p) => p.runtime.metadataBytes?.value,
  ),
  gauge('managed_memory_bytes', 'What GOMEMLIMIT governs (Sys - HeapReleased).', (p) => p.runtime.managedBytes?.value),
  gauge(
    'unmanaged_memory_bytes',
    'Anonymous memory of the cgroup that the Go runtime does not manage.',
    (p) => p.attribution.nonGoBytes,
  ),
];

const goGc: readonly Row[] = [
  counter('gc_cycles_total', 'Completed collections.', (p) => p.runtime.gcCycles?.value),
  counter('gc_forced_cycles_total', 'Collections the program asked for.', (p) => p.runtime.forcedGcCycles?.value),
  gauge(
    'gc_cpu_ratio',
    'Share of the CPU time of the program spent on collecting, over the last minutes.',
    (p) => p.runtime.gcCpuRatio?.value,
  ),
  gauge(
    'gc_pause_p99_seconds',
    '99th percentile of the stops of the world by the collector, over the last minutes.',
    (p) => p.runtime.gcPauseP99Seconds?.value,
  ),
  gauge('gc_limiter_active', 'The GC CPU limiter was on during the last minutes.', (p) => {
    const known = p.runtime.gcLimiterActive;
    return known === undefined ? undefined : Number(known.value);
  }),
  counter(
    'gc_pause_seconds_total',
    'Time the collector stopped the world.',
    (p) => p.runtime.gcPauseSecondsTotal?.value,
  ),
];

const goLatency: readonly Row[] = [
  gauge(
    'scheduler_latency_p99_seconds',
    '99th percentile of the time goroutines were ready before they ran, over the last minutes.',
    (p) => p.runtime.schedulerLatencyP99Seconds?.value,
  ),
  gauge(
    'blocking_delay_p99_seconds',
    'Mean wait of the stacks that make up the last hundredth of all waiting on channels and locks, between two block profiles. Absent where the program records none.',
    (p) => p.runtime.blocking?.delayWeightedP99OfMeansSeconds,
  ),
  gauge(
    'mutex_delay_p99_seconds',
    'The same of waiting for mutexes, between two mutex profiles. Absent where the program records none.',
    (p) => p.runtime.mutexContention?.delayWeightedP99OfMeansSeconds,
  ),
];

const process: readonly Row[] = [
  counter('process_cpu_seconds_total', 'CPU time of the process (/proc/PID/stat).', (p) => p.cpuSecondsTotal),
  gauge('process_resident_memory_bytes', 'Resident memory (VmRSS).', (p) => p.rssBytes),
  gauge('process_anonymous_memory_bytes', 'Resident anonymous memory (RssAnon).', (p) => p.rssAnonBytes),
  gauge('process_threads', 'Kernel threads of the process.', (p) => p.threads),
];

/** Families with labels namespace, pod, container, process, by what they are about. */
export const processFamilies = { go, goMemory, goGc, goLatency, process } as const;

/** All of them. */
export const processMetrics: readonly Row[] = Object.values(processFamilies).flat();

import { goFloat, goGoalText, gogcMetric, limitMetric } from './go-numbers.ts';
import { VIRTUAL_BYTES } from './proc-status.ts';
import type { ProcessView } from './process-view.ts';
import { pauseNs } from './runtime-stats.ts';

type Row = readonly [name: string, type: 'gauge' | 'counter', help: string, value: number];

const QUANTILES = [0, 0.25, 0.5, 0.75, 1];

/**
 * The Go and process collectors' text as client_golang writes it (prometheus/go_collector.go, process_collector.go; text format 0.0.4).
 * 1.20 adds GOGC, GOMEMLIMIT and GOMAXPROCS and drops lookups_total.
 */
export function metricsText(view: ProcessView): string {
  const rows = [...memoryRows(view), ...otherRows(view)].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const info = `# HELP go_info Information about the Go environment.\n# TYPE go_info gauge\ngo_info{version="${view.program.version}"} 1\n`;
  const before = rows.filter(([name]) => name < 'go_info').map(rowText);
  const after = rows.filter(([name]) => name > 'go_info').map(rowText);
  return pauseText(view) + before.join('') + info + after.join('');
}

function rowText([name, type, help, value]: Row): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${goFloat(value)}\n`;
}

function pauseText({ program, stats }: ProcessView): string {
  const name = 'go_gc_duration_seconds';
  const help =
    program.serves.metrics === '1.14'
      ? 'A summary of the pause duration of garbage collection cycles.'
      : 'A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.';
  const seconds = (index: number) => (stats.heap.collections === 0 ? 0 : pauseNs(program, index) / 1e9);
  const quantiles = QUANTILES.map((q, index) => `${name}{quantile="${q}"} ${goFloat(seconds(index))}\n`);
  return (
    `# HELP ${name} ${help}\n# TYPE ${name} summary\n${quantiles.join('')}` +
    `${name}_sum ${goFloat(stats.pauseTotalNs / 1e9)}\n${name}_count ${stats.heap.collections}\n`
  );
}

function memoryRows(view: ProcessView): Row[] {
  const { stats } = view;
  const { heap } = stats;
  const bytes = Math.round(heap.allocated);
  const gauge = (name: string, help: string, value: number): Row => [`go_memstats_${name}`, 'gauge', help, value];
  const counter = (name: string, help: string, value: number): Row => [`go_memstats_${name}`, 'counter', help, value];
  const rows = [
    gauge('alloc_bytes', 'Number of bytes allocated in heap and currently in use.', bytes),
    counter('alloc_bytes_total', 'Total number of bytes allocated in heap until now.', Math.round(heap.totalAllocated)),
    gauge('buck_hash_sys_bytes', 'Number of bytes used by the profiling bucket hash table.', stats.buckHashSys),
    counter('frees_total', 'Total number of heap objects frees.', stats.mallocs - stats.heapObjects),
    gauge('gc_sys_bytes', 'Number of bytes used for garbage collection system metadata.', stats.gcSys),
    gauge('heap_alloc_bytes', 'Number of heap bytes allocated and currently in use.', bytes),
    gauge('heap_idle_bytes', 'Number of heap bytes waiting to be used.', stats.heapIdle),
    gauge('heap_inuse_bytes', 'Number of heap bytes that are in use.', stats.heapInuse),
    gauge('heap_objects', 'Number of currently allocated objects.', stats.heapObjects),
    gauge('heap_released_bytes', 'Number of heap bytes released to OS.', stats.heapReleased),
    gauge('heap_sys_bytes', 'Number of heap bytes obtained from system.', stats.heapSys),
    gauge(
      'last_gc_time_seconds',
      'Number of seconds since 1970 of last garbage collection.',
      (view.lastGcMs ?? 0) / 1000,
    ),
    counter('mallocs_total', 'Total number of heap objects allocated, both live and gc-ed.', stats.mallocs),
    gauge('mcache_inuse_bytes', 'Number of bytes in use by mcache structures.', stats.mcacheInuse),
    gauge('mcache_sys_bytes', 'Number of bytes used for mcache structures obtained from system.', stats.mcacheSys),
    gauge('mspan_inuse_bytes', 'Number of bytes in use by mspan structures.', stats.mspanInuse),
    gauge('mspan_sys_bytes', 'Number of bytes used for mspan structures obtained from system.', stats.mspanSys),
    gauge(
      'next_gc_bytes',
      'Number of heap bytes when next garbage collection will take place.',
      Number(goGoalText(heap.goal)),
    ),
    gauge('other_sys_bytes', 'Number of bytes used for other system allocations.', stats.otherSys),
    gauge(
      'stack_inuse_bytes',
      'Number of bytes obtained from system for stack allocator in non-CGO environments.',
      stats.stackInuse,
    ),
    gauge('stack_sys_bytes', 'Number of bytes obtained from system for stack allocator.', stats.stackInuse),
    gauge('sys_bytes', 'Number of bytes obtained from system.', stats.sys),
  ];
  if (view.program.serves.metrics === '1.14')
    rows.push(counter('lookups_total', 'Total number of pointer lookups.', 0));
  return rows;
}

/** Marking costs about a nanosecond for each live byte; what Ps did not run is idle (runtime/metrics, /cpu/classes). */
function askedForRows({ program, stats, cpuSeconds, startedAtMs, lastGcMs }: ProcessView): Row[] {
  const elapsed = Math.max(0, (lastGcMs ?? startedAtMs) - startedAtMs) / 1000;
  const total = program.gomaxprocs * elapsed;
  const row = (what: string, value: number): Row => [
    `go_cpu_classes_${what}_cpu_seconds_total`,
    'counter',
    `Estimated CPU time of the class ${what.replace('_', ' ')}.`,
    value,
  ];
  return [
    ['go_gc_heap_live_bytes', 'gauge', 'Heap memory occupied by live objects.', stats.heap.live],
    row('gc_total', stats.heap.collections * stats.heap.live * 1e-9),
    row('idle', Math.max(0, total - cpuSeconds)),
    row('total', total),
  ];
}

function otherRows(view: ProcessView): Row[] {
  const { program } = view;
  const settings: Row[] = [
    [
      'go_gc_gogc_percent',
      'gauge',
      'Heap size target percentage configured by the user, otherwise 100.',
      gogcMetric(program.gogc),
    ],
    [
      'go_gc_gomemlimit_bytes',
      'gauge',
      'Go runtime memory limit configured by the user, otherwise math.MaxInt64.',
      limitMetric(program.gomemlimit),
    ],
    ['go_sched_gomaxprocs_threads', 'gauge', 'The current runtime.GOMAXPROCS setting.', program.gomaxprocs],
  ];
  return [
    ...(program.serves.metrics === '1.14' ? [] : settings),
    ...(program.serves.runtimeMetrics === true ? askedForRows(view) : []),
    ['go_goroutines', 'gauge', 'Number of goroutines that currently exist.', view.goroutines],
    ['go_threads', 'gauge', 'Number of OS threads created.', view.workload.threads],
    ['process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', view.cpuSeconds],
    ['process_max_fds', 'gauge', 'Maximum number of open file descriptors.', 1_048_576],
    ['process_open_fds', 'gauge', 'Number of open file descriptors.', view.openFiles],
    ['process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', view.residentBytes],
    [
      'process_start_time_seconds',
      'gauge',
      'Start time of the process since unix epoch in seconds.',
      Math.round(view.startedAtMs / 10) / 100,
    ],
    ['process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', VIRTUAL_BYTES],
    ['process_virtual_memory_max_bytes', 'gauge', 'Maximum amount of virtual memory available in bytes.', 2 ** 64],
  ];
}

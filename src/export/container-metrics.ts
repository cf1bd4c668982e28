import type { ContainerModel } from '../model/container-types.ts';
import type { PressureModel } from '../model/pressure-types.ts';
import { labelText } from './labels.ts';
import { type Emit, finite, type Metric, single } from './metric.ts';

type Row = Metric<ContainerModel>;
const gauge = (name: string, help: string, value: (c: ContainerModel) => number | undefined): Row =>
  single('gauge', `cgopher_container_${name}`, help, value);
const counter = (name: string, help: string, value: (c: ContainerModel) => number | undefined): Row =>
  single('counter', `cgopher_container_${name}`, help, value);

function stalls(resource: string, pressure: PressureModel | undefined, emit: Emit): void {
  if (pressure?.some !== undefined) emit(pressure.some.stalledSecondsTotal, `resource="${resource}",extent="some"`);
  if (pressure?.full !== undefined) emit(pressure.full.stalledSecondsTotal, `resource="${resource}",extent="full"`);
}

const cpu: readonly Row[] = [
  counter(
    'cpu_usage_seconds_total',
    'CPU time used, descendants included (cpu.stat usage_usec).',
    (c) => c.cpu.usageSecondsTotal,
  ),
  counter('cpu_user_seconds_total', 'CPU time in user mode (cpu.stat user_usec).', (c) => c.cpu.userSecondsTotal),
  counter(
    'cpu_system_seconds_total',
    'CPU time in kernel mode (cpu.stat system_usec).',
    (c) => c.cpu.systemSecondsTotal,
  ),
  counter(
    'cpu_periods_total',
    'Enforcement periods in which the container ran (cpu.stat nr_periods).',
    (c) => c.cpu.periodsTotal,
  ),
  counter(
    'cpu_throttled_periods_total',
    'Periods cut short by the quota (cpu.stat nr_throttled).',
    (c) => c.cpu.throttledPeriodsTotal,
  ),
  counter(
    'cpu_throttled_seconds_total',
    'Time throttled, summed over CPUs (cpu.stat throttled_usec).',
    (c) => c.cpu.throttledSecondsTotal,
  ),
  counter('cpu_burst_periods_total', 'Periods that used burst (cpu.stat nr_bursts).', (c) => c.cpu.burstPeriodsTotal),
  counter(
    'cpu_burst_seconds_total',
    'CPU time used beyond the quota by burst (cpu.stat burst_usec).',
    (c) => c.cpu.burstSecondsTotal,
  ),
  gauge('cpu_limit_cores', 'Own CPU limit, quota / period (cpu.max). Absent without a limit.', (c) =>
    finite(c.cpu.limitCores),
  ),
  {
    name: 'cgopher_container_cpu_effective_limit_cores',
    help: 'Tightest CPU limit over the container and all its ancestors, and the level that sets it. Absent without a limit.',
    type: 'gauge',
    labels: ['level'],
    collect: (c, emit) => {
      const limit = c.effective.cpuCores;
      if (limit !== undefined) emit(finite(limit.limit), `level="${limit.level}"`);
    },
  },
  gauge('cpu_weight', 'Share of CPU under contention (cpu.weight, 1 to 10000; 0 when idle).', (c) => c.cpu.weight),
  gauge('cpuset_cpus', 'CPUs the container may run on (cpuset.cpus.effective).', (c) => c.effective.cpusetCpus),
];

const memory: readonly Row[] = [
  gauge('memory_current_bytes', 'Memory charged, page cache included (memory.current).', (c) => c.memory.currentBytes),
  gauge('memory_peak_bytes', 'Largest memory.current so far (memory.peak, Linux 5.19).', (c) => c.memory.peakBytes),
  gauge(
    'memory_working_set_bytes',
    'memory.current less inactive_file: what the kubelet evicts by.',
    (c) => c.memory.workingSetBytes,
  ),
  gauge('memory_anon_bytes', 'Anonymous memory: heap, stacks (memory.stat anon).', (c) => c.memory.anonBytes),
  gauge(
    'memory_file_bytes',
    'Page cache, tmpfs and shared memory included (memory.stat file).',
    (c) => c.memory.fileBytes,
  ),
  gauge('memory_kernel_bytes', 'Kernel memory charged (memory.stat kernel).', (c) => c.memory.kernelBytes),
  gauge('memory_swap_current_bytes', 'Swap used (memory.swap.current).', (c) => c.memory.swapCurrentBytes),
  gauge('memory_min_bytes', 'Hard protection (memory.min).', (c) => finite(c.memory.minBytes)),
  gauge('memory_low_bytes', 'Soft protection (memory.low).', (c) => finite(c.memory.lowBytes)),
  gauge('memory_high_bytes', 'Own throttling bound (memory.high). Absent without one.', (c) =>
    finite(c.memory.highBytes),
  ),
  gauge('memory_max_bytes', 'Own memory limit (memory.max). Absent without a limit.', (c) => finite(c.memory.maxBytes)),
  {
    name: 'cgopher_container_memory_effective_max_bytes',
    help: 'Tightest memory.max over the container and all its ancestors, and the level that sets it. Absent without a limit.',
    type: 'gauge',
    labels: ['level'],
    collect: (c, emit) => {
      const limit = c.effective.memoryMaxBytes;
      if (limit !== undefined) emit(finite(limit.limit), `level="${limit.level}"`);
    },
  },
  {
    name: 'cgopher_container_memory_events_total',
    help: 'Events of the memory controller since the cgroup was made (memory.events).',
    type: 'counter',
    labels: ['event'],
    collect: (c, emit) => {
      const events = c.memory.events;
      emit(events?.low, 'event="low"');
      emit(events?.high, 'event="high"');
      emit(events?.max, 'event="max"');
      emit(events?.oom, 'event="oom"');
      emit(events?.oomKill, 'event="oom_kill"');
      emit(events?.oomGroupKill, 'event="oom_group_kill"');
    },
  },
  counter('memory_page_faults_total', 'Page faults (memory.stat pgfault).', (c) => c.memory.pageFaultsTotal),
  counter(
    'memory_major_page_faults_total',
    'Page faults that waited for I/O (memory.stat pgmajfault).',
    (c) => c.memory.majorPageFaultsTotal,
  ),
];

const pressure: readonly Row[] = [
  {
    name: 'cgopher_container_pressure_stalled_seconds_total',
    help: 'Time in which some (or all non-idle) tasks waited for the resource (*.pressure total).',
    type: 'counter',
    labels: ['resource', 'extent'],
    collect: (c, emit) => {
      stalls('cpu', c.pressure.cpu, emit);
      stalls('memory', c.pressure.memory, emit);
      stalls('io', c.pressure.io, emit);
      stalls('irq', c.pressure.irq, emit);
    },
  },
];

const io: readonly Row[] = [
  perDevice(
    'io_read_bytes_total',
    'Bytes read by device (io.stat rbytes). Stacked devices are listed apart and must not be summed.',
    (d) => d.readBytesTotal,
  ),
  perDevice(
    'io_written_bytes_total',
    'Bytes written by device (io.stat wbytes). Stacked devices are listed apart and must not be summed.',
    (d) => d.writtenBytesTotal,
  ),
  perDevice('io_reads_total', 'Read operations by device (io.stat rios).', (d) => d.readsTotal),
  perDevice('io_writes_total', 'Write operations by device (io.stat wios).', (d) => d.writesTotal),
  gauge('io_weight', 'Default I/O weight (io.weight). Has effect only where iocost is on.', (c) => c.io.weight),
];

const pids: readonly Row[] = [
  gauge('pids_current', 'Tasks, threads included (pids.current).', (c) => c.pids.current),
  gauge('pids_max', 'Task limit (pids.max). Absent without a limit.', (c) => finite(c.pids.max)),
];

const about: readonly Row[] = [
  {
    name: 'cgopher_container_info',
    help: 'What the workload is. Always 1.',
    type: 'gauge',
    labels: ['kind', 'runtime', 'qos'],
    collect: ({ identity }, emit) => {
      emit(1, labelText(['kind', 'runtime', 'qos'], [identity.kind, identity.runtime ?? '', identity.qos ?? '']));
    },
  },
  gauge('go_processes', 'Go processes in the container.', (c) => c.goPids.length),
  gauge(
    'unseen_processes',
    'Processes whose executable may not be read, so whether they are Go is not known.',
    (c) => c.unseenProcesses,
  ),
];

function perDevice(
  name: string,
  help: string,
  value: (device: NonNullable<ContainerModel['io']['devices']>[number]) => number | undefined,
): Row {
  return {
    name: `cgopher_container_${name}`,
    help,
    type: 'counter',
    labels: ['device'],
    collect: (c, emit) => {
      for (const device of c.io.devices ?? []) emit(value(device), `device="${device.device}"`);
    },
  };
}

/** Families with labels namespace, pod, container, by what they are about. */
export const containerFamilies = { cpu, memory, pressure, io, pids, about } as const;

/** All of them. */
export const containerMetrics: readonly Row[] = Object.values(containerFamilies).flat();

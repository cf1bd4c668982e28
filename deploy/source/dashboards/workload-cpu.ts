import type { Section } from './layout.ts';
import { rate, WORKLOAD } from './selectors.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const PROCESS = '{{container}}/{{process}}';
const ofProcess = (metric: string): string => `max by (container, process) (cgopher_go_${metric}{${WORKLOAD}})`;
const rateOfProcess = (metric: string): string =>
  `max by (container, process) (${rate(`cgopher_go_${metric}`, WORKLOAD)})`;
const rateOfContainer = (metric: string, labels = 'container'): string =>
  `sum by (${labels}) (${rate(`cgopher_container_${metric}`, WORKLOAD)})`;

const cores = graph({
  title: 'GOMAXPROCS against CPU limit and usage',
  description:
    'In cores. GOMAXPROCS above the limit lets the program use up its quota early in each period and stand still for the rest. ' +
    'Usage near GOMAXPROCS with room below the limit means that GOMAXPROCS holds it back.',
  unit: UNIT.count,
  label: 'cores',
  lines: [
    { expr: rateOfContainer('cpu_usage_seconds_total'), legend: 'usage {{container}}', colour: 'blue' },
    { expr: ofProcess('gomaxprocs_threads'), legend: `GOMAXPROCS ${PROCESS}`, colour: 'green', as: 'limit' },
    {
      expr: `max by (container, level) (cgopher_container_cpu_effective_limit_cores{${WORKLOAD}})`,
      legend: 'CPU limit {{container}} (set by {{level}})',
      colour: 'red',
      as: 'limit',
    },
    {
      expr: `max by (container) (cgopher_container_cpuset_cpus{${WORKLOAD}})`,
      legend: 'CPUs allowed {{container}}',
      colour: 'purple',
      as: 'limit',
    },
  ],
});

const collecting = graph({
  title: 'GC CPU share against throttling',
  description:
    'Share of the CPU time of the program spent on collecting, share of enforcement periods cut short by the quota, and collections a second. ' +
    'When throttling comes and goes with collections, it is the collector that uses up the quota.',
  unit: UNIT.ratio,
  label: 'share',
  lines: [
    { expr: ofProcess('gc_cpu_ratio'), legend: `GC CPU ${PROCESS}`, colour: 'orange' },
    {
      expr: `${rateOfContainer('cpu_throttled_periods_total')} / ${rateOfContainer('cpu_periods_total')}`,
      legend: 'throttled periods {{container}}',
      colour: 'red',
    },
    {
      expr: rateOfProcess('gc_cycles_total'),
      legend: `collections ${PROCESS}`,
      colour: 'blue',
      right: { unit: UNIT.perSecond, label: 'collections' },
    },
  ],
});

const pauses = graph({
  title: 'GC pauses',
  description:
    'p99 of the stops of the world, and the share of time that the program stood still for them. Pauses near a multiple of 100 ms are stretched by throttling.',
  unit: UNIT.seconds,
  label: 'p99 pause',
  lines: [
    { expr: ofProcess('gc_pause_p99_seconds'), legend: `p99 pause ${PROCESS}`, colour: 'orange' },
    {
      expr: rateOfProcess('gc_pause_seconds_total'),
      legend: `stopped ${PROCESS}`,
      colour: 'blue',
      right: { unit: UNIT.ratio, label: 'share of time' },
    },
  ],
});

const pressure = (extent: 'some' | 'full', meaning: string) =>
  graph({
    title: `Pressure: ${extent}`,
    description: `Share of time in which ${meaning} of the container waited for CPU, memory or I/O (PSI).`,
    unit: UNIT.ratio,
    lines: [
      {
        expr: `max by (container, resource) (${rate('cgopher_container_pressure_stalled_seconds_total', `${WORKLOAD}, extent="${extent}"`)})`,
        legend: '{{resource}} {{container}}',
      },
    ],
  });

const traffic = graph({
  title: 'Reads and writes',
  description: 'Bytes a second by device. Stacked devices are listed apart and must not be added up.',
  unit: UNIT.bytesPerSecond,
  lines: [
    { expr: rateOfContainer('io_read_bytes_total', 'container, device'), legend: 'read {{device}} {{container}}' },
    {
      expr: rateOfContainer('io_written_bytes_total', 'container, device'),
      legend: 'written {{device}} {{container}}',
    },
  ],
});

const operations = graph({
  title: 'Operations',
  description: 'Read and write operations a second by device.',
  unit: UNIT.perSecond,
  lines: [
    { expr: rateOfContainer('io_reads_total', 'container, device'), legend: 'reads {{device}} {{container}}' },
    { expr: rateOfContainer('io_writes_total', 'container, device'), legend: 'writes {{device}} {{container}}' },
  ],
});

export const cpuSections: readonly Section[] = [
  {
    title: 'CPU and garbage collection',
    strips: [
      {
        height: 10,
        panels: [
          [8, cores],
          [8, collecting],
          [8, pauses],
        ],
      },
    ],
  },
  {
    title: 'Pressure',
    strips: [
      {
        height: 8,
        panels: [
          [12, pressure('some', 'at least one task')],
          [12, pressure('full', 'every task that had work')],
        ],
      },
    ],
  },
  {
    title: 'I/O',
    collapsed: true,
    strips: [
      {
        height: 8,
        panels: [
          [12, traffic],
          [12, operations],
        ],
      },
    ],
  },
];

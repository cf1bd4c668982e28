import { neutral, redAtZero, thresholds } from './colours.ts';
import { stat } from './figure.ts';
import { findingsTable } from './findings.ts';
import type { Section } from './layout.ts';
import { toWorkload } from './links.ts';
import { CONTAINER_LABELS, NODE, rate } from './selectors.ts';
import { table } from './table.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const figures: Section['strips'][number] = {
  height: 4,
  panels: [
    [
      4,
      stat({
        title: 'Findings',
        description: 'Findings about the node and everything on it.',
        unit: UNIT.count,
        expr: `count(cgopher_finding{${NODE}}) or 0 * count(cgopher_build_info{${NODE}})`,
        thresholds: thresholds([1, 'orange']),
      }),
    ],
    [
      4,
      stat({
        title: 'Last look',
        description:
          'Age of what the agent says. Much above its interval (15 s unless configured) the agent is stuck or starved of CPU.',
        unit: UNIT.seconds,
        expr: `max(time() - cgopher_last_cycle_timestamp_seconds{${NODE}})`,
        thresholds: thresholds([60, 'yellow'], [300, 'red']),
      }),
    ],
    [
      4,
      stat({
        title: 'Go processes',
        description: 'Go processes that the agent found on the node.',
        unit: UNIT.count,
        expr: `sum(cgopher_container_go_processes{${NODE}})`,
        thresholds: neutral(),
      }),
    ],
    [
      4,
      stat({
        title: 'Unseen processes',
        description: 'Processes whose executable the agent may not read, so whether they are Go is not known.',
        unit: UNIT.count,
        expr: `sum(cgopher_container_unseen_processes{${NODE}})`,
        thresholds: thresholds([1, 'yellow']),
      }),
    ],
    [
      4,
      stat({
        title: 'CPUs online',
        description: 'CPUs of the node that are online: the most that GOMAXPROCS can be of use for.',
        unit: UNIT.count,
        expr: `max(cgopher_node_cpus_online{${NODE}})`,
        thresholds: redAtZero(),
      }),
    ],
    [
      4,
      stat({
        title: 'Memory available',
        description: 'MemAvailable as a share of MemTotal: what can be had without swapping.',
        unit: UNIT.ratio,
        expr: `max(cgopher_node_memory_available_bytes{${NODE}}) / max(cgopher_node_memory_total_bytes{${NODE}})`,
        thresholds: neutral(),
      }),
    ],
  ],
};

const pressure = (extent: 'some' | 'full', meaning: string) =>
  graph({
    title: `Pressure: ${extent}`,
    description: `Share of time in which ${meaning} of the node waited for the resource (/proc/pressure).`,
    unit: UNIT.ratio,
    lines: [
      {
        expr: `max by (resource) (${rate('cgopher_node_pressure_stalled_seconds_total', `${NODE}, extent="${extent}"`)})`,
        legend: '{{resource}}',
      },
    ],
  });

const memory = graph({
  title: 'Memory',
  description: 'Memory of the node, and what can be had of it without swapping.',
  unit: UNIT.bytes,
  lines: [
    { expr: `max(cgopher_node_memory_available_bytes{${NODE}})`, legend: 'available', colour: 'blue' },
    { expr: `max(cgopher_node_memory_total_bytes{${NODE}})`, legend: 'total', colour: 'red', as: 'limit' },
  ],
});

const max = (inner: string): string => `max by (${CONTAINER_LABELS}) (${inner})`;
const sum = (inner: string): string => `sum by (${CONTAINER_LABELS}) (${inner})`;

const workloads = table({
  title: 'Workloads',
  description:
    'Containers and systemd units of the node. What has no pod is a unit, or a container that is not Kubernetes’ own.',
  columns: [
    { label: 'namespace', title: 'Namespace' },
    { label: 'pod', title: 'Pod (opens its dashboard)', links: [toWorkload()] },
    { label: 'container', title: 'Container or unit' },
    { expr: sum(rate('cgopher_container_cpu_usage_seconds_total', NODE)), title: 'Cores used', unit: UNIT.count },
    {
      expr: max(`cgopher_container_cpu_effective_limit_cores{${NODE}}`),
      title: 'CPU limit',
      unit: UNIT.count,
    },
    { expr: max(`cgopher_container_memory_current_bytes{${NODE}}`), title: 'Memory', unit: UNIT.bytes },
    {
      expr: `${max(`cgopher_container_memory_working_set_bytes{${NODE}}`)} / ${max(`cgopher_container_memory_effective_max_bytes{${NODE}}`)}`,
      title: 'Working set of the limit',
      unit: UNIT.ratio,
      thresholds: thresholds([0.8, 'yellow'], [0.95, 'red']),
      barUpTo: 1,
    },
    { expr: sum(`cgopher_go_goroutines{${NODE}}`), title: 'Goroutines', unit: UNIT.count },
    { expr: max(`cgopher_container_go_processes{${NODE}}`), title: 'Go processes', unit: UNIT.count },
  ],
  sortBy: 'Cores used',
  hidden: ['cluster', 'node'],
});

export const headSections: readonly Section[] = [
  {
    title: 'Node',
    strips: [
      figures,
      {
        height: 8,
        panels: [
          [8, pressure('some', 'at least one task')],
          [8, pressure('full', 'every task that had work')],
          [8, memory],
        ],
      },
    ],
  },
  {
    title: 'On this node',
    strips: [
      { height: 8, panels: [[24, findingsTable('Findings of this node', NODE, ['cluster', 'node'])]] },
      { height: 10, panels: [[24, workloads]] },
    ],
  },
];

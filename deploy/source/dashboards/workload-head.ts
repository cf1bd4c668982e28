import { neutral, thresholds } from './colours.ts';
import { stat } from './figure.ts';
import { findingsTable } from './findings.ts';
import type { Section } from './layout.ts';
import { WORKLOAD, WORKLOAD_AND_POD } from './selectors.ts';
import { type Column, table } from './table.ts';
import { UNIT } from './units.ts';

const BY = 'container, process';
const valued = (expr: string, title: string, unit: (typeof UNIT)[keyof typeof UNIT]): Column => ({ expr, title, unit });
const ofProcess = (metric: string): string => `max by (${BY}) (cgopher_go_${metric}{${WORKLOAD}})`;
// The setting's source goes into a label of its own name: two settings of one row may come from different places.
const settingSource = (metric: string, label: string): string =>
  `max by (${BY}, ${label}) (label_replace(cgopher_go_${metric}{${WORKLOAD}}, "${label}", "$1", "from", "(.*)"))`;

const processes = table({
  title: 'Go processes and their settings',
  description:
    'Each Go process of the pod. "From" says where a setting was learnt: from the memory of the process, an endpoint, its environment or build, ' +
    'or what this Go version does by itself. An empty GOMEMLIMIT or GOGC is not set or off.',
  columns: [
    { label: 'process', title: 'Process' },
    { label: 'container', title: 'Container' },
    { label: 'go_version', title: 'Go' },
    valued(ofProcess('gomaxprocs_threads'), 'GOMAXPROCS', UNIT.count),
    { label: 'gomaxprocs_from', title: 'From' },
    valued(ofProcess('gomaxprocs_expected_threads'), 'Go would choose', UNIT.count),
    valued(ofProcess('gogc_ratio'), 'GOGC', UNIT.ratio),
    valued(ofProcess('gomemlimit_bytes'), 'GOMEMLIMIT', UNIT.bytes),
    { label: 'gomemlimit_from', title: 'From ' },
    {
      ...valued(ofProcess('contradicted_settings'), 'Contradictions', UNIT.count),
      thresholds: thresholds([1, 'orange']),
    },
    { label: 'memory', title: 'Memory' },
    { label: 'endpoint', title: 'Endpoint' },
  ],
  labelsFrom: [
    `max by (${BY}, go_version) (cgopher_go_info{${WORKLOAD}})`,
    `max by (${BY}, memory, endpoint) (cgopher_go_runtime_source_info{${WORKLOAD}})`,
    settingSource('gomaxprocs_threads', 'gomaxprocs_from'),
    settingSource('gomemlimit_bytes', 'gomemlimit_from'),
  ],
  sortBy: 'Process',
  ascending: true,
});

const limits: Section['strips'][number] = {
  height: 4,
  panels: [
    [
      4,
      stat({
        title: 'GOMAXPROCS',
        description: 'Threads that run Go code at the same time.',
        unit: UNIT.count,
        expr: `max by (process) (cgopher_go_gomaxprocs_threads{${WORKLOAD}})`,
        legend: '{{process}}',
        thresholds: neutral(),
      }),
    ],
    [
      4,
      stat({
        title: 'CPU limit',
        description:
          'Tightest CPU limit over the container and its ancestors, in cores. Not known here means that there is none.',
        unit: UNIT.count,
        expr: `max by (container, level) (cgopher_container_cpu_effective_limit_cores{${WORKLOAD}})`,
        legend: '{{container}} (set by {{level}})',
        thresholds: neutral(),
      }).noValue('no limit'),
    ],
    [
      4,
      stat({
        title: 'GOMEMLIMIT',
        description: 'Memory that the Go runtime tries to stay below.',
        unit: UNIT.bytes,
        expr: `max by (process) (cgopher_go_gomemlimit_bytes{${WORKLOAD}})`,
        legend: '{{process}}',
        thresholds: neutral(),
      }).noValue('not set'),
    ],
    [
      4,
      stat({
        title: 'Memory limit',
        description: 'Tightest memory.max over the container and its ancestors. Above it the kernel kills.',
        unit: UNIT.bytes,
        expr: `max by (container, level) (cgopher_container_memory_effective_max_bytes{${WORKLOAD}})`,
        legend: '{{container}} (set by {{level}})',
        thresholds: neutral(),
      }).noValue('no limit'),
    ],
    [
      4,
      stat({
        title: 'Working set of the limit',
        description:
          'memory.current less inactive page cache, as a share of the memory limit: what the kubelet evicts by.',
        unit: UNIT.ratio,
        expr:
          `max by (container) (cgopher_container_memory_working_set_bytes{${WORKLOAD}}) / ` +
          `max by (container) (cgopher_container_memory_effective_max_bytes{${WORKLOAD}})`,
        legend: '{{container}}',
        thresholds: thresholds([0.8, 'yellow'], [0.95, 'red']),
      }).noValue('no limit'),
    ],
    [
      4,
      stat({
        title: 'Unseen processes',
        description:
          'Processes in the pod whose executable the agent may not read: this dashboard cannot tell whether they are Go.',
        unit: UNIT.count,
        expr: `sum(cgopher_container_unseen_processes{${WORKLOAD}})`,
        thresholds: thresholds([1, 'yellow']),
      }),
    ],
  ],
};

export const headSections: readonly Section[] = [
  {
    title: 'Findings and settings',
    strips: [
      {
        height: 7,
        panels: [[24, findingsTable('Findings of this pod', WORKLOAD_AND_POD, ['cluster', 'namespace', 'pod'])]],
      },
      limits,
      { height: 6, panels: [[24, processes]] },
    ],
  },
];

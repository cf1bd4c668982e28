import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { neutral } from './colours.ts';
import { bars } from './figure.ts';
import type { Section } from './layout.ts';
import { barToRunbook } from './links.ts';
import { NODE, ofAgent, rate } from './selectors.ts';
import { table } from './table.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const cpu = graph({
  title: 'CPU of the agent',
  description:
    'Cores that the agent uses, and how much of that are its cycles. The rest is answering scrapes and collecting its own garbage.',
  unit: UNIT.count,
  label: 'cores',
  lines: [
    { expr: `max(${ofAgent(rate('process_cpu_seconds_total', NODE))})`, legend: 'whole process', colour: 'blue' },
    { expr: `max(${rate('cgopher_cycle_cpu_seconds_total', NODE)})`, legend: 'cycles', colour: 'green' },
  ],
});

const memory = graph({
  title: 'Memory of the agent',
  description: 'Resident memory of the agent, and what its JavaScript heap and its buffers take of it.',
  unit: UNIT.bytes,
  lines: [
    { expr: `max(${ofAgent(`process_resident_memory_bytes{${NODE}}`)})`, legend: 'resident', colour: 'blue' },
    { expr: `max(${ofAgent(`nodejs_heap_used_bytes{${NODE}}`)})`, legend: 'heap in use', colour: 'green' },
    { expr: `max(${ofAgent(`nodejs_external_memory_bytes{${NODE}}`)})`, legend: 'buffers', colour: 'orange' },
  ],
});

const durations = graph({
  title: 'Cycle duration and delays',
  description: 'Time that the last cycle took, waiting included, and the longest time that the agent could not answer.',
  unit: UNIT.seconds,
  lines: [
    { expr: `max(cgopher_cycle_duration_seconds{${NODE}})`, legend: 'cycle', colour: 'blue' },
    { expr: `max(cgopher_event_loop_delay_max_seconds{${NODE}})`, legend: 'longest delay', colour: 'orange' },
  ],
});

const collectorTimes = graph({
  title: 'Time by collector',
  description: 'Time that each part of the last cycle took.',
  unit: UNIT.seconds,
  stacked: true,
  lines: [{ expr: `max by (collector) (cgopher_collector_duration_seconds{${NODE}})`, legend: '{{collector}}' }],
});

const success: readonly ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: { '0': { text: 'failed', color: 'red', index: 0 }, '1': { text: 'ok', color: 'green', index: 1 } },
  },
];

const collectors = table({
  title: 'Collectors',
  description:
    'Whether each part of the last cycle read what it should. What was missing is counted beside this, and named in the agent’s log.',
  columns: [
    { label: 'collector', title: 'Collector' },
    {
      expr: `min by (collector) (cgopher_collector_success{${NODE}})`,
      title: 'Last cycle',
      unit: UNIT.text,
      mappings: success,
    },
    { expr: `max by (collector) (cgopher_collector_duration_seconds{${NODE}})`, title: 'Time', unit: UNIT.seconds },
  ],
  sortBy: 'Time',
});

const misses = graph({
  title: 'Values missing',
  description:
    'Values that could not be read, by reader and kind, counted in each cycle in which they are missing. "denied" is a privilege the agent does not have; ' +
    '"absent" and "unsupported" are mostly older kernels; "failed" and "malformed" deserve a look at the log.',
  unit: UNIT.perSecond,
  lines: [{ expr: `sum by (reader, kind) (${rate('cgopher_misses_total', NODE)})`, legend: '{{reader}} {{kind}}' }],
});

const unjudged = bars({
  title: 'Rules that could not judge',
  description:
    'Subjects on this node that a rule could not judge because an input is missing. A bar opens the runbook.',
  unit: UNIT.count,
  expr: `sort_desc(sum by (rule) (cgopher_rule_unknown_subjects{${NODE}}))`,
  legend: '{{rule}}',
  thresholds: neutral(),
  links: [barToRunbook()],
});

const counts = graph({
  title: 'Workloads by kind',
  description: 'Containers and units that the agent reads. Its cost grows with them.',
  unit: UNIT.count,
  stacked: true,
  lines: [{ expr: `count by (kind) (cgopher_container_info{${NODE}})`, legend: '{{kind}}' }],
});

const held = graph({
  title: 'Series, files and watches',
  description:
    'Series that the agent exposes of workloads (left), control files it keeps open, and directories it watches (right).',
  unit: UNIT.count,
  label: 'series',
  lines: [
    { expr: `max(cgopher_exposed_series{${NODE}})`, legend: 'series', colour: 'blue' },
    {
      expr: `max(cgopher_kept_descriptors{${NODE}})`,
      legend: 'files kept open',
      colour: 'green',
      right: { unit: UNIT.count, label: 'files, directories' },
    },
    {
      expr: `max(cgopher_directory_watches{${NODE}})`,
      legend: 'directories watched',
      colour: 'orange',
      right: { unit: UNIT.count, label: 'files, directories' },
    },
  ],
});

export const agentSections: readonly Section[] = [
  {
    title: 'What the agent costs',
    strips: [
      {
        height: 8,
        panels: [
          [8, cpu],
          [8, memory],
          [8, held],
        ],
      },
    ],
  },
  {
    title: 'What the agent sees',
    strips: [
      {
        height: 8,
        panels: [
          [8, durations],
          [8, collectorTimes],
          [8, collectors],
        ],
      },
      {
        height: 9,
        panels: [
          [8, misses],
          [8, unjudged],
          [8, counts],
        ],
      },
    ],
  },
];

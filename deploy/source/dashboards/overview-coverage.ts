import { neutral, thresholds } from './colours.ts';
import { bars, stat } from './figure.ts';
import type { Section } from './layout.ts';
import { barToRunbook, toNode } from './links.ts';
import { AGENTS, FLEET, ZERO_WHEN_SEEN } from './selectors.ts';
import { table } from './table.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const byNode = (inner: string, by: 'sum' | 'max' | 'count' = 'sum'): string => `${by} by (cluster, node) (${inner})`;
const AGE = byNode(`time() - cgopher_last_cycle_timestamp_seconds{${AGENTS}}`, 'max');
const aged = thresholds([60, 'yellow'], [300, 'red']);

const gone = stat({
  title: 'Nodes gone silent',
  description:
    'Nodes whose agent reported within the time range and does not now. Nodes that were taken away count too.',
  unit: UNIT.count,
  expr:
    `count(group by (cluster, node) (last_over_time(cgopher_build_info{${AGENTS}}[$__range])) ` +
    `unless group by (cluster, node) (cgopher_build_info{${AGENTS}})) or ${ZERO_WHEN_SEEN}`,
  thresholds: thresholds([1, 'orange']),
});

const stale = stat({
  title: 'Stale agents',
  description:
    'Agents whose last look at their node is over a minute old: they answer, but their figures and findings are of then.',
  unit: UNIT.count,
  expr: `count(${AGE} > 60) or ${ZERO_WHEN_SEEN}`,
  thresholds: thresholds([1, 'red']),
});

const failing = stat({
  title: 'Failing collectors',
  description: 'Parts of agents that did not read what they should in the last cycle. The node dashboard names them.',
  unit: UNIT.count,
  expr: `sum(1 - cgopher_collector_success{${AGENTS}})`,
  thresholds: thresholds([1, 'red']),
});

const unseen = stat({
  title: 'Unseen processes',
  description:
    'Processes whose executable the agents may not read, so whether they are Go is not known. More privilege for the agent makes them seen.',
  unit: UNIT.count,
  expr: `sum(cgopher_container_unseen_processes{${FLEET}})`,
  thresholds: thresholds([1, 'yellow']),
});

const nodes = table({
  title: 'Nodes',
  description: 'Each node with an agent: how old its figures are, what it sees, and what it does not.',
  columns: [
    { label: 'node', title: 'Node (opens its dashboard)', links: [toNode()] },
    { label: 'cluster', title: 'Cluster' },
    { expr: AGE, title: 'Last look', unit: UNIT.seconds, thresholds: aged },
    { expr: byNode(`cgopher_finding{${AGENTS}}`, 'count'), title: 'Findings', unit: UNIT.count },
    { expr: byNode(`cgopher_container_info{${AGENTS}}`, 'count'), title: 'Workloads', unit: UNIT.count },
    { expr: byNode(`cgopher_container_go_processes{${AGENTS}}`), title: 'Go processes', unit: UNIT.count },
    {
      expr: byNode(`cgopher_container_unseen_processes{${AGENTS}}`),
      title: 'Unseen processes',
      unit: UNIT.count,
      thresholds: thresholds([1, 'yellow']),
    },
    {
      expr: byNode(`1 - cgopher_collector_success{${AGENTS}}`),
      title: 'Failing collectors',
      unit: UNIT.count,
      thresholds: thresholds([1, 'red']),
    },
    { label: 'version', title: 'Agent' },
    { label: 'kernel', title: 'Kernel' },
    { label: 'hierarchy', title: 'Cgroup hierarchy' },
  ],
  labelsFrom: [
    `max by (cluster, node, version) (cgopher_build_info{${AGENTS}})`,
    `max by (cluster, node, kernel, hierarchy) (cgopher_node_info{${AGENTS}})`,
  ],
  sortBy: 'Last look',
});

const over = graph({
  title: 'Agents and Go processes',
  description:
    'Agents that report, and the Go processes they see. A fall of both is an outage of agents, not of programs.',
  unit: UNIT.count,
  lines: [
    { expr: `count(cgopher_build_info{${AGENTS}})`, legend: 'agents' },
    { expr: `sum(cgopher_container_go_processes{${FLEET}})`, legend: 'Go processes' },
    { expr: `sum(cgopher_container_unseen_processes{${FLEET}})`, legend: 'unseen processes' },
  ],
});

const sources = bars({
  title: 'Where runtime figures come from',
  description:
    'Go processes by whether their memory is read and whether an endpoint answers. With neither, most memory and GC rules cannot judge.',
  unit: UNIT.count,
  expr: `sort_desc(count by (memory, endpoint) (cgopher_go_runtime_source_info{${FLEET}}))`,
  legend: 'memory {{memory}}, endpoint {{endpoint}}',
  thresholds: neutral(),
});

const unjudged = bars({
  title: 'Rules that could not judge',
  description:
    'Subjects that a rule could not judge because an input is missing, the fifteen rules with most. A bar opens the runbook.',
  unit: UNIT.count,
  expr: `sort_desc(topk(15, sum by (rule) (cgopher_rule_unknown_subjects{${AGENTS}})))`,
  legend: '{{rule}}',
  thresholds: neutral(),
  links: [barToRunbook()],
});

const versions = bars({
  title: 'Go versions',
  description:
    'Go processes by the version they were built with. From Go 1.25 on the runtime takes CPU limits into account by itself.',
  unit: UNIT.count,
  expr: `sort_desc(count by (go_version) (cgopher_go_info{${FLEET}}))`,
  legend: '{{go_version}}',
  thresholds: neutral(),
});

export const coverageSections: readonly Section[] = [
  {
    title: 'Coverage of the agents',
    strips: [
      {
        height: 4,
        panels: [
          [6, gone],
          [6, stale],
          [6, failing],
          [6, unseen],
        ],
      },
      { height: 10, panels: [[24, nodes]] },
      {
        height: 9,
        panels: [
          [6, over],
          [6, sources],
          [6, unjudged],
          [6, versions],
        ],
      },
    ],
  },
];

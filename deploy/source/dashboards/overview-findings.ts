import { neutral, redAtZero, SEVERITY_COLOUR, thresholds } from './colours.ts';
import { bars, stat } from './figure.ts';
import { findingsTable } from './findings.ts';
import type { Section } from './layout.ts';
import { barToNamespace, barToNode, barToRunbook } from './links.ts';
import { AGENTS, FLEET, ZERO_WHEN_SEEN } from './selectors.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const count = (matchers: string): string => `count(cgopher_finding{${matchers}}) or ${ZERO_WHEN_SEEN}`;
const severity = (name: keyof typeof SEVERITY_COLOUR): string => count(`${FLEET}, severity="${name}"`);

const figures: Section['strips'][number] = {
  height: 4,
  panels: [
    [
      4,
      stat({
        title: 'Critical',
        description: 'Findings of severity critical: a kill or a standstill is under way or about to happen.',
        unit: UNIT.count,
        expr: severity('critical'),
        thresholds: thresholds([1, 'red']),
      }),
    ],
    [
      4,
      stat({
        title: 'Warning',
        description: 'Findings of severity warning: time, memory or CPU is being lost.',
        unit: UNIT.count,
        expr: severity('warning'),
        thresholds: thresholds([1, 'orange']),
      }),
    ],
    [
      4,
      stat({
        title: 'Info',
        description: 'Findings of severity info: a setting that does no harm yet.',
        unit: UNIT.count,
        expr: severity('info'),
        thresholds: thresholds([1, 'blue']),
      }),
    ],
    [
      4,
      stat({
        title: 'Pods with findings',
        description: 'Pods that at least one rule fires for, whatever its severity.',
        unit: UNIT.count,
        expr: `count(count by (cluster, namespace, pod) (cgopher_finding{${FLEET}, pod!=""})) or ${ZERO_WHEN_SEEN}`,
        thresholds: neutral(),
      }),
    ],
    [
      4,
      stat({
        title: 'Go processes',
        description: 'Go processes that are watched. Processes of one name in one container count as one.',
        unit: UNIT.count,
        expr: `count(cgopher_go_info{${FLEET}})`,
        thresholds: neutral(),
      }),
    ],
    [
      4,
      stat({
        title: 'Agents reporting',
        description: 'Agents that Prometheus has figures of now. Without any there is nothing to say about findings.',
        unit: UNIT.count,
        expr: `count(cgopher_build_info{${AGENTS}}) or vector(0)`,
        thresholds: redAtZero(),
      }),
    ],
  ],
};

const where: Section['strips'][number] = {
  height: 9,
  panels: [
    [
      6,
      graph({
        title: 'By severity',
        description: 'Findings over time. A step up after a rollout points at what was rolled out.',
        unit: UNIT.count,
        stacked: true,
        lines: (['critical', 'warning', 'info'] as const).map((name) => ({
          expr: `count(cgopher_finding{${FLEET}, severity="${name}"})`,
          legend: name,
          colour: SEVERITY_COLOUR[name],
        })),
      }),
    ],
    [
      6,
      bars({
        title: 'By rule',
        description: 'What goes wrong most often. A bar opens the runbook of its rule.',
        unit: UNIT.count,
        expr: `sort_desc(count by (rule) (cgopher_finding{${FLEET}}))`,
        legend: '{{rule}}',
        thresholds: neutral(),
        links: [barToRunbook()],
      }),
    ],
    [
      6,
      bars({
        title: 'By namespace',
        description:
          'Whose workloads have findings, the fifteen with most. A bar narrows this dashboard to its namespace.',
        unit: UNIT.count,
        expr: `sort_desc(topk(15, count by (namespace) (cgopher_finding{${FLEET}, namespace!=""})))`,
        legend: '{{namespace}}',
        thresholds: neutral(),
        links: [barToNamespace()],
      }),
    ],
    [
      6,
      bars({
        title: 'By node',
        description:
          'Where the findings are, the fifteen nodes with most. One node far above the others points at the node itself.',
        unit: UNIT.count,
        expr: `sort_desc(topk(15, count by (cluster, node) (cgopher_finding{${FLEET}})))`,
        legend: '{{node}}',
        thresholds: neutral(),
        links: [barToNode()],
      }),
    ],
  ],
};

export const findingSections: readonly Section[] = [
  { title: 'Findings now', strips: [figures] },
  { title: 'Where they are', strips: [where] },
  {
    title: 'What they are',
    strips: [{ height: 12, panels: [[24, findingsTable('Findings', FLEET, [])]] }],
  },
];

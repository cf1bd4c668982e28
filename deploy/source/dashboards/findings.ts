import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { SEVERITY_COLOUR } from './colours.ts';
import { toNode, toRunbook, toWorkload } from './links.ts';
import { type Column, table } from './table.ts';
import { UNIT } from './units.ts';

const LABELS = 'cluster, node, namespace, pod, container, rule, severity';

const severities: readonly ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '3': { text: 'critical', color: SEVERITY_COLOUR.critical, index: 0 },
      '2': { text: 'warning', color: SEVERITY_COLOUR.warning, index: 1 },
      '1': { text: 'info', color: SEVERITY_COLOUR.info, index: 2 },
    },
  },
];

// The severity as a number, so that the table can put the worst first.
const ranked = (matchers: string): string =>
  [
    `3 * max by (${LABELS}) (cgopher_finding{${matchers}, severity="critical"})`,
    `2 * max by (${LABELS}) (cgopher_finding{${matchers}, severity="warning"})`,
    `max by (${LABELS}) (cgopher_finding{${matchers}, severity="info"})`,
  ].join(' or ');

/**
 * The findings as rows, the worst first, with the way on from each.
 * @param hidden labels that are the same in every row
 */
export function findingsTable(
  title: string,
  matchers: string,
  hidden: readonly ('cluster' | 'node' | 'namespace' | 'pod')[],
): PanelBuilder {
  const columns: readonly Column[] = [
    { expr: ranked(matchers), title: 'Severity', unit: UNIT.text, mappings: severities, width: 100 },
    { label: 'rule', title: 'Rule (opens its runbook)', links: [toRunbook()] },
    { label: 'namespace', title: 'Namespace' },
    { label: 'pod', title: 'Pod (opens its dashboard)', links: [toWorkload()] },
    { label: 'container', title: 'Container' },
    { label: 'node', title: 'Node', links: [toNode()] },
    { label: 'cluster', title: 'Cluster' },
  ];
  const shown = columns.filter((column) => !('label' in column && hidden.some((name) => name === column.label)));
  return table({
    title,
    description:
      'Rules that fire now, the worst first. A rule without a pod is about the node or a systemd unit. The change to make, with ' +
      'its numbers, is on the status page of the node’s agent and in cgopher why; the runbook says how to check it and what else to try.',
    columns: shown,
    sortBy: 'Severity',
    hidden: ['severity', ...hidden],
    noValue: 'no findings',
  });
}

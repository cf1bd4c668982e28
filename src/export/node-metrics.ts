import type { NodeModel } from '../model/types.ts';
import type { Finding } from '../rules/types.ts';
import { labelText } from './labels.ts';
import type { Metric } from './metric.ts';

/** The model with what the rules said of it. */
export interface Snapshot {
  readonly model: NodeModel;
  readonly findings: readonly Finding[];
  readonly unjudgedByRule: ReadonlyMap<string, number>;
}

function findingLabels(finding: Finding): string {
  const { namespace, pod, container } = finding.subject;
  return labelText(
    ['rule', 'severity', 'namespace', 'pod', 'container'],
    [finding.rule, finding.severity, namespace ?? '', pod ?? '', container ?? ''],
  );
}

/** Families without subject labels of their own. */
export const nodeMetrics: readonly Metric<Snapshot>[] = [
  {
    name: 'cgopher_finding',
    help: 'A rule that fires for a workload. 1 while it does.',
    type: 'gauge',
    labels: ['rule', 'severity', 'namespace', 'pod', 'container'],
    collect: ({ findings }, emit) => {
      // Two processes of one container may trip the same rule: the series says that it fires, not how often.
      const seen = new Set<string>();
      for (const finding of findings) {
        if (finding.state !== 'firing') continue;
        const labels = findingLabels(finding);
        if (!seen.has(labels)) emit(1, labels);
        seen.add(labels);
      }
    },
  },
  {
    name: 'cgopher_rule_unknown_subjects',
    help: 'Subjects a rule could not judge because an input is missing.',
    type: 'gauge',
    labels: ['rule'],
    collect: ({ unjudgedByRule }, emit) => {
      for (const [rule, count] of unjudgedByRule) emit(count, `rule="${rule}"`);
    },
  },
  {
    name: 'cgopher_node_info',
    help: 'Kernel and cgroup hierarchy of the node. Always 1.',
    type: 'gauge',
    labels: ['kernel', 'hierarchy'],
    collect: ({ model }, emit) => {
      emit(1, labelText(['kernel', 'hierarchy'], [model.node.kernelRelease ?? '', model.node.hierarchy]));
    },
  },
  {
    name: 'cgopher_node_pressure_stalled_seconds_total',
    help: 'Time in which some (or all non-idle) tasks of the node waited for the resource (/proc/pressure).',
    type: 'counter',
    labels: ['resource', 'extent'],
    collect: ({ model }, emit) => {
      for (const resource of ['cpu', 'memory', 'io'] as const) {
        const pressure = model.node.pressure[resource];
        emit(pressure?.some?.stalledSecondsTotal, `resource="${resource}",extent="some"`);
        // cpu full is not defined for the whole system (psi.rst) and always reads 0.
        if (resource !== 'cpu') emit(pressure?.full?.stalledSecondsTotal, `resource="${resource}",extent="full"`);
      }
    },
  },
  {
    name: 'cgopher_node_cpus_online',
    help: 'CPUs online.',
    type: 'gauge',
    collect: ({ model }, emit) => {
      emit(model.node.cpusOnline);
    },
  },
  {
    name: 'cgopher_node_memory_total_bytes',
    help: 'Memory of the node (MemTotal).',
    type: 'gauge',
    collect: ({ model }, emit) => {
      emit(model.node.memoryTotalBytes);
    },
  },
  {
    name: 'cgopher_node_memory_available_bytes',
    help: 'Memory that can be had without swapping (MemAvailable).',
    type: 'gauge',
    collect: ({ model }, emit) => {
      emit(model.node.memoryAvailableBytes);
    },
  },
];

import type { NodeModel } from '../model/node-types.ts';
import type { Finding } from '../rules/types.ts';
import { bounded, labelText } from './labels.ts';
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

/** Who a pod belongs to is told once for each pod; two of one name are there while one makes room for the other. */
function* podOwners({ model }: Snapshot): Generator<string> {
  const seen = new Set<string>();
  for (const { namespace, pod, spec } of model.pods) {
    if (namespace === undefined || pod === undefined || spec === undefined) continue;
    const { kind = '', name = '' } = spec.owner ?? {};
    const id = `${namespace}/${pod}`;
    if (!seen.has(id))
      yield labelText(['namespace', 'pod', 'owner_kind', 'owner_name'], [namespace, pod, bounded(kind), bounded(name)]);
    seen.add(id);
  }
}

const findings: readonly Metric<Snapshot>[] = [
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
];

const kubernetes: readonly Metric<Snapshot>[] = [
  {
    name: 'cgopher_pod_info',
    help: 'The workload a pod belongs to: a Deployment rather than its ReplicaSet. Always 1. Only where the Kubernetes API is asked.',
    type: 'gauge',
    labels: ['namespace', 'pod', 'owner_kind', 'owner_name'],
    collect: (snapshot, emit) => {
      for (const labels of podOwners(snapshot)) emit(1, labels);
    },
  },
  {
    name: 'cgopher_kubernetes_pods',
    help: 'Pods of this node that the Kubernetes API told of. Only where it is asked.',
    type: 'gauge',
    labels: ['source'],
    collect: ({ model }, emit) => {
      if (model.kubernetes?.ageSeconds !== undefined)
        emit(model.kubernetes.pods, `source="${model.kubernetes.source}"`);
    },
  },
  {
    name: 'cgopher_kubernetes_pods_age_seconds',
    help: 'Time since the pods were last known to be as told; near 0 while a watch is open. Absent until a list was had.',
    type: 'gauge',
    labels: ['source'],
    collect: ({ model }, emit) => {
      if (model.kubernetes !== undefined) emit(model.kubernetes.ageSeconds, `source="${model.kubernetes.source}"`);
    },
  },
];

const node: readonly Metric<Snapshot>[] = [
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

/** Families without subject labels of their own, by what they are about. */
export const nodeFamilies = { findings, node, kubernetes } as const;

/** All of them. */
export const nodeMetrics: readonly Metric<Snapshot>[] = Object.values(nodeFamilies).flat();

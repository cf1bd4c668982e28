import { groupBy } from '../base/group.ts';
import type { ContainerModel, GoProcessModel, NodeModel, PodModel } from '../model/types.ts';
import type { Thresholds } from './thresholds.ts';
import type { Rule, Subject, Verdict } from './types.ts';

/** One rule asked about one subject. */
export interface Judgement {
  readonly rule: Rule;
  readonly subject: Subject;
  readonly verdict: Verdict;
}

function processSubject(process: GoProcessModel, container: ContainerModel | undefined): Subject {
  return {
    kind: 'process',
    key: process.key,
    namespace: container?.identity.namespace,
    pod: container?.identity.pod,
    container: container === undefined ? undefined : containerName(container),
    cgroupPath: process.cgroupPath,
    pid: process.pid,
    process: process.name,
  };
}

/** The container's name; for a workload without one, its unit or the start of its id. Undefined when there is neither. */
export function containerName({ identity }: ContainerModel): string | undefined {
  return identity.container ?? identity.unit ?? identity.containerId?.slice(0, 12);
}

function containerSubject(container: ContainerModel): Subject {
  return {
    kind: 'container',
    key: container.key,
    namespace: container.identity.namespace,
    pod: container.identity.pod,
    container: containerName(container),
    cgroupPath: container.cgroupPath,
    pid: undefined,
    process: undefined,
  };
}

function podSubject(pod: PodModel): Subject {
  return {
    kind: 'pod',
    key: pod.key,
    namespace: pod.namespace,
    pod: pod.pod ?? pod.podUid,
    container: undefined,
    cgroupPath: pod.cgroupPath,
    pid: undefined,
    process: undefined,
  };
}

const NODE: Subject = {
  kind: 'node',
  key: 'node',
  namespace: undefined,
  pod: undefined,
  container: undefined,
  cgroupPath: undefined,
  pid: undefined,
  process: undefined,
};

/**
 * Asks every rule about every subject of its kind. On a node without the unified hierarchy only the node itself is judged:
 * nothing else could be right.
 * @param seenBefore whether a subject of this key was in an earlier model
 */
export function* judge(
  rules: readonly Rule[],
  model: NodeModel,
  thresholds: Thresholds,
  seenBefore: (key: string) => boolean,
): Generator<Judgement> {
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const byContainer = groupBy(model.goProcesses, (process) => process.containerKey ?? '');
  const judged = model.node.hierarchy === 'unified';
  for (const rule of rules) {
    if (rule.subject === 'node') {
      yield { rule, subject: NODE, verdict: rule.detect({ model, thresholds }) };
    } else if (!judged) {
      continue;
    } else if (rule.subject === 'process') {
      for (const process of model.goProcesses) {
        const container = process.containerKey === undefined ? undefined : containers.get(process.containerKey);
        yield {
          rule,
          subject: processSubject(process, container),
          verdict: rule.detect({ process, container, thresholds }),
        };
      }
    } else if (rule.subject === 'container') {
      for (const container of model.containers) {
        yield {
          rule,
          subject: containerSubject(container),
          verdict: rule.detect({ container, processes: byContainer.get(container.key) ?? [], thresholds }),
        };
      }
    } else {
      for (const pod of model.pods) {
        const mine = pod.containers.flatMap((key) => containers.get(key) ?? []);
        const processes = pod.containers.flatMap((key) => byContainer.get(key) ?? []);
        yield {
          rule,
          subject: podSubject(pod),
          verdict: rule.detect({ pod, containers: mine, processes, firstSeen: !seenBefore(pod.key), thresholds }),
        };
      }
    }
  }
}

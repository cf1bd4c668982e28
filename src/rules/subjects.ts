import { groupBy } from '../base/group.ts';
import type { ContainerModel, PodModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Thresholds } from './thresholds.ts';
import type {
  ContainerContext,
  Judging,
  NodeContext,
  PodContext,
  ProcessContext,
  Rule,
  RuleId,
  Subject,
  Verdict,
} from './types.ts';

/** A process as a subject, by the names of the container it is in. */
export function processSubject(process: GoProcessModel, container: ContainerModel | undefined): Subject {
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

/** What rules that look back remember: by the name of the memory, then by the key of the subject. */
export type Memories = Map<string, Map<string, unknown>>;

/** What the engine knows when it asks. */
export interface Asking {
  readonly thresholdsFor: (subject: Subject) => Thresholds;
  /** The operator does not want this rule for this subject. */
  readonly isOff: (rule: RuleId, subject: Subject) => boolean;
  /** Whether a subject of this key was in an earlier model. */
  readonly seenBefore: (key: string) => boolean;
  /** Rules that look back read and write it here. */
  readonly remembered: Memories;
  /** The model was asked about before: what is remembered has it already, and stays as it is. */
  readonly observed?: true;
}

/** The name of the memory of a rule that looks back: its own id, or that of the memory that it shares. */
export function memoryOf({ id, memory }: Rule): string {
  return memory ?? id;
}

/** Takes one rule's word on one subject. */
type Hearing = (rule: Rule, subject: Subject, verdict: Verdict) => void;

/**
 * Asks every rule about every subject of its kind. On a node without the unified hierarchy only the node itself is judged:
 * nothing else could be right.
 */
export function judge(rules: readonly Rule[], model: NodeModel, asking: Asking, hear: Hearing): void {
  const subjects = subjectsOf(model, asking);
  for (const rule of rules) {
    switch (rule.subject) {
      case 'process':
        ask(rule, rule, subjects.processes, asking, hear);
        break;
      case 'container':
        ask(rule, rule, subjects.containers, asking, hear);
        break;
      case 'pod':
        ask(rule, rule, subjects.pods, asking, hear);
        break;
      case 'node':
        ask(rule, rule, subjects.nodes, asking, hear);
    }
  }
}

/** A subject with what every rule about its kind is given. */
interface About<C> {
  readonly subject: Subject;
  readonly context: C;
}

interface Subjects {
  readonly processes: readonly About<ProcessContext>[];
  readonly containers: readonly About<ContainerContext>[];
  readonly pods: readonly About<PodContext>[];
  readonly nodes: readonly About<NodeContext>[];
}

/** Made once for all rules: there are dozens of them for each of hundreds of subjects. */
function subjectsOf(model: NodeModel, { thresholdsFor, seenBefore }: Asking): Subjects {
  const { at, windowSeconds, node } = model;
  const nodes = [{ subject: NODE, context: { model, at, windowSeconds, thresholds: thresholdsFor(NODE) } }];
  if (node.hierarchy !== 'unified') return { processes: [], containers: [], pods: [], nodes };
  const byKey = new Map(model.containers.map((container) => [container.key, container]));
  const byContainer = groupBy(model.goProcesses, (process) => process.containerKey ?? '');
  const podOf = new Map(model.pods.flatMap((pod) => pod.containers.map((key) => [key, pod] as const)));
  const processes = model.goProcesses.map((process) => {
    const container = process.containerKey === undefined ? undefined : byKey.get(process.containerKey);
    const pod = podOf.get(process.containerKey ?? '');
    const siblings =
      container === undefined || pod === undefined
        ? []
        : pod.containers.flatMap((key) => (key === container.key ? [] : (byKey.get(key) ?? [])));
    const subject = processSubject(process, container);
    const thresholds = thresholdsFor(subject);
    return { subject, context: { process, container, pod, siblings, node, at, windowSeconds, thresholds } };
  });
  const neighbours = model.containers;
  const containers = model.containers.map((container) => {
    const subject = containerSubject(container);
    const thresholds = thresholdsFor(subject);
    const mine = byContainer.get(container.key) ?? [];
    return { subject, context: { container, processes: mine, neighbours, node, at, windowSeconds, thresholds } };
  });
  const pods = model.pods.map((pod) => {
    const subject = podSubject(pod);
    const thresholds = thresholdsFor(subject);
    const inside = pod.containers.flatMap((key) => byKey.get(key) ?? []);
    const mine = pod.containers.flatMap((key) => byContainer.get(key) ?? []);
    const firstSeen = !seenBefore(pod.key);
    return { subject, context: { pod, containers: inside, processes: mine, firstSeen, at, windowSeconds, thresholds } };
  });
  return { processes, containers, pods, nodes };
}

function ask<C>(
  rule: Rule,
  judging: Judging<C>,
  subjects: readonly About<C>[],
  { isOff, remembered, observed }: Asking,
  hear: Hearing,
): void {
  const name = memoryOf(rule);
  const memory = remembered.get(name) ?? new Map<string, unknown>();
  if (judging.observe !== undefined && observed !== true) remembered.set(name, memory);
  for (const { subject, context } of subjects)
    if (!isOff(rule.id, subject)) hear(rule, subject, verdictOf(judging, subject.key, context, memory, observed));
}

function verdictOf<C>(
  judging: Judging<C>,
  key: string,
  context: C,
  memory: Map<string, unknown>,
  observed: true | undefined,
): Verdict {
  if (judging.observe === undefined) return judging.detect(context);
  // A rule that is off remembers nothing, and is given what it would see at first sight.
  if (observed === true) return judging.detect(context, memory.get(key) ?? judging.observe(undefined, context));
  const state = judging.observe(memory.get(key), context);
  memory.set(key, state);
  return judging.detect(context, state);
}

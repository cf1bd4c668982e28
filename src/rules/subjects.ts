import { groupBy } from '../base/group.ts';
import type { ContainerModel, GoProcessModel, NodeModel, PodModel } from '../model/types.ts';
import type { Thresholds } from './thresholds.ts';
import type { Judging, Rule, RuleId, Subject, Verdict } from './types.ts';

/** One rule asked about one subject. */
export interface Judgement {
  readonly rule: Rule;
  readonly subject: Subject;
  readonly verdict: Verdict;
}

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

/** What the engine knows when it asks. */
export interface Asking {
  readonly thresholdsFor: (subject: Subject) => Thresholds;
  /** The operator does not want this rule for this subject. */
  readonly isOff: (rule: RuleId, subject: Subject) => boolean;
  /** Whether a subject of this key was in an earlier model. */
  readonly seenBefore: (key: string) => boolean;
  /** What rules remember, by {@link stateKey}; rules that look back read and write it here. */
  readonly remembered: Map<string, unknown>;
  /** The model was asked about before: what is remembered has it already, and stays as it is. */
  readonly observed?: true;
}

export function stateKey(rule: RuleId, subjectKey: string): string {
  return `${rule}|${subjectKey}`;
}

/** Where a rule remembers of a subject: under its own id, or under the memory that it shares. */
export function memoryKey({ id, memory }: Rule, subjectKey: string): string {
  return `${memory ?? id}|${subjectKey}`;
}

/**
 * Asks every rule about every subject of its kind. On a node without the unified hierarchy only the node itself is judged:
 * nothing else could be right.
 */
export function* judge(rules: readonly Rule[], model: NodeModel, asking: Asking): Generator<Judgement> {
  const { at, windowSeconds, node } = model;
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const byContainer = groupBy(model.goProcesses, (process) => process.containerKey ?? '');
  const podOf = new Map(model.pods.flatMap((pod) => pod.containers.map((key) => [key, pod] as const)));
  const judged = node.hierarchy === 'unified';
  const siblingsOf = (container: ContainerModel | undefined, pod: PodModel | undefined): readonly ContainerModel[] =>
    container === undefined || pod === undefined || pod.containers.length < 2
      ? []
      : pod.containers.flatMap((key) => (key === container.key ? [] : (containers.get(key) ?? [])));
  const ask = function* <C>(rule: Rule, judging: Judging<C>, subject: Subject, context: C): Generator<Judgement> {
    if (!asking.isOff(rule.id, subject))
      yield { rule, subject, verdict: verdictOf(rule, judging, subject, context, asking) };
  };
  for (const rule of rules) {
    if (rule.subject === 'node') {
      yield* ask(rule, rule, NODE, { model, at, windowSeconds, thresholds: asking.thresholdsFor(NODE) });
    } else if (!judged) {
      continue;
    } else if (rule.subject === 'process') {
      for (const process of model.goProcesses) {
        const container = process.containerKey === undefined ? undefined : containers.get(process.containerKey);
        const subject = processSubject(process, container);
        const thresholds = asking.thresholdsFor(subject);
        const pod = podOf.get(process.containerKey ?? '');
        const siblings = siblingsOf(container, pod);
        yield* ask(rule, rule, subject, { process, container, pod, siblings, node, at, windowSeconds, thresholds });
      }
    } else if (rule.subject === 'container') {
      for (const container of model.containers) {
        const subject = containerSubject(container);
        const thresholds = asking.thresholdsFor(subject);
        const processes = byContainer.get(container.key) ?? [];
        const neighbours = model.containers;
        yield* ask(rule, rule, subject, { container, processes, neighbours, node, at, windowSeconds, thresholds });
      }
    } else {
      for (const pod of model.pods) {
        const subject = podSubject(pod);
        const thresholds = asking.thresholdsFor(subject);
        const mine = pod.containers.flatMap((key) => containers.get(key) ?? []);
        const processes = pod.containers.flatMap((key) => byContainer.get(key) ?? []);
        const firstSeen = !asking.seenBefore(pod.key);
        yield* ask(rule, rule, subject, { pod, containers: mine, processes, firstSeen, at, windowSeconds, thresholds });
      }
    }
  }
}

function verdictOf<C>(
  rule: Rule,
  judging: Judging<C>,
  subject: Subject,
  context: C,
  { remembered, observed }: Asking,
): Verdict {
  if (judging.observe === undefined) return judging.detect(context);
  const key = memoryKey(rule, subject.key);
  // A rule that is off remembers nothing, and is given what it would see at first sight.
  if (observed === true) return judging.detect(context, remembered.get(key) ?? judging.observe(undefined, context));
  const state = judging.observe(remembered.get(key), context);
  remembered.set(key, state);
  return judging.detect(context, state);
}

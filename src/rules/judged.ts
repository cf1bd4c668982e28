import type { NodeModel } from '../model/types.ts';
import { type EngineOptions, overrideFits, type RuleEngine } from './engine.ts';
import { type Judgement, judge } from './subjects.ts';
import type { Rule, RuleId, Subject, Verdict } from './types.ts';

/** What the operator asked about. Fields left out: any. */
export interface Wanted {
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  /** A pid, the program's name, or the path of its main module or package. */
  readonly process?: string;
  readonly rule?: RuleId;
}

/** One rule's word on one subject. */
export interface Answer {
  readonly rule: Rule;
  readonly verdict: Verdict;
  /** The setting that switches the rule off for this subject, so that the agent does not ask it; undefined when none does. */
  readonly off: 'rules.disable' | 'overrides' | undefined;
}

/** A subject with the word of every rule that judges its kind. */
export interface Judged {
  readonly subject: Subject;
  readonly answers: readonly Answer[];
}

/**
 * Asks every rule once about the subjects that fit, those that are switched off too. A container or pod fits a process by name when
 * the process is in it, so that what is around a program is shown with it. The node fits only when no subject is named.
 */
export function judgeOnce(model: NodeModel, rules: readonly Rule[], options: EngineOptions, wanted: Wanted): Judged[] {
  const { thresholds, overrides = [] } = options;
  const wantedRules = wanted.rule === undefined ? rules : rules.filter(({ id }) => id === wanted.rule);
  const judgements = judge(wantedRules, model, {
    thresholdsFor: (subject) => overrides.find((override) => overrideFits(override, subject))?.thresholds ?? thresholds,
    isOff: () => false,
    seenBefore: () => false,
    remembered: new Map(),
  });
  return gathered(judgements, options, selector(model, wanted));
}

/**
 * The word of every rule on the subjects wanted, those that are switched off too, as the engine had it when it evaluated `model`, which
 * is the last one that it did. Changes nothing.
 */
export function judgeAgain(
  model: NodeModel,
  rules: readonly Rule[],
  engine: RuleEngine,
  isWanted: (subject: Subject) => boolean,
): Judged[] {
  const asking = { ...engine.askingAgain(), isOff: (_rule: RuleId, subject: Subject) => !isWanted(subject) };
  return gathered(judge(rules, model, asking), engine.options, isWanted);
}

function gathered(
  judgements: Iterable<Judgement>,
  { rules: running, overrides = [] }: EngineOptions,
  isWanted: (subject: Subject) => boolean,
): Judged[] {
  const bySubject = new Map<string, { subject: Subject; answers: Answer[] }>();
  for (const { rule, subject, verdict } of judgements) {
    if (!isWanted(subject)) continue;
    const key = `${subject.kind}|${subject.key}`;
    const entry = bySubject.get(key) ?? { subject, answers: [] };
    bySubject.set(key, entry);
    const overridden = overrides.some(
      (override) => override.disable.includes(rule.id) && overrideFits(override, subject),
    );
    const off = running.every(({ id }) => id !== rule.id) ? 'rules.disable' : overridden ? 'overrides' : undefined;
    entry.answers.push({ rule, verdict, off });
  }
  return [...bySubject.values()].sort((a, b) => placeOf(a.subject).localeCompare(placeOf(b.subject)));
}

/** Pod, then its containers, then their processes; what is in no pod by its cgroup, and the node last. */
function placeOf({ kind, namespace, pod, container, cgroupPath, pid }: Subject): string {
  const order = { pod: 0, container: 1, process: 2, node: 3 }[kind];
  const place = [
    namespace ?? '',
    pod ?? cgroupPath ?? '\uffff',
    container ?? '',
    order,
    String(pid ?? 0).padStart(9, '0'),
  ];
  return place.join('\u0000');
}

function selector(model: NodeModel, { namespace, pod, container, process }: Wanted): (subject: Subject) => boolean {
  const programs = model.goProcesses.filter(
    ({ pid, name, mainModule, mainPath }) =>
      process === undefined || [String(pid), name, mainModule, mainPath].includes(process),
  );
  const pids = new Set(programs.map(({ pid }) => pid));
  const around = new Set(programs.map(({ containerKey }) => containerKey));
  const named = [namespace, pod, container, process].some((name) => name !== undefined);
  const inside = new Set(
    model.containers.flatMap(({ key, identity }) => {
      const fitsName = container === undefined || container === identity.container || container === identity.unit;
      return fitsName && (process === undefined || around.has(key)) ? [key] : [];
    }),
  );
  const pods = new Set(
    model.pods.flatMap(({ key, containers }) => (containers.some((at) => inside.has(at)) ? [key] : [])),
  );
  return (subject) => {
    if (subject.kind === 'node') return !named;
    if (namespace !== undefined && subject.namespace !== namespace) return false;
    if (pod !== undefined && subject.pod !== pod) return false;
    if (subject.kind === 'pod') return (container ?? process) === undefined || pods.has(subject.key);
    if (container !== undefined && subject.container !== container) return false;
    if (process === undefined) return true;
    return subject.kind === 'container' ? around.has(subject.key) : subject.pid !== undefined && pids.has(subject.pid);
  };
}

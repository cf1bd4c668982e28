import type { NodeModel } from '../model/node-types.ts';
import { type EngineOptions, overrideFits, type RuleEngine } from './engine.ts';
import { IgnoredRules } from './ignored.ts';
import { type Asking, judge } from './subjects.ts';
import type { Rule, RuleId, Subject, Verdict } from './types.ts';
import { unknown } from './verdict.ts';

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
  /** What switches the rule off for this subject, so that the agent does not ask it; undefined when nothing does. */
  readonly off: keyof typeof OFF_BY | undefined;
}

/** What can switch a rule off, in words. */
export const OFF_BY = {
  'rules.disable': 'rules.disable of the configuration',
  overrides: 'overrides of the configuration',
  annotation: 'the annotation cgopher.dev/ignore of the pod',
} as const;

/** A subject with the word of every rule that judges its kind. */
export interface Judged {
  readonly subject: Subject;
  readonly answers: readonly Answer[];
}

/**
 * Asks every rule once about the subjects that fit, those that are switched off too. A container or pod fits a process by name when
 * the process is in it, so that what is around a program is shown with it. The node fits only when no subject is named. A rule that saw
 * nothing happen as far as it looked back is unknown here: it has looked once.
 */
export function judgeOnce(model: NodeModel, rules: readonly Rule[], options: EngineOptions, wanted: Wanted): Judged[] {
  const { thresholds, overrides = [] } = options;
  const wantedRules = wanted.rule === undefined ? rules : rules.filter(({ id }) => id === wanted.rule);
  const asking: Asking = {
    thresholdsFor: (subject) => overrides.find((override) => overrideFits(override, subject))?.thresholds ?? thresholds,
    isOff: () => false,
    seenBefore: () => false,
    remembered: new Map(),
  };
  const isWanted = selector(model, wanted);
  return gathered(model, wantedRules, asking, options, isWanted).map(({ subject, answers }) => ({
    subject,
    answers: answers.map((answer) => ({ ...answer, verdict: lookedOnce(answer.verdict) })),
  }));
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
  return gathered(model, rules, asking, engine.options, isWanted);
}

function lookedOnce(verdict: Verdict): Verdict {
  return verdict.outcome === 'clear' && verdict.soFar === true
    ? unknown(`what the agent saw before, which its pages and /findings tell (in this one look: ${verdict.reason})`)
    : verdict;
}

function gathered(
  model: NodeModel,
  rules: readonly Rule[],
  asking: Asking,
  { rules: running, overrides = [] }: EngineOptions,
  isWanted: (subject: Subject) => boolean,
): Judged[] {
  const bySubject = new Map<string, { subject: Subject; answers: Answer[] }>();
  const ignored = new IgnoredRules(model);
  judge(rules, model, asking, (rule, subject, verdict) => {
    if (!isWanted(subject)) return;
    const key = `${subject.kind}|${subject.key}`;
    const entry = bySubject.get(key) ?? { subject, answers: [] };
    bySubject.set(key, entry);
    const overridden = overrides.some(
      (override) => override.disable.includes(rule.id) && overrideFits(override, subject),
    );
    const off = running.every(({ id }) => id !== rule.id)
      ? 'rules.disable'
      : overridden
        ? 'overrides'
        : ignored.has(rule.id, subject)
          ? 'annotation'
          : undefined;
    entry.answers.push({ rule, verdict, off });
  });
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

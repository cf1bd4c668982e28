import type { Rule } from '../../../src/rules/types.ts';
import { type Figure, figures } from './figures.ts';
import { type Level, levelOf, SUBJECT_LABELS } from './levels.ts';

const NODE = '{{ with $labels.node }} on node {{ . }}{{ end }}';

/** Who it is about, in Prometheus's template language. Names that are not known are left out: a unit has no pod, a pod may have no name. */
const WHO: Readonly<Record<Level, string>> = {
  container: `{{ if $labels.pod }}Container {{ $labels.container }} of pod {{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.pod }}{{ else }}Unit {{ $labels.container }}{{ end }}${NODE}`,
  pod: `Pod {{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.pod }}${NODE}`,
  node: 'Node {{ or $labels.node $labels.instance }}',
};

/** Defines `$subject`: matchers that find the series of the alert's subject. `%q` escapes other people's names. */
function subjectMatchers(level: Level): string {
  const labels = SUBJECT_LABELS[level];
  return `{{- $subject := printf "${labels.map((label) => `${label}=%q`).join(',')}" ${labels.map((label) => `$labels.${label}`).join(' ')} -}}`;
}

function figureText({ say, query, as }: Figure): string {
  const asked = query.replaceAll('SUBJECT', '%s').replaceAll('"', '\\"');
  const [before, after] = say.split('{}');
  return `{{- with printf "${asked}" $subject | query }} ${before}{{ . | first | value | ${as} }}${after}{{ end }}`;
}

/** A rule that looks back cannot be asked by a command that looks once. */
function evidencePlace({ id, observe }: Rule): string {
  return observe === undefined
    ? `/findings of the agent on that node, or cgopher why --rule ${id}.`
    : '/findings of the agent on that node, or its pages. They remember what cgopher why, which looks once, cannot know.';
}

/** What a person reads first: who, what, the numbers worth knowing; and on a second line where the rest is. */
export function description(rule: Rule): string {
  const level = levelOf(rule);
  const numbers = figures[rule.id] ?? [];
  return [
    ...(numbers.length === 0 ? [] : [subjectMatchers(level)]),
    `${WHO[level]}: ${rule.title}.`,
    ...numbers.map(figureText),
    `Evidence and the exact change: ${evidencePlace(rule)}`,
  ].join('\n');
}

/** One line without values, so that alerts of one kind read alike. */
export function summary({ title }: Pick<Rule, 'title'>): string {
  return `${title}.`;
}

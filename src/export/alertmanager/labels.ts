import type { Finding, RuleId } from '../../rules/types.ts';
import { bounded } from '../labels.ts';

export type Labels = Readonly<Record<string, string>>;

/** Labels a finding gives by itself. Nobody else may set them. */
export const OWN_LABELS = ['alertname', 'rule', 'severity', 'namespace', 'pod', 'container', 'process'] as const;

/** The alert of a rule, by the same name as in the Prometheus rules. */
export function alertName(rule: RuleId): string {
  return `Cgopher${rule}`;
}

/**
 * What tells one alert from another. Values are well-formed Unicode of bounded length; a name that is not known has no label, because
 * an empty label is none. `more` are labels of the node and of the operator; those of the finding win.
 */
export function alertLabels({ rule, severity, subject }: Finding, more: Labels): Labels {
  const { namespace, pod, container, process } = subject;
  const own: Readonly<Record<(typeof OWN_LABELS)[number], string | undefined>> = {
    alertname: alertName(rule),
    rule,
    severity,
    namespace,
    pod,
    container,
    process,
  };
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...more, ...own })) {
    if (value !== undefined && value !== '') labels[name] = bounded(wellFormed(value));
  }
  return labels;
}

/** One key for equal labels, whatever their order. */
export function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Half of a pair of surrogates has no form in UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

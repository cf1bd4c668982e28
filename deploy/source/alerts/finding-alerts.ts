import { alertName } from '../../../src/export/alertmanager/labels.ts';
import { catalogue } from '../../../src/rules/catalogue.ts';
import { runbookUrl } from '../../../src/rules/runbook.ts';
import type { Rule } from '../../../src/rules/types.ts';
import { description, summary } from './annotations.ts';
import { findingSeries, levelOf } from './levels.ts';
import { forOf, keepFiringFor } from './timing.ts';
import type { AlertOptions, AlertRule } from './types.ts';

/**
 * The alert of a rule. Its severity is that of the finding: the agent decides it from the numbers, and the series carries it. A finding
 * that gets worse is a new alert of the same name; the old one ends, and until then is inhibited by the new one.
 */
export function findingAlert(rule: Rule, { runbookBase }: AlertOptions): AlertRule {
  const name = alertName(rule.id);
  return {
    alert: name,
    expr: `${findingSeries(levelOf(rule))}{rule="${rule.id}"} == 1`,
    for: forOf(rule),
    keep_firing_for: keepFiringFor(rule),
    labels: { severity: '{{ $labels.severity }}' },
    annotations: {
      summary: summary(rule),
      description: description(rule),
      runbook_url: runbookUrl(name, runbookBase),
    },
  };
}

/** One alert a rule, in the order of the catalogue. */
export function findingAlerts(options: AlertOptions): AlertRule[] {
  return catalogue.map((rule) => findingAlert(rule, options));
}

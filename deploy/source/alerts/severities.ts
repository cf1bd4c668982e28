import type { Rule, Severity } from '../../../src/rules/types.ts';

const ORDER: readonly Severity[] = ['info', 'warning', 'critical'];

/** The severities a rule can have, least first: those that its own text names. */
export function severitiesOf({ about }: Pick<Rule, 'about'>): Severity[] {
  return ORDER.filter((severity) => new RegExp(`\\b${severity}\\b`).test(about.severity));
}

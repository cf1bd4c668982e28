import { catalogue } from '../../../src/rules/catalogue.ts';
import type { Rule, RuleId } from '../../../src/rules/types.ts';
import { symptomsOf } from './inhibitions.ts';

/** A rule of the table. */
export function ruleOf(id: RuleId): Rule {
  const found = catalogue.find((rule) => rule.id === id);
  if (found === undefined) throw new Error(`the catalogue has no rule ${id}`);
  return found;
}

/**
 * How long a finding must be there before its alert fires. The agent has held it already: two looks, and the rule's own time where it has
 * one. A minute more, and a finding that is withdrawn at once wakes nobody. Longer would do harm: each gap in the scrapes starts it anew.
 * Events wait for nothing, and neither do findings that were held for a minute or more.
 */
export function forOf({ forSeconds, keepSeconds }: Rule): string {
  return keepSeconds !== undefined || (forSeconds ?? 0) >= 60 ? '0s' : '1m';
}

/**
 * Bridges a scrape that failed, and a restart of the agent, whose findings begin anew: half a minute to start, two looks, and the rule's
 * hold time. Rules that look back have lost what they remembered, and those held for minutes take that long again: both get longer.
 */
function ownMinutes({ forSeconds = 0, keepSeconds, observe }: Rule): number {
  if (keepSeconds !== undefined) return 5;
  return observe !== undefined || forSeconds > 120 ? 10 : 5;
}

function keepMinutes(rule: Rule): number {
  return Math.max(ownMinutes(rule), ...symptomsOf(rule.id).map((id) => keepMinutes(ruleOf(id))));
}

/**
 * How long an alert goes on after its finding is gone. Never shorter than that of an alert it inhibits: both end together when a program is
 * restarted, and a symptom that was kept longer would be told after all is well.
 */
export function keepFiringFor(rule: Rule): string {
  return `${keepMinutes(rule)}m`;
}

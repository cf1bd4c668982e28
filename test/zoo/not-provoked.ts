import type { RuleId } from '../../src/rules/types.ts';

/** Why the zoo has no case that fires for a rule, and what stands in its place. */
export const NOT_PROVOKED: Partial<Record<RuleId, string>> = {};

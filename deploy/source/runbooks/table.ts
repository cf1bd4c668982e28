import type { RuleId } from '../../../src/rules/types.ts';
import { capacity } from './capacity.ts';
import { cpuSettings } from './cpu-settings.ts';
import { cpuTime } from './cpu-time.ts';
import { goroutines } from './goroutines.ts';
import { io } from './io.ts';
import { kills } from './kills.ts';
import { memoryLimits } from './memory-limits.ts';
import { memoryUse } from './memory-use.ts';
import { node } from './node.ts';
import { pods } from './pods.ts';
import type { Runbook } from './types.ts';

/** What a person wrote of each rule. A new rule without an entry does not compile. */
export const runbooks: Readonly<Record<RuleId, Runbook>> = {
  ...cpuSettings,
  ...cpuTime,
  ...memoryLimits,
  ...memoryUse,
  ...kills,
  ...io,
  ...goroutines,
  ...capacity,
  ...pods,
  ...node,
};

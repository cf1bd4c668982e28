import type { NudgePlan } from '../actions/gc-nudge-types.ts';
import { memoryHeld } from '../actions/memory-held.ts';
import type { NodeModel } from '../model/node-types.ts';

/** What a look after a collection says of it. */
export interface NudgeEffect {
  /** Live heap it found. `mixed`: other collections ran since; undefined: none that was forced is known to have run. */
  readonly liveBytes: number | 'mixed' | undefined;
  /** memory.current of what the limit counts. */
  readonly heldBytes: number;
}

/** Undefined when the process or its cgroup is gone, or no longer read. */
export function effectOf(plan: NudgePlan, model: NodeModel): NudgeEffect | undefined {
  const process = model.goProcesses.find(({ key }) => key === plan.processKey);
  const held = memoryHeld(model, plan.limitPath);
  if (process === undefined || held === undefined) return undefined;
  return { liveBytes: liveBytes(plan, process.runtime), heldBytes: held.currentBytes };
}

function liveBytes(
  plan: NudgePlan,
  { gcCycles, forcedGcCycles, heapLiveBytes }: NodeModel['goProcesses'][number]['runtime'],
): NudgeEffect['liveBytes'] {
  if (forcedGcCycles?.from !== 'memory' || forcedGcCycles.value <= plan.forcedGcCycles) return undefined;
  if (gcCycles?.from !== 'memory' || gcCycles.value - plan.gcCycles !== 1) return 'mixed';
  return heapLiveBytes?.from === 'memory' ? heapLiveBytes.value : 'mixed';
}

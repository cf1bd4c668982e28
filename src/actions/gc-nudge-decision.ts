import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import { isShared } from '../rules/memory-inputs.ts';
import { humanBytes, percent } from '../rules/quantity.ts';
import { expectedFreed, type NotWorthIt } from './expected-freed.ts';
import type { NudgeDecision, NudgePast, NudgePlan, NudgeSettings, NudgeSkip } from './gc-nudge-types.ts';
import { memoryHeld } from './memory-held.ts';

/**
 * Which program, if any, is to be asked for a collection now, and why the other selected ones near their limit are not. Programs that
 * no selector names, that have no limit or are below the mark are not in the answer at all.
 */
export function decideNudge(model: NodeModel, settings: NudgeSettings, past: NudgePast): NudgeDecision {
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const nowMs = model.at.monotonicMs;
  const skipped: NudgeSkip[] = [];
  const plans: NudgePlan[] = [];
  for (const process of model.goProcesses) {
    const container = process.containerKey === undefined ? undefined : containers.get(process.containerKey);
    if (container === undefined || !isSelected(container, settings)) continue;
    const plan = planFor(process, container, model, settings);
    if (plan === undefined) continue;
    const processKey = process.key;
    if ('reason' in plan) skipped.push({ processKey, ...plan });
    else if (nowMs < (past.notBeforeMs.get(processKey) ?? Number.NEGATIVE_INFINITY))
      skipped.push({ processKey, reason: 'process-interval', detail: 'it was asked not long ago' });
    else plans.push(plan);
  }
  plans.sort((a, b) => b.heldBytes / b.limitBytes - a.heldBytes / a.limitBytes);
  const chosen = nowMs < past.nodeNotBeforeMs ? undefined : plans[0];
  for (const { processKey } of plans)
    if (processKey !== chosen?.processKey)
      skipped.push({
        processKey,
        reason: 'node-interval',
        detail: 'the node asks one at a time, with a pause in between',
      });
  return { plan: chosen, skipped };
}

/** What could not be named is never selected. */
function isSelected({ identity }: ContainerModel, { selectors }: NudgeSettings): boolean {
  return (
    identity.state === 'resolved' &&
    selectors.some(
      ({ namespace, pod, container }) =>
        namespace === identity.namespace &&
        (pod === undefined || pod === identity.pod) &&
        (container === undefined || container === identity.container),
    )
  );
}

/** Undefined: there is no limit, or it is not near. */
function planFor(
  process: GoProcessModel,
  { identity }: ContainerModel,
  model: NodeModel,
  settings: NudgeSettings,
): NudgePlan | NotWorthIt | undefined {
  const effective = process.effective.memoryMaxBytes;
  if (effective === undefined) return { reason: 'unknown', detail: 'memory.max is not known' };
  if (effective.limit === 'max') return undefined;
  // Nobody can tell whose memory fills what all pods of the node share.
  if (isShared(effective.level))
    return { reason: 'shared-limit', detail: `the tightest limit is of the ${effective.level} level` };
  const held = memoryHeld(model, effective.cgroupPath);
  if (held === undefined) return { reason: 'unknown', detail: 'memory.current or memory.stat of the limited cgroup' };
  const mark = settings.atMemoryRatio * effective.limit;
  if (held.currentBytes <= mark) return undefined;
  const missingBytes = Math.ceil(held.workingSetBytes - mark);
  if (missingBytes <= 0)
    return {
      reason: 'page-cache',
      detail: `without inactive page cache ${humanBytes(held.workingSetBytes)} are held, below the mark of ${humanBytes(mark)}`,
    };
  const { anonShare } = process.attribution;
  if (anonShare === undefined) return { reason: 'unknown', detail: 'share of the cgroup’s memory the process holds' };
  if (anonShare < settings.attributionRatio)
    return { reason: 'other-memory', detail: `the process holds ${percent(anonShare)} of the anonymous memory` };
  const freed = expectedFreed(process, missingBytes, settings, model.at.wallMs);
  if ('reason' in freed) return freed;
  if (process.pprof.answersAt === undefined)
    return { reason: 'no-endpoint', detail: `net/http/pprof does not answer: ${process.endpointDetail}` };
  return {
    processKey: process.key,
    process: process.name,
    namespace: identity.namespace,
    pod: identity.pod,
    container: identity.container,
    limitPath: effective.cgroupPath,
    limitBytes: effective.limit,
    heldBytes: held.currentBytes,
    missingBytes,
    ...freed,
  };
}

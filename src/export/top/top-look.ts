import type { NodeModel } from '../../model/node-types.ts';
import type { Finding } from '../../rules/types.ts';
import { privilegeAdvice } from '../privilege-advice.ts';
import { bySeverity, firingBySubject, type WorkloadRow, workloadRows } from '../workload-rows.ts';

/** One Go process with what fires for it, its container or its pod, gravest first. */
export interface TopWorkload {
  readonly row: WorkloadRow;
  readonly findings: readonly Finding[];
}

/** One look at a node, as much of it as a terminal shows. */
export interface TopLook {
  readonly takenUnixMs: number;
  /** Undefined: a first sample, which has no rates. */
  readonly windowSeconds: number | undefined;
  readonly hostname: string | undefined;
  readonly kernelRelease: string | undefined;
  readonly hierarchy: NodeModel['node']['hierarchy'];
  readonly workloads: readonly TopWorkload[];
  /** All that fires, also for the node and for subjects without a Go process. */
  readonly firing: readonly Finding[];
  /** What cannot be seen, and what would help. */
  readonly advice: string | undefined;
}

export function topLook(model: NodeModel, findings: readonly Finding[]): TopLook {
  const { node } = model;
  const bySubject = firingBySubject(findings);
  const podOf = new Map(model.pods.flatMap((pod) => pod.containers.map((key) => [key, pod.key] as const)));
  const workloads = workloadRows(model, findings).map((row): TopWorkload => {
    const about = [row.key, row.containerKey, podOf.get(row.containerKey ?? '')];
    const own = about.flatMap((key) => (key === undefined ? [] : (bySubject.get(key) ?? [])));
    return { row, findings: own.sort(bySeverity) };
  });
  const unseen = model.containers.reduce((sum, container) => sum + container.unseenProcesses, 0);
  return {
    takenUnixMs: model.at.wallMs,
    windowSeconds: model.windowSeconds,
    hostname: node.hostname,
    kernelRelease: node.kernelRelease,
    hierarchy: node.hierarchy,
    workloads,
    firing: findings.filter(({ state }) => state === 'firing').sort(bySeverity),
    advice: privilegeAdvice(node.privileges, unseen),
  };
}

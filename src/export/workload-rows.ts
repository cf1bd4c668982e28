import type { Known } from '../base/known.ts';
import type { Limit } from '../base/limit.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { Level } from '../model/limit-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import { containerName } from '../rules/subjects.ts';
import type { Finding, Severity } from '../rules/types.ts';

/** A limit with the level that sets it. */
export interface LimitFigure {
  readonly limit: Limit;
  readonly level: Level;
  /** false: some level above was not read, so that a tighter one may be in force. */
  readonly complete: boolean;
}

/** What a bar of CPU is drawn from. Undefined: not known. */
export interface CpuFigures {
  /** Of the container; of the process where it is in none. */
  readonly usageCores: number | undefined;
  readonly gomaxprocs: Known<number> | undefined;
  readonly limitCores: LimitFigure | undefined;
  /** Throttled periods / periods, at the level where it was worst. */
  readonly throttledRatio: number | undefined;
}

/** What a bar of memory is drawn from, all in bytes. Undefined: not known. */
export interface MemoryFigures {
  readonly heapLive: Known<number> | undefined;
  readonly heapGoal: Known<number | 'off'> | undefined;
  readonly gomemlimit: Known<number | 'off'> | undefined;
  /** memory.current of the container, which holds all its processes and the page cache they caused. */
  readonly current: number | undefined;
  readonly high: LimitFigure | undefined;
  readonly max: LimitFigure | undefined;
}

/** One Go process with what it runs in: a row of the page and of a terminal. */
export interface WorkloadRow {
  /** Of the process: `pid@startTimeTicks`. */
  readonly key: string;
  readonly containerKey: string | undefined;
  readonly namespace: string | undefined;
  /** The pod's name, else its UID. */
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly cgroupPath: string;
  readonly process: string;
  readonly pid: number;
  readonly goVersion: string;
  /** Go processes in the container, this one included: they share its memory and its CPU limit. */
  readonly sharedBy: number;
  /** Worst of what fires for the process, its container or its pod. Undefined: nothing does. */
  readonly severity: Severity | undefined;
  readonly firing: number;
  readonly cpu: CpuFigures;
  readonly memory: MemoryFigures;
  readonly goroutines: number | undefined;
  /** Share of the program's CPU time that went into collecting. */
  readonly gcCpuRatio: number | undefined;
}

export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Gravest first, then by rule and by whom it is about. */
export function bySeverity(a: Finding, b: Finding): number {
  return (
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    a.rule.localeCompare(b.rule) ||
    a.subject.key.localeCompare(b.subject.key)
  );
}

/** What fires, by the key of its subject. */
export function firingBySubject(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const bySubject = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.state !== 'firing') continue;
    const list = bySubject.get(finding.subject.key);
    if (list === undefined) bySubject.set(finding.subject.key, [finding]);
    else list.push(finding);
  }
  return bySubject;
}

/** One row for each Go process, in the model's order. */
export function workloadRows(model: NodeModel, findings: readonly Finding[]): WorkloadRow[] {
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const podOf = new Map(model.pods.flatMap((pod) => pod.containers.map((key) => [key, pod.key] as const)));
  const firing = firingBySubject(findings);
  return model.goProcesses.map((process) => {
    const { containerKey } = process;
    const container = containerKey === undefined ? undefined : containers.get(containerKey);
    const about = [process.key, containerKey, containerKey === undefined ? undefined : podOf.get(containerKey)];
    return rowOf(
      process,
      container,
      about.flatMap((key) => (key === undefined ? [] : (firing.get(key) ?? []))),
    );
  });
}

function rowOf(
  process: GoProcessModel,
  container: ContainerModel | undefined,
  firing: readonly Finding[],
): WorkloadRow {
  const { settings, runtime, effective } = process;
  const worst = [...firing].sort(bySeverity)[0];
  return {
    key: process.key,
    containerKey: process.containerKey,
    namespace: container?.identity.namespace,
    pod: container?.identity.pod ?? container?.identity.podUid,
    container: container === undefined ? undefined : containerName(container),
    cgroupPath: process.cgroupPath,
    process: process.name,
    pid: process.pid,
    goVersion: process.goVersion,
    sharedBy: Math.max(1, container?.goPids.length ?? 1),
    severity: worst?.severity,
    firing: firing.length,
    cpu: {
      usageCores: container?.cpu.usageCores ?? process.usageCores,
      gomaxprocs: settings.gomaxprocs,
      limitCores: effective.cpuCores,
      throttledRatio: container?.throttling?.throttledRatio,
    },
    memory: {
      heapLive: runtime.heapLiveBytes,
      heapGoal: runtime.heapGoalBytes,
      gomemlimit: settings.gomemlimit,
      current: container?.memory.currentBytes,
      high: effective.memoryHighBytes,
      max: effective.memoryMaxBytes,
    },
    goroutines: runtime.goroutines?.value,
    gcCpuRatio: runtime.gcCpuRatio?.value,
  };
}

/** `shop/checkout-6c9f7d5b88-x2kqp/checkout`; the cgroup where there are no names. */
export function rowName({ namespace, pod, container, cgroupPath }: WorkloadRow): string {
  const parts = [namespace, pod, container].filter((part) => part !== undefined);
  return parts.length === 0 ? cgroupPath : parts.join('/');
}

import type { GoProcessModel } from '../model/go-process-types.ts';
import type { Evidence, ProcessContext, Remedy, Severity, Verdict } from './types.ts';
import { clear, fromKnown, fromLimit, unknown } from './verdict.ts';

/** GOMAXPROCS in force and the finite CPU limit it is compared with. */
export interface ProcsAgainstLimit {
  readonly procs: number;
  readonly limitCores: number;
  /** What the Go runtime itself would choose under that limit: ceil, at least 2 (runtime/cgroup_linux.go, Go 1.25). */
  readonly fitting: number;
  /** Ps that can run at the same time: never more than the CPUs the process may use. */
  readonly parallel: number;
  /** Every ancestor's limit was read. If not, a tighter one may exist: enough to say too many, not to say it fits. */
  readonly complete: boolean;
  readonly evidence: readonly Evidence[];
}

/** What the Go runtime makes of a CPU limit (runtime/cgroup_linux.go, adjustCgroupGOMAXPROCS, Go 1.25). */
export function fittingProcs(limitCores: number): number {
  return Math.max(2, Math.ceil(limitCores));
}

/** Collects the two figures; a verdict when they are missing or there is no limit to compare with. */
export function procsAgainstLimit(process: GoProcessModel): ProcsAgainstLimit | { readonly verdict: Verdict } {
  const gomaxprocs = process.settings.gomaxprocs;
  const effective = process.effective.cpuCores;
  if (effective === undefined) return { verdict: unknown('cpu.max of the cgroup and its ancestors') };
  const limitEvidence = fromLimit('effective CPU limit', effective, 'cores', 'cpu.max');
  if (effective.limit === 'max') {
    const verdict = effective.complete
      ? clear('no CPU limit at any level', [limitEvidence])
      : unknown('cpu.max of an ancestor');
    return { verdict };
  }
  if (gomaxprocs === undefined) return { verdict: unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing) };
  const fitting = fittingProcs(effective.limit);
  return {
    procs: gomaxprocs.value,
    limitCores: effective.limit,
    fitting,
    parallel: Math.min(gomaxprocs.value, process.affinityCpus ?? gomaxprocs.value),
    complete: effective.complete,
    evidence: [fromKnown('GOMAXPROCS', gomaxprocs, 'threads', fitting), limitEvidence],
  };
}

/** Clear with this reason; unknown while an ancestor that was not read may hold a tighter limit. */
export function fits(facts: ProcsAgainstLimit, reason: string): Verdict {
  return facts.complete ? clear(reason, facts.evidence) : unknown('cpu.max of an ancestor');
}

/**
 * GOMAXPROCS that the process itself told is not what its runtime would choose here and now: a call of runtime.GOMAXPROCS, or a
 * limit or CPU mask that changed since the start.
 */
export function isSetElsewhere({ settings, expectedGomaxprocs }: GoProcessModel): boolean {
  const { gomaxprocs } = settings;
  return (
    gomaxprocs?.from === 'endpoint' &&
    expectedGomaxprocs.value !== undefined &&
    expectedGomaxprocs.value !== gomaxprocs.value
  );
}

/** Whether a runtime that looks at its own cgroup's cpu.max would come out at a value that fits. Undefined when that limit is not known. */
export function leafLimitFits(process: GoProcessModel, facts: ProcsAgainstLimit): boolean | undefined {
  const leaf = process.leafCpuLimitCores;
  return leaf === undefined ? undefined : leaf !== 'max' && fittingProcs(leaf) <= facts.fitting;
}

/** What it costs: how often the cgroup was throttled, and how long one stall can last. */
export function throttlingEvidence(context: ProcessContext, facts: ProcsAgainstLimit): Evidence[] {
  const { process, container } = context;
  const evidence: Evidence[] = [];
  const throttled = container?.throttling;
  if (throttled?.throttledRatio !== undefined) {
    evidence.push({
      signal: 'throttled periods',
      value: throttled.throttledRatio,
      unit: 'ratio',
      source: `cpu.stat of the ${throttled.level}: ${throttled.throttledPeriods} of ${throttled.periods} periods in ${Math.round(throttled.windowSeconds)} s`,
    });
  }
  const period = process.effective.cpuPeriodSeconds;
  if (period !== undefined && facts.parallel > facts.limitCores) {
    evidence.push({
      signal: 'worst stall per period',
      value: period * (1 - facts.limitCores / facts.parallel),
      unit: 'seconds',
      source: `period x (1 - limit / ${facts.parallel}): ${facts.parallel} busy Ps use up the quota in limit / ${facts.parallel} of the period`,
    });
  }
  const burst = process.effective.cpuBurstSeconds;
  if (burst !== undefined && burst > 0) {
    evidence.push({
      signal: 'burst allowance',
      value: burst,
      unit: 'seconds',
      source: 'cpu.max.burst: quota saved up in quiet periods, so a short burst is not cut',
    });
  }
  return evidence;
}

/** The container uses less than a tenth of what it may: whatever is wrong harms nobody now. */
export function isIdle({ container }: ProcessContext, facts: ProcsAgainstLimit): boolean {
  const usage = container?.cpu.usageCores;
  return usage !== undefined && usage < 0.1 * facts.limitCores;
}

/** A note without throttling, a warning or worse with it. Too few periods are no throttling, and few CPUs cannot overrun the quota. */
export function throttlingSeverity(context: ProcessContext, facts: ProcsAgainstLimit): Severity {
  const { gomaxprocs, cpuThrottled } = context.thresholds;
  const throttled = context.container?.throttling;
  const judged = throttled !== undefined && throttled.periods >= cpuThrottled.minPeriods;
  const ratio = judged ? (throttled.throttledRatio ?? 0) : 0;
  if (facts.parallel <= facts.limitCores) return 'info';
  if (isIdle(context, facts) && ratio < gomaxprocs.criticalThrottledRatio) return 'info';
  const excess = facts.procs / facts.limitCores;
  if (excess >= 4 && ratio >= gomaxprocs.criticalThrottledRatio) return 'critical';
  return excess >= 2 && ratio >= gomaxprocs.warningThrottledRatio ? 'warning' : 'info';
}

/** GOMAXPROCS as a setting of the container. */
export function gomaxprocsPatch(fitting: number): NonNullable<Remedy['patch']> {
  return { kind: 'env', set: { GOMAXPROCS: String(fitting) } };
}

import type { GoProcessModel } from '../model/types.ts';
import type { Evidence, ProcessContext, Remedy, Severity, Verdict } from './types.ts';
import { fromKnown, fromLimit, unknown } from './verdict.ts';

/** GOMAXPROCS in force and the finite CPU limit it is compared with. */
export interface ProcsAgainstLimit {
  readonly procs: number;
  readonly limitCores: number;
  /** What the Go runtime itself would choose under that limit: ceil, at least 2 (runtime/cgroup_linux.go, Go 1.25). */
  readonly fitting: number;
  readonly evidence: readonly Evidence[];
}

/** Collects the two figures; a verdict when they are missing or there is no limit to compare with. */
export function procsAgainstLimit(process: GoProcessModel): ProcsAgainstLimit | { readonly verdict: Verdict } {
  const gomaxprocs = process.settings.gomaxprocs;
  const effective = process.effective.cpuCores;
  if (effective === undefined) return { verdict: unknown('cpu.max of the cgroup and its ancestors') };
  if (effective.limit === 'max') {
    return effective.complete
      ? {
          verdict: {
            outcome: 'clear',
            reason: 'no CPU limit at any level',
            evidence: [fromLimit('effective CPU limit', effective, 'cores', 'cpu.max')],
          },
        }
      : { verdict: unknown('cpu.max of an ancestor') };
  }
  if (gomaxprocs === undefined) return { verdict: unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing) };
  const fitting = Math.max(2, Math.ceil(effective.limit));
  return {
    procs: gomaxprocs.value,
    limitCores: effective.limit,
    fitting,
    evidence: [
      fromKnown('GOMAXPROCS', gomaxprocs, 'threads', fitting),
      fromLimit('effective CPU limit', effective, 'cores', 'cpu.max'),
    ],
  };
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
  if (period !== undefined && facts.procs > facts.limitCores) {
    evidence.push({
      signal: 'worst stall per period',
      value: period * (1 - facts.limitCores / facts.procs),
      unit: 'seconds',
      source: 'period x (1 - limit / GOMAXPROCS): all Ps busy use up the quota in limit / GOMAXPROCS of the period',
    });
  }
  return evidence;
}

/** A note without throttling, a warning or worse with it. An idle process harms nobody. */
export function throttlingSeverity(context: ProcessContext, facts: ProcsAgainstLimit): Severity {
  const ratio = context.container?.throttling?.throttledRatio ?? 0;
  const usage = context.container?.cpu.usageCores;
  if (
    usage !== undefined &&
    usage < 0.1 * facts.limitCores &&
    ratio < context.thresholds.gomaxprocs.criticalThrottledRatio
  )
    return 'info';
  const excess = facts.procs / facts.limitCores;
  if (excess >= 4 && ratio >= context.thresholds.gomaxprocs.criticalThrottledRatio) return 'critical';
  return excess >= 2 && ratio >= context.thresholds.gomaxprocs.warningThrottledRatio ? 'warning' : 'info';
}

/** GOMAXPROCS as a setting of the container. */
export function gomaxprocsPatch(fitting: number): NonNullable<Remedy['patch']> {
  return { kind: 'env', set: { GOMAXPROCS: String(fitting) } };
}

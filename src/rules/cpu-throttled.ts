import { kubernetesCores, percent, round } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function detect({ container, processes, thresholds }: ContainerContext): Verdict {
  if (processes.length === 0) return clear('no Go process in this container');
  const limit = container.effective.cpuCores;
  if (limit === undefined) return unknown('cpu.max of the cgroup and its ancestors');
  if (limit.limit === 'max') return clear('no CPU limit at any level');
  const throttled = container.throttling;
  if (throttled === undefined) return unknown('two samples of cpu.stat of the same cgroup');
  const bounds = thresholds.cpuThrottled;
  const evidence: Evidence[] = [
    {
      signal: 'throttled periods',
      value: throttled.throttledRatio ?? 0,
      unit: 'ratio',
      bound: bounds.warningRatio,
      source: `cpu.stat of the ${throttled.level}: ${throttled.throttledPeriods} of ${throttled.periods} periods in ${round(throttled.windowSeconds, 1)} s`,
    },
  ];
  if (throttled.throttledRatio === undefined || throttled.periods < bounds.minPeriods) {
    return clear(
      `only ${throttled.periods} CPU periods ran, fewer than the ${bounds.minPeriods} a judgement needs`,
      evidence,
    );
  }
  const felt = container.pressure.cpu?.some?.stalledRatio;
  if (felt !== undefined) {
    evidence.push({
      signal: 'time some task waited for CPU',
      value: felt,
      unit: 'ratio',
      bound: bounds.minStalledRatio,
      source: 'cpu.pressure some',
    });
  }
  if (throttled.throttledRatio < bounds.warningRatio)
    return clear(`${percent(throttled.throttledRatio)} of the periods were throttled`, evidence);
  // Without PSI the throttled time itself is the only witness of impact.
  const impact = felt ?? throttled.throttledSeconds / throttled.windowSeconds;
  if (impact < bounds.minStalledRatio)
    return clear(`throttled, but tasks waited only ${percent(impact)} of the time`, evidence);

  const first = processes[0];
  const gomaxprocs = first?.settings.gomaxprocs;
  const fitting = Math.max(2, Math.ceil(limit.limit));
  const tooMany = gomaxprocs !== undefined && gomaxprocs.value > fitting;
  if (gomaxprocs !== undefined) evidence.push(fromKnown('GOMAXPROCS', gomaxprocs, 'threads', fitting));
  evidence.push({
    signal: 'throttled time',
    value: throttled.throttledSeconds / throttled.windowSeconds,
    unit: 'ratio',
    source: 'cpu.stat throttled_usec per second, summed over CPUs',
  });
  const usage = container.cpu.usageCores;
  if (usage !== undefined)
    evidence.push({
      signal: 'CPU used',
      value: usage,
      unit: 'cores',
      bound: limit.limit,
      source: 'cpu.stat usage_usec',
    });
  const next = Math.ceil(limit.limit * 1.5 * 2) / 2;
  return {
    outcome: 'holds',
    severity: throttled.throttledRatio >= bounds.criticalRatio ? 'critical' : 'warning',
    summary: `${percent(throttled.throttledRatio)} of the CPU periods were cut short by the limit of ${round(limit.limit, 3)} cores at the ${throttled.level}; some task waited for CPU ${percent(impact)} of the time`,
    evidence,
    remedy: tooMany
      ? {
          text: `First set GOMAXPROCS=${fitting}: ${gomaxprocs.value} Ps burn the quota in bursts. If it is still throttled, raise the CPU limit.`,
          patch: { kind: 'env', set: { GOMAXPROCS: String(fitting) } },
        }
      : {
          text: `GOMAXPROCS fits, so the program needs more CPU than its limit of ${kubernetesCores(limit.limit)}: raise it (next step ${kubernetesCores(next)}), or remove it and keep the request.`,
          patch: { kind: 'resources', set: { 'limits.cpu': kubernetesCores(next) } },
        },
  };
}

/**
 * nr_throttled / nr_periods over the window at the level that owns the quota, felt as waiting (cpu.pressure some).
 * Sources: cgroup-v2.rst cpu.stat; kubernetes-mixin's CPUThrottlingHigh uses 25 % for its alert.
 */
export const cpuThrottled: Rule = {
  id: 'CpuThrottled',
  title: 'The CPU limit stops a Go program again and again',
  subject: 'container',
  detect,
};

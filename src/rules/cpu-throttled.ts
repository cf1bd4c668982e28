import type { ThrottlingModel } from '../model/cpu-types.ts';
import { cpuThrottledRemedy, isSetAt, mostProcs } from './cpu-throttled-remedy.ts';
import { fittingProcs } from './gomaxprocs-limit.ts';
import { humanCores, percent, round } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function ratioEvidence(throttled: ThrottlingModel, bound: number): Evidence[] {
  if (throttled.throttledRatio === undefined) return [];
  return [
    {
      signal: 'throttled periods',
      value: throttled.throttledRatio,
      unit: 'ratio',
      bound,
      source: `cpu.stat of the ${throttled.level}: ${throttled.throttledPeriods} of ${throttled.periods} periods in ${round(throttled.windowSeconds, 1)} s`,
    },
  ];
}

function detect({ container, processes, thresholds }: ContainerContext): Verdict {
  if (processes.length === 0) {
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  }
  const limit = container.effective.cpuCores;
  if (limit === undefined) return unknown('cpu.max of the cgroup and its ancestors');
  if (limit.limit === 'max')
    return limit.complete ? clear('no CPU limit at any level') : unknown('cpu.max of an ancestor');
  const throttled = container.throttling;
  if (throttled === undefined) return unknown('two samples of cpu.stat of the same cgroup');
  const bounds = thresholds.cpuThrottled;
  const evidence = ratioEvidence(throttled, bounds.warningRatio);
  const ratio = throttled.throttledRatio;
  const enough = ratio !== undefined && throttled.periods >= bounds.minPeriods;
  if (!enough || ratio < bounds.warningRatio) {
    // A level that was not read may be the one that throttles.
    if (!limit.complete) return unknown('cpu.max of an ancestor');
    return clear(
      enough
        ? `${percent(ratio)} of the periods were throttled`
        : `only ${throttled.periods} CPU periods ran, fewer than the ${bounds.minPeriods} a judgement needs`,
      evidence,
    );
  }
  const felt = container.pressure.cpu?.some?.stalledRatio;
  const heldBack = throttled.throttledSeconds / throttled.windowSeconds;
  if (felt !== undefined) {
    evidence.push({
      signal: 'time some task waited for CPU',
      value: felt,
      unit: 'ratio',
      bound: bounds.minStalledRatio,
      source: 'cpu.pressure some',
    });
  }
  const waited =
    felt === undefined
      ? `threads were held back ${round(heldBack, 3)} s per second, summed over CPUs`
      : `some task waited for CPU ${percent(felt)} of the time`;
  // Without PSI the throttled time itself is the only witness of impact.
  if ((felt ?? heldBack) < bounds.minStalledRatio) return clear(`throttled, but ${waited}`, evidence);

  const most = mostProcs(processes);
  if (most !== undefined) evidence.push(fromKnown('GOMAXPROCS', most, 'threads', fittingProcs(limit.limit)));
  evidence.push({
    signal: 'throttled time',
    value: heldBack,
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
  // The level that throttles most need not be the one with the tightest limit.
  const cores = isSetAt(limit, throttled) ? ` of ${humanCores(limit.limit)}` : '';
  return {
    outcome: 'holds',
    severity: ratio >= bounds.criticalRatio ? 'critical' : 'warning',
    summary: `${percent(ratio)} of the CPU periods were cut short by the limit${cores} at the ${throttled.level}; ${waited}`,
    evidence,
    remedy: cpuThrottledRemedy(processes, { ...limit, limit: limit.limit }, throttled, thresholds.gcThrottling),
  };
}

/**
 * nr_throttled / nr_periods over the window at the level that owns the quota, felt as waiting (cpu.pressure some).
 * Sources: cgroup-v2.rst cpu.stat; kubernetes-mixin's CPUThrottlingHigh uses 25 % for its alert.
 */
export const cpuThrottled: Rule = {
  id: 'CpuThrottled',
  title: 'The CPU limit stops a Go program again and again',
  about: {
    meaning:
      'The container used up its CPU quota before the period was over, so the kernel stopped all its threads until the next one. A request that meets such a stop waits for up to one period. It is told only where some task waited.',
    firesWhen:
      'at least `thresholds.cpuThrottled.minPeriods` periods ran in the window, the throttled ratio is at least `thresholds.cpuThrottled.warningRatio`, and some task waited for CPU at least `thresholds.cpuThrottled.minStalledRatio` of the time (`cpu.pressure` some; without pressure files the throttled time per second). Of several levels with a quota the one throttled most counts',
    severity: '`critical` from `thresholds.cpuThrottled.criticalRatio`, else `warning`',
    change:
      'GOMAXPROCS = fitting when the largest in the container is above that; else a higher CPU limit at the level that throttles (half as much again, or GOMAXPROCS cores when that is less, or when the collector takes `gcThrottling.minGcCpuRatio` of the CPU time, as in CpuThrottledByGc), or no limit and a request',
    silentWhen: 'no process of the container is Go; there is no CPU limit; too few periods ran; nobody waited',
    unknownWhen:
      'executables could not be read and no Go process is known; `cpu.max` of a level could not be read; there are not yet two samples of `cpu.stat` of the same cgroup (always so with `cgopher check --once`)',
    sources: [
      'Linux `Documentation/admin-guide/cgroup-v2.rst` (`cpu.stat`)',
      'Linux `Documentation/accounting/psi.rst`',
      'kubernetes-mixin, alert CPUThrottlingHigh (25 %)',
    ],
  },
  subject: 'container',
  detect,
};

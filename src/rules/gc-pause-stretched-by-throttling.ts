import { heldBack, isIdle } from './cpu-inputs.ts';
import { cpuThrottledRemedy } from './cpu-throttled-remedy.ts';
import { percent, round } from './quantity.ts';
import { observeThrottling, type RecentThrottling } from './recent-throttling.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, clearSoFar, fromKnown, unknown } from './verdict.ts';

function remedy({ process, thresholds }: ProcessContext, recent: RecentThrottling): Remedy {
  const limit = process.effective.cpuCores;
  const { throttled } = recent.held;
  if (limit === undefined || limit.limit === 'max' || throttled === undefined)
    return { text: 'Raise the CPU limit, or lower GOMAXPROCS to it.' };
  return cpuThrottledRemedy([process], { ...limit, limit: limit.limit }, throttled, thresholds.gcThrottling);
}

function detect(context: ProcessContext, recent: RecentThrottling | undefined): Verdict {
  const { process, container, thresholds } = context;
  const limit = process.effective.cpuCores;
  if (limit?.limit === 'max' && limit.complete) return clear('no CPU limit at any level');
  const pause = process.runtime.gcPauseP99Seconds;
  if (pause === undefined)
    return unknown('pauses of the collector in a window (go_gc_duration_seconds, expvar, or the process’s memory)');
  const period = process.effective.cpuPeriodSeconds;
  const bound =
    period === undefined
      ? thresholds.gcThrottling.pauseSeconds
      : Math.min(thresholds.gcThrottling.pauseSeconds, period / 10);
  const evidence: Evidence[] = [fromKnown('GC pause p99', pause, 'seconds', bound)];
  if (pause.value < bound) return clear(`pauses are short: p99 ${round(pause.value * 1000, 2)} ms`, evidence);
  if (recent === undefined) {
    const held = heldBack(context);
    if ('missing' in held) return unknown(held.missing);
    if (limit?.complete !== true) return unknown('cpu.max of an ancestor');
    return clearSoFar(
      'pauses are long, but nothing was throttled: another cause, such as swap, neighbours or few CPUs',
      [...evidence, ...held.evidence],
    );
  }
  evidence.push(...recent.held.evidence);
  if (period !== undefined)
    evidence.push({ signal: 'enforcement period', value: period, unit: 'seconds', source: 'cpu.max' });
  const periods = period === undefined ? undefined : pause.value / period;
  return {
    outcome: 'holds',
    severity: isIdle(container, limit?.limit)
      ? 'info'
      : periods !== undefined && periods >= 0.5
        ? 'critical'
        : 'warning',
    summary: `a collection stops the world for ${round(pause.value * 1000, 1)} ms at the 99th percentile${periods === undefined ? '' : `, ${percent(periods)} of the enforcement period`}, while ${percent(recent.held.ratio)} of the periods are throttled: a thread that is held back cannot stop or go on`,
    evidence,
    remedy: remedy(context, recent),
  };
}

/**
 * A stop of the world ends when every running thread has reached a safe point (runtime/proc.go, stopTheWorldWithSema), and a throttled
 * thread reaches none before its next period: pauses then come near the period, where Go's own are far below 1 ms.
 */
export const gcPauseStretchedByThrottling: Rule = {
  id: 'GcPauseStretchedByThrottling',
  title: 'Throttling stretches the pauses of the collector',
  subject: 'process',
  about: {
    meaning:
      'The collector stops all goroutines twice a cycle, normally for less than a millisecond. When the quota runs out in that moment, the threads it waits for do not run until the next period, and the pause lasts as long as the throttling does.',
    firesWhen:
      'The p99 of pauses reaches `gcThrottling.pauseSeconds` or a tenth of the enforcement period, whichever is less, and at least `gomaxprocs.warningThrottledRatio` of the periods were throttled in some cycle of the last two minutes (the pause window).',
    severity:
      'warning; critical from half an enforcement period on; info when the container uses less than a tenth of the limit.',
    change: 'As for CpuThrottled: GOMAXPROCS to the limit first, then a higher limit.',
    silentWhen: 'There is no CPU limit, pauses are short, or nothing was throttled: then their cause is another.',
    unknownWhen: 'Pauses, throttling or cpu.max of a level are not known.',
    sources: ['runtime/proc.go stopTheWorldWithSema, Go 1.26', 'cgroup-v2.rst, cpu.max'],
  },
  ...remembering<ProcessContext, RecentThrottling | undefined>(observeThrottling, detect),
};

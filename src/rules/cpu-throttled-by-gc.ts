import { isIdle } from './cpu-inputs.ts';
import { cpuThrottledRemedy } from './cpu-throttled-remedy.ts';
import { type GcWindows, observeGcWindows, shareOf } from './gc-windows.ts';
import { fittingProcs } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores, percent } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** Throttling in windows with a collection must be so many times that of windows without one: less may be the load of the moment. */
const EXCESS = 2;

function remedy({ process, container }: ProcessContext, limit: number): Remedy {
  const { affinityCpus = Number.POSITIVE_INFINITY } = process;
  const set = process.settings.gomaxprocs?.value;
  const procs = set === undefined ? undefined : Math.min(set, affinityCpus);
  const fitting = fittingProcs(limit);
  const gogc = process.settings.gogc?.value;
  const fewer = `or collect less often: raise GOGC${typeof gogc === 'number' ? ` (now ${gogc})` : ''} where memory allows, or allocate less`;
  const effective = process.effective.cpuCores;
  const throttled = container?.throttling;
  if (effective === undefined || throttled === undefined)
    return { text: `Give it more CPU while it collects: raise the limit, ${fewer}.` };
  const base = cpuThrottledRemedy([process], { ...effective, limit }, throttled);
  // A collection takes every idle P, so a step below that many cores would be used up just so.
  if (set !== undefined && procs !== undefined && set <= fitting && procs > limit && base.patch !== undefined)
    return {
      text: `A collection starts a worker on each idle P, so ${procs === 1 ? 'one P bursts' : `${procs} Ps burst`} to ${humanCores(procs)} whatever the program needs on average: raise the limit of ${kubernetesCores(limit)} to ${procs}, or remove it. Or ${fewer.slice(3)}.`,
      patch: { kind: 'resources', set: { 'limits.cpu': kubernetesCores(procs) } },
    };
  if (set !== undefined && procs !== undefined && set > fitting)
    return {
      ...base,
      text: `${base.text} A collection starts a worker on each idle P, so ${set} Ps let it burst to ${humanCores(procs)}.`,
    };
  return { ...base, text: `${base.text} Or ${fewer.slice(3)}.` };
}

function detect(context: ProcessContext, windows: GcWindows): Verdict {
  const { process, container, thresholds } = context;
  const bounds = thresholds.gcThrottling;
  const limit = process.effective.cpuCores;
  if (limit === undefined) return unknown('cpu.max of the cgroup and its ancestors');
  if (limit.limit === 'max')
    return limit.complete ? clear('no CPU limit at any level') : unknown('cpu.max of an ancestor');
  const gcCpu = process.runtime.gcCpuRatio;
  const evidence: Evidence[] =
    gcCpu === undefined ? [] : [fromKnown('CPU time spent collecting', gcCpu, 'ratio', bounds.minGcCpuRatio)];
  if (gcCpu !== undefined && gcCpu.value < bounds.minGcCpuRatio)
    return clear(
      `the collector takes ${percent(gcCpu.value)} of the program’s CPU time: too little to use up the quota`,
      evidence,
    );
  if (container?.throttling === undefined) return unknown('two samples of cpu.stat of the same cgroup');
  const withGc = shareOf(windows, true);
  const without = shareOf(windows, false);
  if (withGc.windows + without.windows === 0)
    return unknown('collections counted in two looks (go_gc_duration_seconds_count, or the process’s memory)');
  evidence.push(
    {
      signal: 'throttled periods in windows with a collection',
      value: withGc.ratio ?? 0,
      unit: 'ratio',
      bound: thresholds.cpuThrottled.warningRatio,
      source: `cpu.stat and the count of collections over ${withGc.windows} windows`,
    },
    {
      signal: 'throttled periods in windows without one',
      value: without.ratio ?? 0,
      unit: 'ratio',
      source: `cpu.stat and the count of collections over ${without.windows} windows`,
    },
  );
  if (withGc.windows < bounds.minWindows || without.windows < bounds.minWindows)
    return unknown(
      `${bounds.minWindows} windows with a collection and ${bounds.minWindows} without (so far ${withGc.windows} and ${without.windows})`,
    );
  const { minPeriods } = thresholds.cpuThrottled;
  if (withGc.periods < minPeriods || without.periods < minPeriods)
    return unknown('enough CPU periods with and without collections');
  const more = withGc.ratio ?? 0;
  const base = without.ratio ?? 0;
  if (more < thresholds.cpuThrottled.warningRatio)
    return limit.complete
      ? clear(`${percent(more)} of the periods are throttled while it collects`, evidence)
      : unknown('cpu.max of an ancestor');
  if (more < EXCESS * base)
    return clear(
      `throttled about as much without a collection (${percent(base)}) as with one (${percent(more)})`,
      evidence,
    );
  if (gcCpu === undefined) return unknown('share of CPU time spent collecting');
  const { gomaxprocs } = process.settings;
  if (gomaxprocs !== undefined)
    evidence.push(fromKnown('GOMAXPROCS', gomaxprocs, 'threads', fittingProcs(limit.limit)));
  return {
    outcome: 'holds',
    severity: isIdle(container, limit.limit)
      ? 'info'
      : more >= thresholds.cpuThrottled.criticalRatio
        ? 'critical'
        : 'warning',
    summary: `throttling comes with the collector: ${percent(more)} of the periods in windows with a collection, ${percent(base)} without; it takes ${percent(gcCpu.value)} of the CPU time`,
    evidence,
    remedy: remedy(context, limit.limit),
  };
}

/**
 * Coincidence, not two thresholds: the share of throttled periods in windows in which the count of collections rose, against windows in
 * which it did not. A collection runs dedicated workers on a quarter of the Ps and idle workers on all others
 * (runtime/mgcpacer.go, startCycle, Go 1.26).
 */
export const cpuThrottledByGc: Rule = {
  id: 'CpuThrottledByGc',
  title: 'The collector uses up the CPU quota, and the program is stopped with it',
  subject: 'process',
  about: {
    meaning:
      'While a collection runs, its workers take a quarter of GOMAXPROCS and every idle P besides. Under a CPU limit that burst can use up the quota of the period, and then everything stops, requests included. The windows between two looks are compared: those in which a collection ended with those in which none did.',
    firesWhen:
      'Over at least `gcThrottling.minWindows` windows with a collection and as many without (of the last 40), at least `cpuThrottled.warningRatio` of the periods in the former were throttled, at least twice the share of the latter, and the collector takes `gcThrottling.minGcCpuRatio` of the CPU time or more.',
    severity:
      'warning; critical from `cpuThrottled.criticalRatio` on; info when the container uses less than a tenth of the limit.',
    change:
      'GOMAXPROCS first when it is above what fits the limit; else a limit of as many cores as there are Ps (a smaller step is used up just so), or fewer collections (GOGC, fewer allocations).',
    silentWhen:
      'There is no limit, the collector takes little CPU time, throttling is rare, or it is there without collections as well.',
    unknownWhen:
      'A limit, the throttling, the count of collections or the collector’s CPU share is not known, or there have not been windows of both kinds with `cpuThrottled.minPeriods` periods each: a program that collects in every window cannot be compared with itself.',
    sources: ['runtime/mgcpacer.go startCycle, Go 1.26', 'cgroup-v2.rst, cpu.stat'],
  },
  ...remembering(observeGcWindows, detect),
};

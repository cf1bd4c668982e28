import { isIdle } from './cpu-inputs.ts';
import { cpuThrottledRemedy } from './cpu-throttled-remedy.ts';
import { isLoad, kindsOf, namesOf, splitByCollections, withoutCollections } from './gc-window-split.ts';
import { type GcWindows, observeGcWindows } from './gc-windows.ts';
import { fittingProcs } from './gomaxprocs-limit.ts';
import { humanCores, percent, round } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** Throttling with collections must be so many times what it would be without: less may be the load of the moment. */
const EXCESS = 2;

/**
 * Where no window is without a collection, so many pairs of windows must agree: a line through two noisy points shows anything. Below
 * the lower share throttling does not follow; between them the collections that a window cuts in two may be what blurs it.
 */
const IN_STEP = { holds: 0.8, clear: 0.65 };

function remedy({ process, container, thresholds }: ProcessContext, limit: number): Remedy {
  const set = process.settings.gomaxprocs?.value;
  const gogc = process.settings.gogc?.value;
  const fewer = `collect less often: raise GOGC${typeof gogc === 'number' ? ` (now ${gogc})` : ''} where memory allows, or allocate less`;
  const effective = process.effective.cpuCores;
  const throttled = container?.throttling;
  if (effective === undefined || throttled === undefined)
    return { text: `Give it more CPU while it collects: raise the limit, or ${fewer}.` };
  const base = cpuThrottledRemedy([process], { ...effective, limit }, throttled, thresholds.gcThrottling);
  if (set !== undefined && set > fittingProcs(limit))
    return {
      ...base,
      text: `${base.text} A collection starts a worker on each idle P, so ${set} Ps let it burst to ${humanCores(Math.min(set, process.affinityCpus ?? set))}.`,
    };
  return { ...base, text: `${base.text} Or ${fewer}.` };
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
  const { collecting, without } = kindsOf(windows);
  const least = bounds.minWindows;
  if (collecting + without === 0)
    return unknown('collections counted in two looks (go_gc_duration_seconds_count, or the process’s memory)');
  const split = splitByCollections(windows, least);
  if (split === undefined)
    return unknown(
      `${least} windows with a collection and ${least} without (so far ${collecting} and ${without})${collecting + without < 2 * least || without >= least ? '' : ', or with half as many again against the rest: all had about as many'}`,
    );
  const { more, fewer } = split;
  const names = namesOf(split);
  const base = withoutCollections(split);
  evidence.push(
    {
      signal: `throttled periods in ${names.more}`,
      value: more.ratio,
      unit: 'ratio',
      bound: thresholds.cpuThrottled.warningRatio,
      source: `cpu.stat and the count of collections over ${more.windows} windows with ${round(more.collectionsPerWindow, 1)} each`,
    },
    {
      signal: `throttled periods in ${names.fewer}`,
      value: fewer.ratio,
      unit: 'ratio',
      source: `cpu.stat and the count of collections over ${fewer.windows} windows with ${round(fewer.collectionsPerWindow, 1)} each`,
    },
  );
  const compared = fewer.collectionsPerWindow > 0;
  if (compared)
    evidence.push({
      signal: 'throttled periods expected without a collection',
      value: base,
      unit: 'ratio',
      bound: more.ratio / EXCESS,
      source: 'the line through both shares over their collections per second, at none',
    });
  const { minPeriods } = thresholds.cpuThrottled;
  if (more.periods < minPeriods || fewer.periods < minPeriods)
    return unknown('enough CPU periods with and without collections');
  if (more.ratio < thresholds.cpuThrottled.warningRatio)
    return limit.complete
      ? clear(`${percent(more.ratio)} of the periods are throttled while it collects`, evidence)
      : unknown('cpu.max of an ancestor');
  if (compared && split.inStep < IN_STEP.clear)
    return clear(
      `throttling does not follow the collections: ${percent(fewer.ratio)} of the periods ${names.told[1]}, ${percent(more.ratio)} in ${names.told[0]}, and only in ${percent(split.inStep)} of the pairs was it more there`,
      evidence,
    );
  if (compared && (split.inStep < IN_STEP.holds || more.ratio < EXCESS * base))
    return unknown(`${least} windows without a collection: with fewer there is less throttling, but not clearly`);
  if (more.ratio < EXCESS * base)
    return clear(
      `throttled about as much without a collection (${percent(base)}) as with one (${percent(more.ratio)})`,
      evidence,
    );
  if (gcCpu === undefined) return unknown('share of CPU time spent collecting');
  if (isLoad(split, gcCpu.value))
    return clear(
      'the container does more other work in the windows with more collections: it is load that throttles',
      evidence,
    );
  const { gomaxprocs } = process.settings;
  if (gomaxprocs !== undefined)
    evidence.push(fromKnown('GOMAXPROCS', gomaxprocs, 'threads', fittingProcs(limit.limit)));
  return {
    outcome: 'holds',
    severity: isIdle(container, limit.limit)
      ? 'info'
      : more.ratio >= thresholds.cpuThrottled.criticalRatio
        ? 'critical'
        : 'warning',
    summary: `throttling comes with the collector: ${percent(more.ratio)} of the periods in ${names.told[0]}, ${percent(fewer.ratio)} ${names.told[1]}; it takes ${percent(gcCpu.value)} of the CPU time`,
    evidence,
    remedy: remedy(context, limit.limit),
  };
}

/**
 * Coincidence, not two thresholds: the share of throttled periods in windows in which a collection ended, against windows in which none
 * did; or, where it collects more often than it is looked at, more against fewer. The line through both generalises "twice as much": at
 * no collection it must come down to half. Twice between one and two collections would ask for more than even the collector alone
 * causes. A collection runs dedicated workers on a quarter of the Ps and idle workers on all others (runtime/mgcpacer.go, startCycle,
 * Go 1.26).
 */
export const cpuThrottledByGc: Rule = {
  id: 'CpuThrottledByGc',
  title: 'The collector uses up the CPU quota, and the program is stopped with it',
  subject: 'process',
  about: {
    meaning:
      'While a collection runs, its workers take a quarter of GOMAXPROCS and every idle P besides. Under a CPU limit that burst can use up the quota of the period, and then everything stops, requests included. The windows between two looks are compared: those in which a collection ended with those in which none did. Of a program that collects in nearly every window, those with more collections are compared with those with fewer.',
    firesWhen:
      'Over at least `gcThrottling.minWindows` windows with a collection and as many without (of the last 40), at least `cpuThrottled.warningRatio` of the periods in the former were throttled, at least twice the share of the latter, and the collector takes `gcThrottling.minGcCpuRatio` of the CPU time or more. Where windows without one are missing, as many with more collections and with fewer, apart by half as many again or more: then the share in the former must be twice what the two let expect without any collection, and be the higher one in four of five pairs.',
    severity:
      'warning; critical from `cpuThrottled.criticalRatio` on; info when the container uses less than a tenth of the limit.',
    change:
      'GOMAXPROCS first when it is above what fits the limit; else a limit of as many cores as there are Ps (a smaller step is used up just so), or fewer collections (GOGC, fewer allocations).',
    silentWhen:
      'There is no limit, the collector takes little CPU time, throttling is rare, it is there without collections as well, or the container did more other work in the windows with more collections: then load is what throttles.',
    unknownWhen:
      'A limit, the throttling, the count of collections or the collector’s CPU share is not known, or there have not been windows of both kinds with `cpuThrottled.minPeriods` periods each: where all windows have about as many collections there is nothing to compare, and where throttling rises with them only a little, windows without one would have to tell.',
    sources: ['runtime/mgcpacer.go startCycle, Go 1.26', 'cgroup-v2.rst, cpu.stat'],
  },
  ...remembering(observeGcWindows, detect),
};

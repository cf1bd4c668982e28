import { heldBack, roomForProcs, usageEvidence } from './cpu-inputs.ts';
import { gomaxprocsPatch } from './gomaxprocs-limit.ts';
import { humanCores, percent } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, fromLimit, unknown } from './verdict.ts';

/** Below this a program with one P is a small helper, and one P is what it should have. */
const SMALL_HELPER_CORES = 0.2;
/** One P leaves no other for the collector: the runtime itself takes two even under a limit of one core. */
const LEAST_PROCS = 2;

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const { gomaxprocs } = process.settings;
  if (gomaxprocs === undefined) return unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing);
  const procs = gomaxprocs.value;
  const cpus = process.affinityCpus ?? process.effective.cpusetCpus;
  if (cpus !== undefined && procs >= cpus) return clear(`GOMAXPROCS ${procs} covers every CPU it may use`);
  const room = roomForProcs(process);
  const limit = process.effective.cpuCores;
  if (room === undefined || cpus === undefined || limit === undefined)
    return unknown(limit === undefined ? 'cpu.max of the cgroup and its ancestors' : 'CPU affinity of the process');
  const roomForTwo = limit.limit === 'max' || limit.limit >= 1;
  const wanted = procs === 1 && roomForTwo ? Math.max(room, Math.min(cpus, LEAST_PROCS)) : room;
  const evidence: Evidence[] = [
    fromKnown('GOMAXPROCS', gomaxprocs, 'threads', wanted),
    fromLimit('effective CPU limit', limit, 'cores', 'cpu.max'),
  ];
  if (procs >= wanted) return clear(`GOMAXPROCS ${procs} covers the CPU it may use`, evidence);
  const usage = process.usageCores;
  if (usage === undefined) return unknown('CPU used by the process in two samples');
  evidence.push(usageEvidence(usage, procs));
  const latency = process.runtime.schedulerLatencyP99Seconds;
  const waits = latency !== undefined && latency.value >= thresholds.scheduling.latencySeconds;
  if (latency !== undefined)
    evidence.push(fromKnown('scheduler latency p99', latency, 'seconds', thresholds.scheduling.latencySeconds));
  const saturated = usage >= thresholds.scheduling.saturatedRatio * procs;
  const starved = procs === 1 && usage >= SMALL_HELPER_CORES && waits;
  if (!(saturated && procs < room) && !starved) {
    if (procs === 1 && usage >= SMALL_HELPER_CORES && latency === undefined)
      return unknown('scheduler latency (go_sched_latencies_seconds, or the process’s memory)');
    return clear(`uses ${percent(usage / procs)} of its ${procs} Ps: more of them would not help now`, evidence);
  }
  if (!limit.complete) return unknown('cpu.max of an ancestor');
  const held = heldBack(context);
  if ('missing' in held) return unknown(held.missing);
  evidence.push(...held.evidence);
  if (held.ratio >= thresholds.gomaxprocs.warningThrottledRatio)
    return clear(`${percent(held.ratio)} of the periods were throttled: more Ps would be throttled more`, evidence);
  const fixed = process.expectedGomaxprocs.setBy === 'environment' || gomaxprocs.from === 'environment';
  return {
    outcome: 'holds',
    severity: waits && limit.limit !== 'max' ? 'warning' : 'info',
    summary: saturated
      ? `GOMAXPROCS is ${procs} and all of it is in use (${humanCores(usage, 2)}), while the limit is ${limit.limit === 'max' ? `the ${cpus} CPUs it may use` : humanCores(limit.limit)} and nothing is throttled`
      : 'GOMAXPROCS is 1: goroutines wait for the only P, and a collection shares it with them',
    evidence,
    remedy: {
      text: `${fixed ? `Change GOMAXPROCS=${procs} in the environment to ${wanted}` : `Set GOMAXPROCS=${wanted}`}${limit.limit === 'max' ? ', or less where others need the node' : ''}; if ${procs} is meant, lower the CPU limit and request to it instead.`,
      patch: gomaxprocsPatch(wanted),
    },
  };
}

/**
 * P < floor(limit), or < CPUs, with all Ps busy and no throttling. With P = 1 also when goroutines wait long for it: at up to three Ps
 * the collector's worker is fractional (runtime/mgcpacer.go, startCycle), and Go 1.25 chose 2 as the least (runtime/cgroup_linux.go).
 */
export const gomaxprocsBelowCpuLimit: Rule = {
  id: 'GomaxprocsBelowCpuLimit',
  title: 'GOMAXPROCS keeps a busy program below the CPU it may use',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'Every P of the program is busy while its CPU limit, or its CPU mask, would allow more. Work waits for a P although CPU that is reserved and paid for stays unused. With a single P the collector and the program also take turns on it.',
    firesWhen:
      'GOMAXPROCS is below the whole cores of the effective CPU limit (without a limit: below the CPUs of its mask), the process uses at least `scheduling.saturatedRatio` of it and less than `gomaxprocs.warningThrottledRatio` of the periods were throttled, for 60 s. Also GOMAXPROCS 1 under a limit of one core or more, or none, with at least 0.2 cores used and a scheduler latency p99 of `scheduling.latencySeconds` or more.',
    severity:
      'info; warning when there is a CPU limit and goroutines wait `scheduling.latencySeconds` or more at the 99th percentile.',
    change: 'Set GOMAXPROCS to the whole cores of the limit, or lower limit and request when the value is meant.',
    silentWhen: 'The program is not busy, it is throttled already, or GOMAXPROCS covers limit or mask.',
    unknownWhen:
      'GOMAXPROCS, the CPU mask, cpu.max of a level, the CPU use of the process or the throttling of its container is not known; with one P also when the scheduler latency is not.',
    sources: ['runtime/mgcpacer.go startCycle, Go 1.26', 'runtime/cgroup_linux.go adjustCgroupGOMAXPROCS, Go 1.25'],
  },
  detect,
};

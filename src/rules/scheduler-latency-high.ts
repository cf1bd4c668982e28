import { type HeldBack, heldBack, roomForProcs, usageEvidence } from './cpu-inputs.ts';
import { cpuThrottledRemedy } from './cpu-throttled-remedy.ts';
import { gomaxprocsPatch } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores, percent, round } from './quantity.ts';
import { observeThrottling, type RecentThrottling } from './recent-throttling.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Severity, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

interface Cause {
  readonly text: string;
  readonly severity: Severity;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
}

/** The rule's causes in the order of how surely they explain the wait; the first that is there decides. */
function causeOf(context: ProcessContext, recent: RecentThrottling | undefined): Cause {
  return (
    throttledItself(context, recent?.held) ??
    tooFewProcs(context) ??
    neighbours(context) ??
    allBusy(context) ?? {
      text: 'neither throttling, nor too few Ps, nor other programs on the node explain it',
      severity: 'info',
      evidence: [],
      remedy: {
        text: 'Look for bursts of goroutines made ready at once, and for loops and C calls that hold a P: an execution trace (`/debug/pprof/trace?seconds=5`) shows who ran while others waited.',
      },
    }
  );
}

function throttledItself({ process, thresholds }: ProcessContext, held: HeldBack | undefined): Cause | undefined {
  const limit = process.effective.cpuCores;
  if (held?.throttled === undefined || limit === undefined || limit.limit === 'max') return undefined;
  return {
    text: `the CPU limit throttled ${percent(held.ratio)} of the periods (see CpuThrottled)`,
    severity: 'info',
    evidence: held.evidence,
    remedy: cpuThrottledRemedy([process], { ...limit, limit: limit.limit }, held.throttled, thresholds.gcThrottling),
  };
}

function saturated({ process, thresholds }: ProcessContext): { usage: number; procs: number } | undefined {
  const procs = process.settings.gomaxprocs?.value;
  const usage = process.usageCores;
  if (procs === undefined || usage === undefined) return undefined;
  return usage >= thresholds.scheduling.saturatedRatio * procs ? { usage, procs } : undefined;
}

const allOf = (procs: number): string => (procs === 1 ? 'the only P is' : `all ${procs} Ps are`);

function tooFewProcs(context: ProcessContext): Cause | undefined {
  const busy = saturated(context);
  const room = roomForProcs(context.process);
  if (busy === undefined || room === undefined || busy.procs >= room) return undefined;
  return {
    text: `${allOf(busy.procs)} busy, and ${room} would fit`,
    severity: 'warning',
    evidence: [usageEvidence(busy.usage, busy.procs)],
    remedy: { text: `Set GOMAXPROCS=${room}: see GomaxprocsBelowCpuLimit.`, patch: gomaxprocsPatch(room) },
  };
}

function neighbours({ container, thresholds, process }: ProcessContext): Cause | undefined {
  const waited = container?.pressure.cpu?.some?.stalledRatio;
  if (waited === undefined || waited < thresholds.scheduling.waitedRatio) return undefined;
  const usage = process.usageCores;
  const limit = process.effective.cpuCores?.limit;
  const enough = usage === undefined ? undefined : usage * 1.2;
  const request = enough === undefined || typeof limit !== 'number' ? enough : Math.min(enough, limit);
  return {
    text: `some thread of the container waited for a CPU ${percent(waited)} of the time though its limit did not hold it back: other programs on the node have the CPUs`,
    severity: 'warning',
    evidence: [
      {
        signal: 'time some task waited for CPU',
        value: waited,
        unit: 'ratio',
        bound: thresholds.scheduling.waitedRatio,
        source: 'cpu.pressure some',
      },
    ],
    remedy:
      request === undefined || request <= 0
        ? { text: 'Raise the CPU request: it is the weight by which CPUs are shared.' }
        : {
            text: `Raise the CPU request, the weight by which CPUs are shared: it used ${humanCores(usage ?? 0, 2)} while it waited, so at least ${kubernetesCores(request)} if it is lower now. Or move it to a node with free CPUs.`,
            patch: { kind: 'resources', set: { 'requests.cpu': kubernetesCores(request) } },
          },
  };
}

function allBusy(context: ProcessContext): Cause | undefined {
  const busy = saturated(context);
  if (busy === undefined) return undefined;
  return {
    text: `${allOf(busy.procs)} busy, and no more fit its CPU limit or mask`,
    severity: 'warning',
    evidence: [usageEvidence(busy.usage, busy.procs)],
    remedy: {
      text: 'The program needs more CPU than it may use: raise its limit and request, spread the load over more replicas, or profile what uses the CPU.',
    },
  };
}

function detect(context: ProcessContext, recent: RecentThrottling | undefined): Verdict {
  const { process, thresholds } = context;
  const latency = process.runtime.schedulerLatencyP99Seconds;
  if (latency === undefined)
    return unknown('scheduler latency in a window (go_sched_latencies_seconds, or the process’s memory)');
  const window = process.runtime.schedulerLatencyWindow;
  if (window === undefined) return unknown('number of waits for a P in the window');
  const { latencySeconds: bound, minObservations } = thresholds.scheduling;
  const { observations, upToSeconds } = window;
  const own = fromKnown(
    upToSeconds === undefined ? 'scheduler latency p99' : 'scheduler latency p99, at least',
    latency,
    'seconds',
    bound,
  );
  const ms = `${round(latency.value * 1000, 3)} ms${upToSeconds === undefined ? '' : ' or more'}`;
  const low = latency.value < bound;
  if (low && upToSeconds !== undefined && (upToSeconds === 'unbounded' || upToSeconds > bound))
    return unknown(
      `finer buckets of go_sched_latencies_seconds than those from ${latency.value} s to ${upToSeconds === 'unbounded' ? 'no end' : `${upToSeconds} s`}, in which the p99 lies (the process’s memory has them)`,
    );
  if (low)
    return clear(
      `goroutines wait ${round((typeof upToSeconds === 'number' ? upToSeconds : latency.value) * 1000, 3)} ms${upToSeconds === undefined ? '' : ' or less'} for a P at the 99th percentile`,
      [own],
    );
  if (observations < minObservations)
    return clear(
      `only ${observations} waits for a P were recorded in the window, fewer than the ${minObservations} a 99th percentile needs`,
      [own],
    );
  const observed: Evidence = {
    signal: 'waits for a P in the window',
    value: observations,
    unit: 'count',
    bound: minObservations,
    source: own.source,
  };
  const cause = causeOf(context, recent);
  const now = heldBack(context);
  const unsure = recent === undefined && 'missing' in now ? ` (throttling is not known: ${now.missing})` : '';
  return {
    outcome: 'holds',
    severity: cause.severity,
    summary: `goroutines that are ready wait ${ms} for a P at the 99th percentile: ${cause.text}${unsure}`,
    evidence: [own, observed, ...cause.evidence],
    remedy: cause.remedy,
  };
}

/** go_sched_latencies_seconds is the time goroutines were runnable before they ran (runtime/metrics, description.go, Go 1.17 and newer). */
export const schedulerLatencyHigh: Rule = {
  id: 'SchedulerLatencyHigh',
  title: 'Goroutines that are ready wait long before they run',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'A goroutine whose request has come, or whose timer is up, waits for a P or for its thread to get a CPU. That wait is added to every answer. The rule names the first of these causes that is there: its own CPU limit, too few Ps, other programs on the node, all CPUs busy with its own work.',
    firesWhen:
      'The p99 of scheduler latency over a window of one or two minutes, of `scheduling.minObservations` waits or more, is `scheduling.latencySeconds` or more, for 60 s. Where the buckets are wider than a factor of four (client_golang exports powers of ten), the lower bound of the one that holds the p99 counts.',
    severity: 'warning; info when its own CPU limit is the cause, which CpuThrottled tells, and when none was found.',
    change: 'By cause: as for CpuThrottled, a higher GOMAXPROCS, a higher CPU request, or more CPU.',
    silentWhen: 'The p99 is below the bound, or too few waits were recorded to speak of one.',
    unknownWhen:
      'The program tells no scheduler latency and its memory is not read; or the bound lies within the wide bucket that holds the p99.',
    sources: ['runtime/metrics description.go, /sched/latencies:seconds, Go 1.26', 'Documentation/accounting/psi.rst'],
  },
  ...remembering<ProcessContext, RecentThrottling | undefined>(observeThrottling, detect),
};

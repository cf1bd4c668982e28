import type { ContainerModel } from '../model/container-types.ts';
import type { EffectiveLimit } from '../model/limit-types.ts';
import type { MemoryEventsModel } from '../model/memory-types.ts';
import { isShared, outsideGo } from './memory-inputs.ts';
import { goBytes, humanBytes } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, fromKnown, fromLimit, unknown } from './verdict.ts';
import { gcExpectation } from './what-if/expectation.ts';

const MIB = 1 << 20;
/** Below this share of memory.high in anonymous memory and tmpfs, what is reclaimed there is page cache. */
const MOSTLY_CACHE = 0.8;

/** memory.events of the level that owns the limit: a pod's own memory.high is not counted in its containers. */
function eventsAt({ container, pod }: ProcessContext, level: EffectiveLimit['level']): MemoryEventsModel | undefined {
  return level === 'pod' ? pod?.memoryEventsInWindow : container?.memory.eventsInWindow;
}

/** GOMEMLIMIT below memory.high, or a higher memory.high when the live heap would have no room to collect below that. */
function remedyFor({ process, thresholds }: ProcessContext, high: number, outsideBytes: number | undefined): Remedy {
  const share = Math.round(thresholds.memory.headroomRatio * 100);
  const value = high * (1 - thresholds.memory.headroomRatio) - (outsideBytes ?? 0);
  const live = process.runtime.heapLiveBytes?.value ?? 0;
  const needed = (process.runtime.nonHeapBytes?.value ?? 0) + Math.max(4 * MIB, live * 1.25);
  const where =
    'In Kubernetes memory.high follows from request and limit (MemoryQoS, memoryThrottlingFactor): raise either; for a systemd unit it is MemoryHigh=.';
  if (needed > value) {
    const wanted = Math.ceil((needed + (outsideBytes ?? 0)) / (1 - thresholds.memory.headroomRatio) / MIB) * MIB;
    return {
      text: `The live heap leaves no room to collect below memory.high of ${humanBytes(high)}: raise that to ${humanBytes(wanted)} at least, or make the program hold less. ${where}`,
    };
  }
  const rest =
    outsideBytes === undefined
      ? `less ${share} % headroom (memory outside Go is not known; subtract it too)`
      : `less ${humanBytes(outsideBytes)} outside Go and ${share} % headroom`;
  return {
    text: `Set GOMEMLIMIT=${goBytes(value)}: memory.high of ${humanBytes(high)} ${rest}.${gcExpectation(process, { gomemlimit: value })} Or raise memory.high. ${where}`,
    patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(value) } },
  };
}

/** Anonymous memory and tmpfs, which can only be swapped; undefined when not known. */
function heldBytes(container: ContainerModel | undefined): number | undefined {
  const { anonBytes, shmemBytes } = container?.memory ?? {};
  return anonBytes === undefined ? undefined : anonBytes + (shmemBytes ?? 0);
}

function detect(context: ProcessContext): Verdict {
  const { process, container, thresholds } = context;
  const effective = process.effective.memoryHighBytes;
  if (effective === undefined) return unknown('memory.high of the cgroup and its ancestors');
  const { limit: high, level, complete } = effective;
  if (high === 'max' || isShared(level))
    return complete ? clear('no memory.high of its own at any level') : unknown('memory.high of an ancestor');
  const { gomemlimit } = process.settings;
  if (gomemlimit === undefined) return unknown('GOMEMLIMIT');
  const measured = outsideGo(context);
  const outside = 'missing' in measured ? undefined : measured;
  const highEvidence = fromLimit('effective memory.high', effective, 'bytes', 'memory.high');
  const evidence: Evidence[] = [
    fromKnown('GOMEMLIMIT', gomemlimit, gomemlimit.value === 'off' ? '' : 'bytes', high - (outside?.bytes ?? 0)),
    highEvidence,
    ...(outside?.evidence ?? []),
  ];
  if (gomemlimit.value !== 'off' && gomemlimit.value < high) {
    if (outside === undefined) return unknown('missing' in measured ? measured.missing : 'memory outside Go');
    if (gomemlimit.value + outside.bytes <= high)
      return complete
        ? clear('GOMEMLIMIT and the memory outside Go fit below memory.high', evidence)
        : unknown('memory.high of an ancestor');
  }
  const reached = eventsAt(context, level)?.high;
  if (reached === undefined) return unknown(`two samples of memory.events of the ${level}`);
  evidence.push({
    signal: 'times memory.high was passed',
    value: reached,
    unit: 'count',
    bound: 0,
    source: `memory.events high of the ${level} in the window`,
  });
  if (reached === 0)
    return complete ? clear('memory.high was not reached', evidence) : unknown('memory.high of an ancestor');
  const held = level === 'pod' ? undefined : heldBytes(container);
  const cacheOnly = held !== undefined && held < MOSTLY_CACHE * high;
  const full = container?.pressure.memory?.full?.stalledRatio;
  if (full !== undefined)
    evidence.push({
      signal: 'time all tasks waited for memory',
      value: full,
      unit: 'ratio',
      bound: thresholds.memoryPressure.criticalFullRatio,
      source: 'memory.pressure full',
    });
  const stalled = full !== undefined && full >= thresholds.memoryPressure.criticalFullRatio;
  const what = gomemlimit.value === 'off' ? 'there is no GOMEMLIMIT' : `GOMEMLIMIT is ${humanBytes(gomemlimit.value)}`;
  return {
    outcome: 'holds',
    severity: cacheOnly ? 'info' : stalled ? 'critical' : 'warning',
    summary: cacheOnly
      ? `memory.high of ${humanBytes(high)} was passed ${reached} times, so far by page cache; ${what}, so the heap may follow`
      : `memory.high of ${humanBytes(high)} was passed ${reached} times: the kernel slows every allocation there, and the collector does not know, for ${what}`,
    evidence,
    remedy: remedyFor(context, high, outside?.bytes),
  };
}

/**
 * L + nonGo > H and memory.events high rising. Above memory.high a cgroup is throttled and reclaimed from, never killed
 * (cgroup-v2.rst, memory.high; mem_cgroup_handle_over_high in mm/memcontrol.c), and Go reads no memory control file.
 */
export const gomemlimitAboveMemoryHigh: Rule = {
  id: 'GomemlimitAboveMemoryHigh',
  title: 'The kernel throttles at memory.high before GOMEMLIMIT counts',
  subject: 'process',
  detect,
  about: {
    meaning:
      'Above memory.high the kernel does not kill: it takes memory back and makes each thread that allocates wait. The Go runtime reads no such file. With GOMEMLIMIT above memory.high, or none, the heap grows into the range where every allocation is slowed, and the collector sees no reason to work harder. The program seems to hang while nothing is reported.',
    firesWhen:
      'GOMEMLIMIT (or none) and the memory outside Go together are above the tightest memory.high of container and pod, and memory.events `high` rose in the window.',
    severity:
      'warning; critical when all tasks waited for memory for `thresholds.memoryPressure.criticalFullRatio` (5 %) of the time; info while it is page cache that is reclaimed.',
    change: 'Set GOMEMLIMIT to memory.high less the memory outside Go and 10 %, or raise memory.high.',
    silentWhen:
      'No memory.high is set at container, pod or unit; GOMEMLIMIT fits below it; it was not reached in the window.',
    unknownWhen:
      'memory.high of some level, GOMEMLIMIT, the memory outside Go, or memory.events of two samples are not known.',
    sources: [
      'Documentation/admin-guide/cgroup-v2.rst, memory.high and memory.events (Linux 6.12)',
      'KEP-2570 (MemoryQoS)',
      'Go GC guide, "Memory limit"',
    ],
  },
};

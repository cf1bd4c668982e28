import { humanBytes } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Pages a second below which what comes back is no loss of protection. */
const LEAST_REFAULTS = 10;
/** Where the runtime's goal is not known: a heap swings between its live size and twice that at GOGC=100. */
const SWING = 1.4;
const MIB = 1 << 20;

/** What the container holds when the heap is at its goal, and the files it uses. */
function fullSize({ container, processes }: ContainerContext, workingSet: number): number {
  const { activeFileBytes = 0 } = container.memory;
  let atGoal = 0;
  for (const { runtime, attribution } of processes) {
    const goal = runtime.heapGoalBytes?.value;
    if (typeof goal !== 'number' || runtime.nonHeapBytes === undefined) return workingSet * SWING;
    atGoal = Math.max(atGoal, goal + runtime.nonHeapBytes.value + (attribution.nonGoBytes ?? 0));
  }
  return Math.max(workingSet, atGoal + activeFileBytes);
}

function detect(context: ContainerContext): Verdict {
  const { container, processes } = context;
  if (processes.length === 0) {
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  }
  const { lowBytes: low, workingSetBytes: workingSet, eventsInWindow: events } = container.memory;
  const { fileRefaultsPerSecond: files, anonRefaultsPerSecond: anon } = container.memory;
  if (low === undefined) return unknown('memory.low of the container');
  if (low === 0) return clear('memory.low is not set');
  if (low === 'max') return clear('memory.low protects all of the container');
  if (workingSet === undefined) return unknown('working set of the container');
  const evidence: Evidence[] = [
    { signal: 'memory.low', value: low, unit: 'bytes', source: 'memory.low' },
    { signal: 'working set', value: workingSet, unit: 'bytes', bound: low, source: 'memory.current - inactive_file' },
  ];
  if (workingSet <= low) return clear('the working set is within memory.low', evidence);
  if (files === undefined || anon === undefined) return unknown('two samples of memory.stat workingset_refault');
  const refaults = files + anon;
  evidence.push({
    signal: 'pages that came back after reclaim per second',
    value: refaults,
    unit: 'count',
    bound: LEAST_REFAULTS,
    source: 'memory.stat workingset_refault_file and _anon',
  });
  if (refaults < LEAST_REFAULTS)
    return clear('the working set is above memory.low, and nothing of it is taken', evidence);
  if (events === undefined) return unknown('two samples of memory.events');
  if ((events.high ?? 0) > 0 || (events.max ?? 0) > 0)
    return clear('the container reclaims from itself at its own limit, where memory.low does not count', evidence);
  const wanted = Math.ceil(fullSize(context, workingSet) / MIB) * MIB;
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `memory.low protects ${humanBytes(low)} of a working set of ${humanBytes(workingSet)}, and the kernel takes from the rest: pages come back ${Math.round(refaults)} times a second`,
    evidence,
    remedy: {
      text: `Set memory.low to ${humanBytes(wanted)}: a heap swings between its live size and its goal, so the protection must reach to the goal. In Kubernetes memory.low is the memory request (MemoryQoS with memoryReservationPolicy TieredReservation), in systemd MemoryLow=. Every level above needs as much, or it is shared out.`,
    },
  };
}

/** memory.low below the working set while reclaim from above takes part of it (cgroup-v2.rst, memory.low). */
export const memoryLowBelowWorkingSet: Rule = {
  id: 'MemoryLowBelowWorkingSet',
  title: 'The program works with more than memory.low protects',
  subject: 'container',
  forSeconds: 60,
  detect,
  about: {
    meaning:
      'memory.low keeps the kernel from taking memory of a container while others have some to give. A Go heap swings between its live size and its goal, twice that at GOGC=100. A memory.low of the live size leaves the other half, and the files the program reads, to be taken whenever the node runs short.',
    firesWhen:
      'memory.low is set and the working set above it, ten or more pages per second come back after they were taken, and the container is at no limit of its own; for a minute.',
    severity: 'info.',
    change: 'Raise memory.low to what the container holds when the heap is at its goal; the finding says how much.',
    silentWhen:
      'memory.low is not set or covers the working set, nothing is taken, or it is taken at the container’s own limit. A memory.low that is not set is not judged, for most programs do without it and MemoryPressure tells when the node is short; nor is the `low` count of `memory.events`, which is of reclaim below memory.low, where levels above protect less.',
    unknownWhen: 'memory.low, the working set, refaults or memory.events of two samples are not known.',
    sources: [
      'Documentation/admin-guide/cgroup-v2.rst, memory.low (Linux 6.12)',
      'KEP-2570 (MemoryQoS)',
      'Go GC guide, "GOGC"',
    ],
  },
};

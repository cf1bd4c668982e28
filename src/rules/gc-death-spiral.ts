import type { GoProcessModel } from '../model/go-process-types.ts';
import { gcRoom, isMeasurable } from './gc-room.ts';
import { gcSpiralRemedy } from './gc-spiral-remedy.ts';
import { humanBytes, percent, round } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, sourceOf, unknown } from './verdict.ts';

/** Share of GOMEMLIMIT in use from which it is what bounds the heap (the scavenger itself keeps 5 % off it, mgcscavenge.go). */
const AT_LIMIT = 0.95;

/** Whether the memory limit sets the goal: the pacer's own word, else that the limit is all but used up. */
function isLimitBound({ process }: ProcessContext, limitBytes: number): boolean | undefined {
  const { goalSetBy, managedBytes } = process.runtime;
  if (goalSetBy !== undefined) return goalSetBy === 'GOMEMLIMIT';
  return managedBytes === undefined ? undefined : managedBytes.value >= AT_LIMIT * limitBytes;
}

/** Collections since the limiter was last on that still count as now: a look without a window has nothing else. */
const JUST_NOW = 2;

/** The GC CPU limiter was on in the window, or during one of the last collections, both counted by one source. */
function isLimiting({ runtime }: GoProcessModel): boolean {
  const { gcLimiterActive, gcLimiterLastCycle: last, gcCycles: cycles } = runtime;
  if (gcLimiterActive?.value === true) return true;
  if (last === undefined || cycles?.from !== last.from) return false;
  return last.value > 0 && cycles.value - last.value <= JUST_NOW;
}

/** The least room that the remedy ever gives: with more, the limit it names could be lower than the one there is. */
const ROOMY_GOGC = 25;
const ROOMY_TEXT =
  'The heap has room now, so no figure can be given: raise GOMEMLIMIT, and the memory limit with it, or make the program hold or allocate less. Look at the live heap over time: at its peaks the collector could not keep up. Do not lower GOMEMLIMIT.';

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const { gomemlimit } = process.settings;
  const { gcCpuRatio, gcLimiterLastCycle, managedBytes } = process.runtime;
  if (gomemlimit === undefined) return unknown('GOMEMLIMIT');
  if (gomemlimit.value === 'off') return clear('GOMEMLIMIT is not set, so the collector never works for it');
  const limit = { ...gomemlimit, value: gomemlimit.value };
  const room = gcRoom(process);
  if (room === undefined) return unknown('live heap and heap goal');
  const bounds = thresholds.gc;
  const evidence: Evidence[] = [
    {
      signal: 'effective GOGC',
      value: round(room.effectiveGogc, 1),
      unit: 'percent',
      bound: bounds.effectiveGogcPercent,
      source: '100 x (heap goal - live heap) / (live heap + stacks)',
    },
    fromKnown('GOMEMLIMIT', limit, 'bytes'),
    fromKnown('live heap', room.live, 'bytes'),
    fromKnown('heap goal of the next collection', room.goal, 'bytes'),
  ];
  if (managedBytes !== undefined)
    evidence.push(fromKnown('memory GOMEMLIMIT governs', managedBytes, 'bytes', limit.value));
  const bound = isLimitBound(context, limit.value);
  const limiting = isLimiting(process);
  const hasRoom = room.effectiveGogc >= bounds.effectiveGogcPercent;
  // With the limiter on, memory may pass GOMEMLIMIT whatever the room: unless the limit has no part in it, or it was for a moment.
  const cheap = gcCpuRatio !== undefined && gcCpuRatio.value <= bounds.cpuRatio;
  if (hasRoom && (!limiting || bound === false || cheap))
    return clear(`the heap may grow by ${round(room.effectiveGogc, 0)} % before it is collected again`, evidence);
  if (bound === false) return clear('the goal is near the live heap, but not for GOMEMLIMIT’s sake', evidence);
  if (gcCpuRatio !== undefined)
    evidence.push(fromKnown('share of CPU time spent collecting', gcCpuRatio, 'ratio', bounds.cpuRatio));
  if (gcCpuRatio !== undefined && cheap && !limiting)
    return clear(`collecting takes ${percent(gcCpuRatio.value)} of the CPU time`, evidence);
  if (bound === undefined) return unknown('memory that GOMEMLIMIT governs');
  if (gcCpuRatio === undefined && !limiting) return unknown('share of CPU time spent collecting, over a minute');
  if (limiting)
    evidence.push({
      signal: 'GC CPU limiter',
      value: 'was on',
      unit: '',
      source: gcLimiterLastCycle === undefined ? 'the limiter’s last cycle' : sourceOf(gcLimiterLastCycle),
    });
  // The limiter comes on when collecting takes about half of all CPU time (runtime/mgclimit.go).
  const ratio = gcCpuRatio?.value ?? 0.5;
  const took = gcCpuRatio === undefined ? 'about half' : percent(ratio);
  return {
    outcome: 'holds',
    severity: limiting ? 'critical' : 'warning',
    summary:
      `collecting takes ${took} of the CPU time: ${humanBytes(room.liveBytes)} of live heap leave ${humanBytes(room.roomBytes)} to allocate below GOMEMLIMIT of ${humanBytes(limit.value)}` +
      (limiting ? '; the runtime’s GC CPU limiter was on, so memory may now pass GOMEMLIMIT' : ''),
    evidence,
    remedy:
      room.effectiveGogc >= ROOMY_GOGC
        ? { text: ROOMY_TEXT }
        : gcSpiralRemedy(context, room, limiting || !isMeasurable(room) ? undefined : ratio),
  };
}

/** Live heap near GOMEMLIMIT: one collection after another (golang/go#58106; Go GC guide, "Memory limit"; runtime/mgclimit.go). */
export const gcDeathSpiral: Rule = {
  id: 'GcDeathSpiral',
  title: 'The collector runs all the time to stay below GOMEMLIMIT',
  subject: 'process',
  forSeconds: 60,
  detect,
  about: {
    meaning:
      'The live heap is so near GOMEMLIMIT that each collection frees room for a few more allocations only, so one follows the other. The program slows down by half or more, and looks as if it needed CPU. When collecting passes half of all CPU time, the runtime’s limiter stops it from taking more, and memory passes GOMEMLIMIT towards the kernel’s limit.',
    firesWhen:
      'GOMEMLIMIT sets the heap goal, the room between live heap and goal amounts to a GOGC below `thresholds.gc.effectiveGogcPercent` (10), and collecting takes more than `thresholds.gc.cpuRatio` (25 %) of the CPU time, or the GC CPU limiter was on; for a minute. With the limiter on and collecting above `thresholds.gc.cpuRatio`, or not known, also when there is more room.',
    severity: 'warning; critical when the GC CPU limiter was on in the window.',
    change:
      'Raise GOMEMLIMIT, and the memory limit with it when it has no room for that; the finding says to what, and, where it can be told, what share of CPU time collecting should then take: with no room at all, or the limiter on, what it takes now says nothing of that. Or hold less: a cache, a leak. Never lower GOMEMLIMIT here.',
    silentWhen:
      'GOMEMLIMIT is not set, the heap may grow by a tenth or more and the limiter is off or was on for a moment only, GOGC sets the goal, or collecting is cheap all the same. A start-up burst of under a minute never fires.',
    unknownWhen:
      'GOMEMLIMIT, live heap or heap goal are not known, or the share of CPU time spent collecting is not (Go before 1.20 does not keep it, and it takes two readings a minute apart with a collection between them).',
    sources: [
      'Go GC guide, "Memory limit" and "GC cost model"',
      'runtime/mgcpacer.go memoryLimitHeapGoal, runtime/mgclimit.go (Go 1.19 to 1.26)',
      'golang/go#58106',
    ],
  },
};

import { memoryLimit, outsideGo } from './memory-inputs.ts';
import { goBytes, humanBytes, percent } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

const LEAST_BYTES = 128 << 20;
/** Of the heap in use: less is what a heap that breathes keeps between two collections. */
const LEAST_SHARE = 0.5;
/** The runtime keeps up to the goal and a tenth, to not map again what it just gave back (mgcscavenge.go, retainExtraPercent). */
const RETAINED_BY_DESIGN = 1.1;
/** Share of the memory limit in use from which the memory kept is memory missed. */
const NEAR_LIMIT = 0.9;
const ENOUGH = 1.25;

function remedyFor({ process }: ProcessContext, neededBytes: number): Remedy {
  const { gomemlimit } = process.settings;
  const value = goBytes(neededBytes * ENOUGH);
  if (process.goMinor < 19)
    return {
      text: 'Call debug.FreeOSMemory after the peak. Go 1.19 and later give memory back by themselves near GOMEMLIMIT.',
    };
  if (typeof gomemlimit?.value === 'number')
    return {
      text: `GOMEMLIMIT of ${humanBytes(gomemlimit.value)} makes the runtime give memory back from 95 % of it on only. If the peak comes again, leave it; if not, call debug.FreeOSMemory after it, or lower GOMEMLIMIT towards ${value}.`,
    };
  return {
    text: `If the peak comes again, leave it: the memory is used again. If not, call debug.FreeOSMemory after it. GOMEMLIMIT makes the runtime give memory back from 95 % of it on; the heap as it is now needs ${value}.`,
  };
}

function detect(context: ProcessContext): Verdict {
  const { process } = context;
  const { heapIdleBytes: idle, heapReleasedBytes: released, heapInuseBytes: inuse } = process.runtime;
  const { heapGoalBytes: goal, nonHeapBytes, managedBytes } = process.runtime;
  if (idle === undefined || released === undefined || inuse === undefined)
    return unknown('heap in use, idle and released');
  const kept = Math.max(0, idle.value - released.value);
  const bound = Math.max(LEAST_BYTES, LEAST_SHARE * inuse.value);
  const evidence: Evidence[] = [
    {
      ...fromKnown('freed memory the runtime keeps', { ...idle, value: kept }, 'bytes', bound),
      source: `HeapIdle - HeapReleased (${idle.from})`,
    },
    fromKnown('heap in use', inuse, 'bytes'),
  ];
  if (kept <= bound) return clear(`the runtime keeps ${humanBytes(kept)} of freed memory`, evidence);
  if (goal === undefined) return unknown('heap goal');
  if (goal.value === 'off')
    return clear('without a heap goal the runtime keeps what it has for the next allocations', evidence);
  const wanted = RETAINED_BY_DESIGN * Math.max(goal.value, inuse.value);
  evidence.push(fromKnown('heap goal of the next collection', { ...goal, value: goal.value }, 'bytes'));
  if (inuse.value + kept <= wanted)
    return clear(`the heap may grow into the ${humanBytes(kept)} before its next collection`, evidence);
  const basis = memoryLimit(process);
  const outside = outsideGo(context);
  const held =
    'verdict' in basis || managedBytes === undefined || 'missing' in outside
      ? undefined
      : { share: (managedBytes.value + outside.bytes) / basis.limitBytes, limitEvidence: basis.limitEvidence };
  if (held !== undefined)
    evidence.push(held.limitEvidence, {
      signal: 'memory held, as a share of the memory limit',
      value: held.share,
      unit: 'ratio',
      bound: NEAR_LIMIT,
      source: 'memory the runtime manages + memory outside Go',
    });
  const near = held !== undefined && held.share > NEAR_LIMIT;
  return {
    outcome: 'holds',
    severity: near ? 'warning' : 'info',
    summary:
      `the runtime keeps ${humanBytes(kept)} that the program freed minutes ago` +
      (near
        ? `, while ${percent(held.share)} of the memory limit is in use`
        : ': the container looks larger than it is'),
    evidence,
    remedy: remedyFor(context, goal.value + (nonHeapBytes?.value ?? 0)),
  };
}

/** HeapIdle - HeapReleased (runtime.MemStats); the background scavenger paces itself at 1 % of CPU, so minutes are normal (mgcscavenge.go). */
export const runtimeRetainsFreedMemory: Rule = {
  id: 'RuntimeRetainsFreedMemory',
  title: 'The runtime keeps memory the program has freed',
  subject: 'process',
  forSeconds: 300,
  detect,
  about: {
    meaning:
      'After a peak the runtime gives freed memory back to the kernel slowly, to not ask for it again at once. Until then the container counts as large as at its peak: autoscalers, the kubelet’s eviction and people read that as use. It is no leak.',
    firesWhen:
      'HeapIdle less HeapReleased is above 128 MiB and above half of the heap in use, and heap in use and kept memory together are above the heap goal by more than a tenth, which is what the runtime keeps by design; for five minutes.',
    severity: 'info; warning when over 90 % of the memory limit is in use.',
    change:
      'Nothing when the peak comes again. Else call debug.FreeOSMemory after it, or set a GOMEMLIMIT that the finding names: near it the runtime gives memory back eagerly.',
    silentWhen: 'Little is kept, or the heap will grow into it before its next collection.',
    unknownWhen: 'The runtime does not say what is in use, idle and released, or its heap goal.',
    sources: ['runtime.MemStats, HeapIdle and HeapReleased', 'runtime/mgcscavenge.go (Go 1.19 to 1.26)'],
  },
};

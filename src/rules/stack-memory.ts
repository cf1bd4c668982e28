import type { GoProcessModel } from '../model/go-process-types.ts';
import { memoryLimit } from './memory-inputs.ts';
import { humanBytes, percent } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** Without a memory limit of its own, stacks are set against the heap. */
const HEAP_SHARE = 0.5;
const LEAST_BYTES = 64 << 20;
/** Stacks begin at 2 KiB and double; a goroutine in a handler of net/http has 8 (runtime/stack.go). Well above that the stacks are deep. */
const DEEP_BYTES = 32 << 10;

/** The largest group of goroutines, where a profile or memory told. */
function largestSite({ runtime }: GoProcessModel): string {
  const sites = runtime.goroutineSites ?? [];
  const [first] = sites.toSorted((a, b) => b.count - a.count);
  if (first === undefined) return '';
  const where = first.createdBy === undefined ? '' : `, started in ${first.createdBy}`;
  return ` The largest group is ${first.count} goroutines at ${first.site}${where}.`;
}

function remedyFor(process: GoProcessModel, each: number | undefined): Remedy {
  const site = largestSite(process);
  if (each === undefined) return { text: `Count the goroutines: many of them, or deep recursion.${site}` };
  return {
    text:
      each >= DEEP_BYTES
        ? `The stacks are deep (${humanBytes(each)} each): look for recursion and for large arrays and structs held by value. A stack shrinks at the next collection after it is no longer used.${site}`
        : `The stacks are small (${humanBytes(each)} each), there are many: bound how many goroutines run at once, or find those that never end.${site}`,
  };
}

function detect({ process, thresholds }: ProcessContext): Verdict {
  const { stackInuseBytes: stacks, heapInuseBytes, goroutines } = process.runtime;
  if (stacks === undefined) return unknown('memory of goroutine stacks');
  const basis = memoryLimit(process);
  const evidence: Evidence[] = [];
  let bound: number;
  let whole: string;
  if ('verdict' in basis) {
    if (basis.verdict.outcome === 'unknown') return basis.verdict;
    if (heapInuseBytes === undefined) return unknown('heap in use');
    bound = Math.max(LEAST_BYTES, HEAP_SHARE * heapInuseBytes.value);
    whole = `${humanBytes(heapInuseBytes.value)} of heap`;
    evidence.push(fromKnown('heap in use', heapInuseBytes, 'bytes'));
  } else {
    bound = thresholds.memory.stackRatio * basis.limitBytes;
    whole = `${percent(stacks.value / basis.limitBytes)} of the memory limit`;
    evidence.push(basis.limitEvidence);
  }
  const each = goroutines === undefined || goroutines.value <= 0 ? undefined : stacks.value / goroutines.value;
  evidence.unshift(fromKnown('memory of goroutine stacks', stacks, 'bytes', bound));
  if (goroutines !== undefined) evidence.push(fromKnown('goroutines', goroutines, 'count'));
  if (each !== undefined)
    evidence.push({ signal: 'stack per goroutine', value: each, unit: 'bytes', source: 'StackInuse / goroutines' });
  if (stacks.value <= bound) {
    const fits = `goroutine stacks take ${humanBytes(stacks.value)}`;
    return 'verdict' in basis || basis.complete ? clear(fits, evidence) : unknown('memory.max of an ancestor');
  }
  return {
    outcome: 'holds',
    severity: 'warning',
    summary:
      `goroutine stacks take ${humanBytes(stacks.value)}, ` +
      ('verdict' in basis ? `against ${whole}` : whole) +
      (each === undefined ? '' : ` (${goroutines?.value} goroutines, ${humanBytes(each)} each)`),
    evidence,
    remedy: remedyFor(process, each),
  };
}

/** StackInuse (runtime.MemStats): memory no collection frees while the goroutines live, counted by GOMEMLIMIT and, since Go 1.18, by the pacer. */
export const stackMemory: Rule = {
  id: 'StackMemory',
  title: 'Goroutine stacks take a large part of the memory',
  subject: 'process',
  forSeconds: 60,
  detect,
  about: {
    meaning:
      'Every goroutine has a stack of 2 KiB at least, which doubles as it gets deeper. Stacks are no heap: profiles of the heap do not show them, and the collector frees none while its goroutine lives. It scans all of them in each collection, and since Go 1.18 they count for the heap goal.',
    firesWhen:
      'StackInuse is above `thresholds.memory.stackRatio` (20 %) of the memory limit; without a limit, above half of the heap in use and 64 MiB; for a minute.',
    severity: 'warning.',
    change:
      'By the bytes per goroutine: many small stacks ask for fewer goroutines (bounded pools, an end to those that never end), deep ones for less recursion and fewer large values on the stack.',
    silentWhen: 'Stacks take less.',
    unknownWhen: 'The runtime does not say what stacks take, or the memory limit of some level is not known.',
    sources: ['runtime.MemStats, StackInuse', 'runtime/stack.go', 'Go GC guide, "GOGC" (roots count since Go 1.18)'],
  },
};

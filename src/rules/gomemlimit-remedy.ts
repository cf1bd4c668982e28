import type { GoProcessModel } from '../model/go-process-types.ts';
import { goBytes, humanBytes, kubernetesBytes } from './quantity.ts';
import type { Remedy } from './types.ts';
import { gcExpectation } from './what-if/expectation.ts';

/** What has to be known to compute a GOMEMLIMIT. */
export interface GomemlimitInputs {
  readonly limitBytes: number;
  /** What counts against the limit outside Go; 0 only when it was measured as none. */
  readonly outsideBytes: number | undefined;
  readonly headroomRatio: number;
}

const MIB = 1 << 20;
/** The smallest heap goal at GOGC=100 (runtime/mgcpacer.go, defaultHeapMinimum). */
const LEAST_HEAP = 4 * MIB;

/** A larger memory limit, when none of the present one is left for a heap with room to collect. */
function largerLimit(process: GoProcessModel, inputs: GomemlimitInputs, heapBytes: number): Remedy {
  const beside = (process.runtime.nonHeapBytes?.value ?? 0) + (inputs.outsideBytes ?? 0);
  const wanted = Math.ceil((heapBytes + beside) / (1 - inputs.headroomRatio) / MIB) * MIB;
  const gomemlimit = wanted * (1 - inputs.headroomRatio) - (inputs.outsideBytes ?? 0);
  const level = process.effective.memoryMaxBytes?.level ?? 'container';
  const own = level === 'container' || level === 'sub-container';
  return {
    text:
      `The live heap and ${humanBytes(beside)} beside it leave the collector too little room below this memory limit: raise the limit of the ${own ? 'container' : level} to ${kubernetesBytes(wanted)} ` +
      `(${humanBytes(heapBytes)} of heap before a collection, ${humanBytes(beside)} beside it, headroom), or make the program hold less. Then set GOMEMLIMIT=${goBytes(gomemlimit)}.${gcExpectation(process, { gomemlimit })}`,
    // What a pod or a systemd unit may use is not set in the container's resources.
    ...(own ? { patch: { kind: 'resources', set: { 'limits.memory': kubernetesBytes(wanted) } } } : {}),
  };
}

/**
 * GOMEMLIMIT = memory limit - memory outside Go - headroom (Go GC guide: leave 5 to 10 %). When the live heap would not fit
 * below that with room to collect, the advice is a larger memory limit instead: a GOMEMLIMIT near the live heap makes the
 * collector run all the time.
 */
export function gomemlimitRemedy(process: GoProcessModel, inputs: GomemlimitInputs): Remedy {
  const { limitBytes, outsideBytes, headroomRatio } = inputs;
  const value = limitBytes - (outsideBytes ?? 0) - limitBytes * headroomRatio;
  const live = process.runtime.heapLiveBytes?.value;
  const goal = process.runtime.heapGoalBytes?.value;
  const nonHeap = process.runtime.nonHeapBytes?.value ?? 0;
  const needed = nonHeap + Math.max(LEAST_HEAP, (live ?? 0) * 1.25);
  if (needed > value) {
    const heap = live === undefined ? goal : Math.max(live * 2, typeof goal === 'number' ? goal : 0);
    return typeof heap === 'number'
      ? largerLimit(process, inputs, heap)
      : {
          text: `${humanBytes((outsideBytes ?? 0) + nonHeap)} beside the heap leave no room for one below the memory limit of ${humanBytes(limitBytes)}: raise the limit, or find what holds that memory.`,
        };
  }
  const share = `${Math.round(headroomRatio * 100)} % headroom`;
  const reason =
    outsideBytes === undefined
      ? `less ${share} (memory outside Go is not known; subtract it too if the program uses cgo or mmap, or shares the container)`
      : `less ${humanBytes(outsideBytes)} outside Go and ${share}`;
  return {
    text: `Set GOMEMLIMIT=${goBytes(value)}: the memory limit of ${humanBytes(limitBytes)} ${reason}. Keep GOGC as it is.${gcExpectation(process, { gomemlimit: value })}`,
    patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(value) } },
  };
}

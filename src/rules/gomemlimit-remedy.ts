import type { GoProcessModel } from '../model/types.ts';
import { goBytes, humanBytes, kubernetesBytes } from './quantity.ts';
import type { Remedy } from './types.ts';

/** What has to be known to compute a GOMEMLIMIT. */
export interface GomemlimitInputs {
  readonly limitBytes: number;
  /** 0 only when it was measured as none. */
  readonly nonGoBytes: number | undefined;
  readonly headroomRatio: number;
}

/**
 * GOMEMLIMIT = memory limit - memory outside Go - headroom (Go GC guide: leave 5 to 10 %). When the live heap would not fit
 * below that with room to collect, the advice is a larger memory limit instead: a GOMEMLIMIT near the live heap makes the
 * collector run all the time.
 */
export function gomemlimitRemedy(process: GoProcessModel, inputs: GomemlimitInputs): Remedy {
  const nonGo = inputs.nonGoBytes ?? 0;
  const value = inputs.limitBytes - nonGo - inputs.limitBytes * inputs.headroomRatio;
  const live = process.runtime.heapLiveBytes?.value;
  const nonHeap = process.runtime.nonHeapBytes?.value ?? 0;
  const needed = live === undefined ? undefined : live * 1.25 + nonHeap;
  if (needed !== undefined && needed > value) {
    const memory = (live ?? 0) * 2 + nonHeap + nonGo;
    const wanted = memory / (1 - inputs.headroomRatio);
    return {
      text:
        `The live heap of ${humanBytes(live ?? 0)} leaves the collector too little room below this memory limit: raise the limit to ${kubernetesBytes(wanted)} ` +
        `(twice the live heap, ${humanBytes(nonHeap + nonGo)} beside it, headroom), or make the program hold less. Then set GOMEMLIMIT=${goBytes(wanted * (1 - inputs.headroomRatio) - nonGo)}.`,
      patch: { kind: 'resources', set: { 'limits.memory': kubernetesBytes(wanted) } },
    };
  }
  const outside =
    inputs.nonGoBytes === undefined
      ? ' (memory outside Go is not known; subtract it if the program uses cgo or mmap)'
      : '';
  return {
    text: `Set GOMEMLIMIT=${goBytes(value)}: the memory limit of ${humanBytes(inputs.limitBytes)} less ${humanBytes(nonGo)} outside Go and ${Math.round(inputs.headroomRatio * 100)} % headroom${outside}. Keep GOGC as it is.`,
    patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(value) } },
  };
}

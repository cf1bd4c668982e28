import type { GoProcessModel } from '../model/types.ts';
import type { Evidence, ProcessContext, Verdict } from './types.ts';
import { clear, fromKnown, fromLimit, unknown } from './verdict.ts';

/** The memory limit in force and what the process holds outside the Go runtime. */
export interface MemoryBasis {
  readonly limitBytes: number;
  readonly limitEvidence: Evidence;
}

/** The finite effective memory.max, or the verdict when there is none or it is not known. */
export function memoryLimit(process: GoProcessModel): MemoryBasis | { readonly verdict: Verdict } {
  const effective = process.effective.memoryMaxBytes;
  if (effective === undefined) return { verdict: unknown('memory.max of the cgroup and its ancestors') };
  const limitEvidence = fromLimit('effective memory limit', effective, 'bytes', 'memory.max');
  if (effective.limit === 'max') {
    return {
      verdict: effective.complete
        ? clear('no memory limit at any level', [limitEvidence])
        : unknown('memory.max of an ancestor'),
    };
  }
  return { limitBytes: effective.limit, limitEvidence };
}

/** Where the next collection will end, added up. */
export interface PredictedPeak {
  readonly goalBytes: number;
  readonly nonHeapBytes: number;
  readonly nonGoBytes: number;
  readonly totalBytes: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Memory of the cgroup at the end of the next GC cycle: heap goal + stacks and metadata (Sys - HeapSys) + what Go does not manage.
 * Page cache is left out: the kernel reclaims it first. A verdict instead when an input is missing, or when the process does not
 * hold the cgroup's memory, so that per-process and per-cgroup figures may not be compared.
 */
export function predictedPeak({ process, thresholds }: ProcessContext): PredictedPeak | { readonly verdict: Verdict } {
  const { heapGoalBytes, nonHeapBytes } = process.runtime;
  const { anonShare, nonGoBytes, detail } = process.attribution;
  const missing: string[] = [];
  if (heapGoalBytes === undefined) missing.push(`heap goal (${process.endpointDetail})`);
  if (nonHeapBytes === undefined) missing.push('memory the runtime uses beside the heap');
  if (anonShare === undefined || nonGoBytes === undefined)
    missing.push(detail ?? 'share of the cgroup’s memory this process holds');
  if (heapGoalBytes === undefined || nonHeapBytes === undefined || anonShare === undefined || nonGoBytes === undefined)
    return { verdict: unknown(...missing) };
  if (heapGoalBytes.value === 'off')
    return { verdict: clear('the collector is off: there is no next collection to predict') };
  if (anonShare < thresholds.memory.attributionRatio) {
    return {
      verdict: unknown(
        `attribution: this process holds ${Math.round(anonShare * 100)} % of the cgroup’s anonymous memory, other processes the rest`,
      ),
    };
  }
  const goalBytes = heapGoalBytes.value;
  return {
    goalBytes,
    nonHeapBytes: nonHeapBytes.value,
    nonGoBytes,
    totalBytes: goalBytes + nonHeapBytes.value + nonGoBytes,
    evidence: [
      fromKnown('heap goal of the next collection', { ...heapGoalBytes, value: goalBytes }, 'bytes'),
      fromKnown('stacks and runtime metadata', nonHeapBytes, 'bytes'),
      {
        signal: 'memory outside the Go runtime',
        value: nonGoBytes,
        unit: 'bytes',
        source: 'memory.stat anon - (Sys - HeapReleased)',
      },
    ],
  };
}

import type { Limit } from '../base/limit.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { EffectiveLimit, Level } from '../model/limit-types.ts';
import { humanBytes } from './quantity.ts';
import type { Evidence, ProcessContext, Verdict } from './types.ts';
import { clear, fromKnown, fromLimit, unknown } from './verdict.ts';

/** The memory limit in force. */
export interface MemoryBasis {
  readonly limitBytes: number;
  /** Every ancestor's limit was read. If not, a tighter one may exist: enough to say too much, not to say it fits. */
  readonly complete: boolean;
  readonly limitEvidence: Evidence;
}

/** Levels whose limit all pods or services of the node share: no measure for one program. */
const SHARED: ReadonlySet<Level> = new Set(['qos', 'kubepods', 'slice', 'node']);

export function isShared(level: Level): boolean {
  return SHARED.has(level);
}

/** The memory limit that is the program's: `max` also where only a level that others share has one. Undefined when it is not known. */
export function ownMemoryLimit(effective: EffectiveLimit | undefined): Limit | undefined {
  return effective === undefined || !isShared(effective.level) ? effective?.limit : 'max';
}

/** The finite memory.max of container, pod or unit, or the verdict when there is none or it is not known. */
export function memoryLimit(process: GoProcessModel): MemoryBasis | { readonly verdict: Verdict } {
  const effective = process.effective.memoryMaxBytes;
  if (effective === undefined) return { verdict: unknown('memory.max of the cgroup and its ancestors') };
  const { limit, level, complete } = effective;
  const limitEvidence = fromLimit('effective memory limit', effective, 'bytes', 'memory.max');
  if (limit !== 'max' && !SHARED.has(level)) return { limitBytes: limit, complete, limitEvidence };
  if (!complete) return { verdict: unknown('memory.max of an ancestor') };
  const reason =
    limit === 'max'
      ? 'no memory limit at any level'
      : `no memory limit of its own: all that is below the ${level} level shares ${humanBytes(limit)}`;
  return { verdict: clear(reason, [limitEvidence]) };
}

/** Clear with this reason; unknown while an ancestor that was not read may hold a tighter limit. */
export function withinLimit(basis: MemoryBasis, reason: string, evidence: readonly Evidence[]): Verdict {
  return basis.complete ? clear(reason, evidence) : unknown('memory.max of an ancestor');
}

/** What counts against the memory limit, is not reclaimed before a kill, and is none of the Go runtime's. */
export interface OutsideGo {
  readonly bytes: number;
  readonly evidence: readonly Evidence[];
}

/** Measured memory outside Go, or what is missing; also when other processes hold too much of the cgroup to tell them apart. */
export function outsideGo({
  process,
  container,
  thresholds,
}: Pick<ProcessContext, 'process' | 'container' | 'thresholds'>): OutsideGo | { readonly missing: string } {
  const { anonShare, nonGoBytes, detail } = process.attribution;
  if (anonShare === undefined || nonGoBytes === undefined)
    return { missing: detail ?? 'share of the cgroup’s memory this process holds' };
  if (anonShare < thresholds.memory.attributionRatio) {
    return {
      missing: `attribution: this process holds ${Math.round(anonShare * 100)} % of the cgroup’s anonymous memory, other processes the rest`,
    };
  }
  const evidence: Evidence[] = [
    {
      signal: 'memory outside the Go runtime',
      value: nonGoBytes,
      unit: 'bytes',
      source: 'memory.stat anon - (Sys - HeapReleased)',
    },
  ];
  // Files in tmpfs (an emptyDir in memory) count as page cache, but there is nowhere to write them back to.
  const shmem = container?.memory.shmemBytes ?? 0;
  if (shmem > 0)
    evidence.push({
      signal: 'files in tmpfs and shared memory',
      value: shmem,
      unit: 'bytes',
      source: 'memory.stat shmem',
    });
  return { bytes: nonGoBytes + shmem, evidence };
}

/** Where {@link PredictedPeak.totalBytes} comes from. */
export const PEAK_SOURCE = 'heap goal + runtime + memory outside Go';

/** Where the next collection will end, added up. */
export interface PredictedPeak {
  readonly outsideBytes: number;
  readonly totalBytes: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Memory of the cgroup at the end of the next GC cycle: heap goal + stacks and metadata (Sys - HeapSys) + what Go does not manage.
 * With managed = Sys - HeapReleased this is anon + goal - (HeapSys - HeapReleased): what is held now, and what the heap has yet to
 * grow. Nothing is counted twice, and fragmentation is left out, so it is a lower bound. Page cache is left out: the kernel reclaims
 * it first. A verdict instead when an input is missing.
 */
export function predictedPeak(context: ProcessContext): PredictedPeak | { readonly verdict: Verdict } {
  const { process } = context;
  const { heapGoalBytes, nonHeapBytes } = process.runtime;
  const outside = outsideGo(context);
  const missing: string[] = [];
  if (heapGoalBytes === undefined) missing.push(`heap goal (${process.endpointDetail})`);
  if (nonHeapBytes === undefined) missing.push('memory the runtime uses beside the heap');
  if ('missing' in outside) missing.push(outside.missing);
  if (heapGoalBytes?.value === 'off')
    return { verdict: clear('the collector is off: there is no next collection to predict') };
  if (heapGoalBytes === undefined || nonHeapBytes === undefined || 'missing' in outside)
    return { verdict: unknown(...missing) };
  const goalBytes = heapGoalBytes.value;
  return {
    outsideBytes: outside.bytes,
    totalBytes: goalBytes + nonHeapBytes.value + outside.bytes,
    evidence: [
      fromKnown('heap goal of the next collection', { ...heapGoalBytes, value: goalBytes }, 'bytes'),
      fromKnown('stacks and runtime metadata', nonHeapBytes, 'bytes'),
      ...outside.evidence,
    ],
  };
}

import { found, missed, type Reading } from '../../base/reading.ts';
import type { ProcessMemory } from '../../io/process-memory.ts';
import type { NameAt } from './goroutine-census.ts';
import type { Layout } from './layout.ts';
import { type ProfileBucket, ProfileBuckets, type ProfileCounts } from './profile-buckets.ts';
import type { HeapProfile, SourceLine } from './types.ts';
import { pointer } from './words.ts';

/** What a memory profile needs and how much it may do. */
export interface HeapProfileOptions {
  readonly nameAt: NameAt;
  /** Buckets looked at, at most; a longer list is a failure, not a part of a profile. Default 200,000. */
  readonly maxBuckets?: number;
  /** Sites kept, largest in use first. Default 50. */
  readonly maxSites?: number;
  /** Frames kept of a stack, from the innermost. Default 32. */
  readonly maxStack?: number;
  /** Milliseconds on any steady clock, for the pauses between steps. */
  readonly nowMs: () => number;
}

interface Totals {
  inUseObjects: number;
  inUseBytes: number;
  allocObjects: number;
  allocBytes: number;
  buckets: number;
}

const DEFAULT_BUCKETS = 200_000;
const DEFAULT_SITES = 50;
const DEFAULT_STACK = 32;
const STEP_MS = 2;
/** Buckets between two looks at the clock: about 100 microseconds. */
const STEP_BUCKETS = 50;
const READER = 'heap_profile';

/**
 * Reads the sampled memory profile, whose totals are those of the first line of /debug/pprof/heap?debug=1. A generator that yields every
 * 2 ms of work. Unsupported: the program does not refer to runtime.MemProfile, so it has none. Failed: the list is longer than allowed,
 * or is not one. Source: runtime/mprof.go memProfileInternal, Go 1.17 to 1.27.
 */
export function* heapProfile(
  memory: ProcessMemory,
  layout: Layout,
  candidates: readonly number[],
  source: string,
  options: HeapProfileOptions,
): Generator<undefined, Reading<HeapProfile>, undefined> {
  const miss = (kind: 'unsupported' | 'failed', detail: string): Reading<never> =>
    memory.gone ? missed('absent', READER, source, 'the process has gone') : missed(kind, READER, source, detail);
  if (candidates.length === 0) return miss('unsupported', 'the program keeps no memory profile');
  const buckets = new ProfileBuckets(memory, layout);
  const head = headOf(candidates, memory, buckets);
  if (head === undefined) return miss('failed', 'no list of memory profile buckets');
  const top: ProfileBucket[] = [];
  let totals = yield* sum(head, buckets, 'published', top, options);
  // Before the first collection nothing is published, and the runtime itself then adds up what is to come.
  if (typeof totals !== 'string' && totals.buckets > 0 && totals.allocObjects === 0) {
    totals = yield* sum(head, buckets, 'all', top, options);
  }
  if (typeof totals === 'string') return miss('failed', totals);
  const { inUseObjects, inUseBytes, allocObjects, allocBytes } = totals;
  const maxStack = Math.max(0, options.maxStack ?? DEFAULT_STACK);
  const sites = top.map((bucket) => ({
    ...amounts(bucket),
    stack: linesOf(bucket, buckets, options.nameAt, maxStack),
  }));
  return found({ inUseObjects, inUseBytes, allocObjects, allocBytes, sites });
}

/** The first bucket, 0 for an empty list. Undefined when no candidate leads to a bucket and not all are nil. */
function headOf(candidates: readonly number[], memory: ProcessMemory, buckets: ProfileBuckets): number | undefined {
  let isEmpty = true;
  for (const candidate of candidates) {
    const word = memory.read(candidate, 8);
    const head = word === undefined ? undefined : pointer(word, 0);
    if (head !== undefined && buckets.read(head, 'published') !== undefined) return head;
    if (word?.readBigUInt64LE(0) !== 0n) isEmpty = false;
  }
  return isEmpty ? 0 : undefined;
}

/** Walks the list, adds up, and leaves the largest buckets in `top`. A text says why it could not. */
function* sum(
  head: number,
  buckets: ProfileBuckets,
  counts: ProfileCounts,
  top: ProfileBucket[],
  options: HeapProfileOptions,
): Generator<undefined, Totals | string, undefined> {
  const { maxBuckets = DEFAULT_BUCKETS, nowMs } = options;
  const maxSites = Math.max(0, options.maxSites ?? DEFAULT_SITES);
  const totals: Totals = { inUseObjects: 0, inUseBytes: 0, allocObjects: 0, allocBytes: 0, buckets: 0 };
  let pauseAt = nowMs() + STEP_MS;
  top.length = 0;
  for (let at = head === 0 ? undefined : head; at !== undefined; ) {
    if (totals.buckets >= maxBuckets) return `more than ${maxBuckets} memory profile buckets`;
    const bucket = buckets.read(at, counts);
    if (bucket === undefined) return 'the list of memory profile buckets leads nowhere';
    totals.buckets += 1;
    const one = amounts(bucket);
    totals.inUseObjects += one.inUseObjects;
    totals.inUseBytes += one.inUseBytes;
    totals.allocObjects += one.allocObjects;
    totals.allocBytes += one.allocBytes;
    if (one.inUseBytes > 0) keep(top, bucket, 4 * maxSites, maxSites);
    at = bucket.next;
    if (totals.buckets % STEP_BUCKETS === 0 && nowMs() >= pauseAt) {
      yield undefined;
      pauseAt = nowMs() + STEP_MS;
    }
  }
  keep(top, undefined, 0, maxSites);
  return totals;
}

/** Adds a bucket; above `limit` buckets only the `most` largest stay, in falling order. */
function keep(top: ProfileBucket[], bucket: ProfileBucket | undefined, limit: number, most: number): void {
  if (bucket !== undefined) top.push(bucket);
  if (top.length <= limit) return;
  top.sort((one, other) => amounts(other).inUseBytes - amounts(one).inUseBytes);
  if (top.length > most) top.length = most;
}

function amounts(bucket: ProfileBucket): Omit<Totals, 'buckets'> {
  const inUseObjects = bucket.allocObjects - bucket.freeObjects;
  return {
    inUseObjects,
    inUseBytes: inUseObjects * bucket.objectBytes,
    allocObjects: bucket.allocObjects,
    allocBytes: bucket.allocObjects * bucket.objectBytes,
  };
}

function linesOf(bucket: ProfileBucket, buckets: ProfileBuckets, nameAt: NameAt, maxStack: number): SourceLine[] {
  const lines: SourceLine[] = [];
  for (const address of buckets.stack(bucket)?.slice(0, maxStack) ?? []) {
    // A return address: the call is the instruction before.
    const line = nameAt(address - 1);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

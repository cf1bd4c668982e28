import type { Architecture } from './types.ts';

/** Where a field lies in its struct and how long it is, bytes. */
export type FieldOffset = readonly [offset: number, size: number];

/** Where an array lies in its struct, the size of one element in bytes, and how many there are. */
export type ArrayOffset = readonly [offset: number, elementSize: number, count: number];

/** Fields that every version has, then those that only some have: undefined where the version lacks it. */
type Struct<Always extends string, Sometimes extends string = never, Arrays extends string = never> = {
  /** Size of the whole struct. It differs by architecture only where a cache line pad ends it. */
  readonly byteSize: Readonly<Record<Architecture, number>>;
} & Readonly<Record<Always, FieldOffset>> &
  Readonly<Record<Sometimes, FieldOffset | undefined>> &
  Readonly<Record<Arrays, ArrayOffset>>;

/**
 * The layout of one Go minor version's runtime, with the runtime's own names of variables, types and fields; a dot goes into a struct
 * inside. Fields are of little-endian 64-bit programs and lie at the same place on amd64 and arm64. Struct undefined: the version lacks it.
 */
export interface RuntimeOffsets {
  /** `gcController`, runtime/mgcpacer.go. gcPercent is an int32, -1 for off; the rest are 8-byte integers, goals unsigned. */
  readonly gcController: Struct<
    | 'gcPercent'
    | 'heapMinimum'
    | 'lastHeapGoal'
    | 'heapLive'
    | 'heapScan'
    | 'heapMarked'
    | 'assistTime'
    | 'dedicatedMarkTime'
    | 'fractionalMarkTime'
    | 'idleMarkTime',
    | 'memoryLimit'
    | 'runway'
    | 'trigger'
    | 'heapGoal'
    | 'gcPercentHeapGoal'
    | 'sweepDistMinTrigger'
    | 'triggered'
    | 'lastHeapScan'
    | 'lastStackScan'
    | 'globalsScan'
    | 'heapInUse'
    | 'heapReleased'
    | 'heapFree'
    | 'totalAlloc'
    | 'totalFree'
    | 'mappedReady'
  >;
  /** `memstats`, runtime/mstats.go. To 1.18 it also holds what gcController and heapStatsDelta hold later. */
  readonly memstats: Struct<
    | 'heapStats.gen'
    | 'stacks_sys'
    | 'mspan_sys'
    | 'mcache_sys'
    | 'buckhash_sys'
    | 'gcMiscSys'
    | 'other_sys'
    | 'last_gc_unix'
    | 'pause_total_ns'
    | 'numgc'
    | 'numforcedgc'
    | 'gc_cpu_fraction'
    | 'last_gc_nanotime',
    'heap_sys' | 'heap_inuse' | 'heap_released' | 'stacks_inuse' | 'gcWorkBufInUse' | 'gcProgPtrScalarBitsInUse',
    'heapStats.stats' | 'pause_ns' | 'pause_end'
  >;
  /** `sched`, runtime/runtime2.go. gFree is one list to 1.24, two later; runqsize became runq.size in 1.25. */
  readonly sched: Struct<
    | 'lastpoll'
    | 'lock.key'
    | 'nmidle'
    | 'mnext'
    | 'nmfreed'
    | 'ngsys'
    | 'npidle'
    | 'nmspinning'
    | 'gcwaiting'
    | 'procresizetime'
    | 'totaltime',
    | 'nGsyscallNoP'
    | 'runqsize'
    | 'runq.size'
    | 'gFree.n'
    | 'gFree.stack.size'
    | 'gFree.noStack.size'
    | 'customGOMAXPROCS'
    | 'idleTime'
    | 'totalMutexWaitTime'
    | 'goroutinesCreated',
    'timeToRun.counts'
  > & { readonly 'stwTotalTimeGC.counts': ArrayOffset | undefined };
  /** `gcCPULimiter`, runtime/mgclimit.go, from 1.19. */
  readonly gcCPULimiter:
    | Struct<'enabled' | 'bucket.fill' | 'bucket.capacity' | 'overflow' | 'lastEnabledCycle'>
    | undefined;
  /** An element of `allp`, runtime/runtime2.go. gFree.n became gFree.size in 1.25. */
  readonly p: Struct<'id' | 'status' | 'schedtick' | 'runqhead' | 'runqtail' | 'runnext', 'gFree.n' | 'gFree.size'>;
  /** An element of `allgs`, runtime/runtime2.go. */
  readonly g: Struct<'atomicstatus' | 'goid' | 'waitsince' | 'waitreason' | 'gopc' | 'startpc'>;
  /** One of the three in `memstats.heapStats.stats`, runtime/mstats.go. */
  readonly heapStatsDelta: Struct<
    | 'committed'
    | 'released'
    | 'inHeap'
    | 'inStacks'
    | 'inWorkBufs'
    | 'tinyAllocCount'
    | 'largeAlloc'
    | 'largeAllocCount'
    | 'largeFree'
    | 'largeFreeCount',
    'inPtrScalarBits',
    'smallAllocCount' | 'smallFreeCount'
  >;
  /** `work.cpuStats`, runtime/mstats.go, from 1.20; nanoseconds. To 1.22 the names begin with a small letter. */
  readonly cpuStats:
    | Struct<
        | 'GCAssistTime'
        | 'GCDedicatedTime'
        | 'GCIdleTime'
        | 'GCPauseTime'
        | 'GCTotalTime'
        | 'ScavengeAssistTime'
        | 'ScavengeBgTime'
        | 'ScavengeTotalTime'
        | 'IdleTime'
        | 'UserTime'
        | 'TotalTime'
      >
    | undefined;
  /** runtime/histogram.go. The constants below tell the bounds of its buckets. */
  readonly timeHistogram: Struct<'underflow', 'overflow', 'counts'>;
  /** Head of a profile bucket; nstk 8-byte addresses and then the record follow it. runtime/mprof.go. */
  readonly bucket: Struct<'allnext' | 'typ' | 'hash' | 'size' | 'nstk'>;
  /** The record of a bucket of the memory profile: `active` is a memRecordCycle, published; `future` are three to come. */
  readonly memRecord: Struct<'active', never, 'future'>;
  /** The byte counts are gone in 1.27: they are the count times the bucket's size. */
  readonly memRecordCycle: Struct<'allocs' | 'frees', 'alloc_bytes' | 'free_bytes'>;
  /** Constants of package runtime. */
  readonly constants: {
    readonly timeHistSubBucketBits: number;
    /** To 1.19. */
    readonly timeHistNumSuperBuckets: number | undefined;
    /** From 1.20. */
    readonly timeHistMinBucketBits: number | undefined;
    readonly timeHistMaxBucketBits: number | undefined;
    readonly _Gidle: number;
    readonly _Gdead: number;
    /** From 1.26: a g kept for a C thread that calls into Go; dead as far as counting goes. */
    readonly _Gdeadextra: number | undefined;
    /** A bit of a g's status, not a status: the collector is scanning its stack. */
    readonly _Gscan: number;
  };
  /** waitReasonStrings by `g.waitreason`. The numbers mean other reasons in other versions. */
  readonly waitReasons: readonly string[];
  /** gStatusStrings by `g.atomicstatus` without _Gscan; '' for statuses that are not in use. */
  readonly statuses: readonly string[];
}

import type { GcWork } from '../../model/gc-work.ts';
import type { GoProcessModel } from '../../model/go-process-types.ts';

/** What a prediction of the collector's share starts from. All of it is measured, over one window. */
export interface GcInputs {
  readonly goMinor: number;
  readonly procs: number;
  /** Bytes allocated for each second of CPU the program itself uses. */
  readonly allocatedPerCpuSecond: number;
  /** CPU seconds of one collection. */
  readonly collectionCpuSeconds: number;
  /** Collections by runtime.GC() for each second of CPU the program itself uses: no setting changes those. */
  readonly forcedPerCpuSecond: number;
  /** Cores the program itself used. */
  readonly programCores: number;
  /** No P was idle: with less collecting the program would do more. */
  readonly saturated: boolean;
  /** What is live at the start of a collection: what was marked less what was allocated while marking. */
  readonly liveBytes: number;
  readonly rootBytes: number;
  /** What counts for GOMEMLIMIT beside live objects: stacks, metadata, what spans waste. Undefined: not known. */
  readonly besideBytes: number | undefined;
  /** Heap goal of today, which {@link besideBytes} belongs to. */
  readonly goalBytes: number | undefined;
  /** Share of the CPU used that went into collecting, as measured. */
  readonly measuredRatio: number;
  /** Allocated from one collection to the next, as measured. */
  readonly measuredBytesPerCycle: number;
}

/** With fewer collections in a window, one of them that was unlike the others decides. */
export const MIN_COLLECTIONS = 3;
/** Of all P time. The idle class is an estimate and hardly ever 0. */
const SATURATED = 0.95;
/** The least and the most of the way to the goal at which a collection starts: 45 and 61 of 64 (mgcpacer.go, trigger). */
export const LEAST_TRIGGER = 45 / 64;
const MOST_FLOAT = 0.35;

/** Takes the inputs out of the model; what is missing, in words, where a prediction cannot be made. */
export function gcInputs(process: GoProcessModel): GcInputs | { readonly missing: readonly string[] } {
  const { runtime, settings, goMinor } = process;
  const { gcWork } = runtime;
  const { gomaxprocs } = settings;
  if (gcWork === undefined)
    return {
      missing: [
        goMinor < 20
          ? `CPU time by class, which Go 1.${goMinor} does not count (Go 1.20 and later do)`
          : 'collections, CPU time by class and allocated bytes of two readings',
      ],
    };
  if (gomaxprocs === undefined) return { missing: ['GOMAXPROCS'] };
  const work = gcWork.value;
  if (work.collections < MIN_COLLECTIONS)
    return { missing: [`${MIN_COLLECTIONS} collections in the window (${gcWork.detail}: ${work.collections})`] };
  const rootBytes = work.rootBytes ?? runtime.stackInuseBytes?.value ?? 0;
  const bytesPerCycle = work.allocatedBytes / work.collections;
  const used = work.gcCpuSeconds + work.programCpuSeconds;
  const rates = {
    procs: gomaxprocs.value,
    allocatedPerCpuSecond: work.allocatedBytes / work.programCpuSeconds,
    collectionCpuSeconds: work.gcCpuSeconds / work.collections,
    programCores: work.programCpuSeconds / work.coveredSeconds,
    saturated: used >= SATURATED * work.coveredSeconds * gomaxprocs.value,
  };
  return {
    ...rates,
    goMinor,
    forcedPerCpuSecond: (work.forcedCollections ?? 0) / work.programCpuSeconds,
    liveBytes: liveWithoutFloat(work, bytesPerCycle, freeFloat(rates), process),
    rootBytes,
    besideBytes: besideBytes(process, work.liveBytes + bytesPerCycle),
    goalBytes: typeof runtime.heapGoalBytes?.value === 'number' ? runtime.heapGoalBytes.value : undefined,
    measuredRatio: work.gcCpuSeconds / used,
    measuredBytesPerCycle: bytesPerCycle,
  };
}

/**
 * What is allocated while a collection marks counts as live in it. That much is known: what is allocated in a cycle, less what is
 * allocated before the collection starts. Not more than the program can allocate while marking has its Ps, and no collection is so
 * unlike the others that most of its heap floats.
 */
function liveWithoutFloat(work: GcWork, bytesPerCycle: number, most: number, { runtime }: GoProcessModel): number {
  const goal = runtime.heapGoalBytes?.value;
  const room = typeof goal === 'number' ? Math.max(0, goal - work.liveBytes) : undefined;
  const before = work.triggerRoomBytes ?? (room === undefined ? undefined : LEAST_TRIGGER * room);
  if (before === undefined || (work.forcedCollections ?? 0) > 0) return work.liveBytes;
  return work.liveBytes - Math.min(Math.max(0, bytesPerCycle - before), most, MOST_FLOAT * work.liveBytes);
}

/** What dedicated workers leave of the Ps: they get a quarter (`gcBackgroundUtilization`, Go 1.18). */
export function mostCores(procs: number): number {
  return 0.75 * procs;
}

/** Cores the program uses while a collection marks. Idle workers have what it does not use. */
export function coresWhileMarking({
  procs,
  programCores,
  saturated,
}: Pick<GcInputs, 'procs' | 'programCores' | 'saturated'>): number {
  return saturated ? mostCores(procs) : Math.min(mostCores(procs), programCores);
}

/** What is allocated while a collection marks, when nothing holds it back. */
export function freeFloat(
  inputs: Pick<GcInputs, 'procs' | 'programCores' | 'saturated' | 'allocatedPerCpuSecond' | 'collectionCpuSeconds'>,
): number {
  const working = coresWhileMarking(inputs);
  return (inputs.allocatedPerCpuSecond * inputs.collectionCpuSeconds * working) / (inputs.procs - working);
}

/** Spans are fullest at the end of a cycle; what is in use then beyond objects is wasted. At another time it would look like more. */
function besideBytes({ runtime }: GoProcessModel, fullHeapBytes: number): number | undefined {
  const { nonHeapBytes, heapInuseBytes } = runtime;
  if (nonHeapBytes === undefined) return undefined;
  return nonHeapBytes.value + Math.max(0, (heapInuseBytes?.value ?? 0) - fullHeapBytes);
}

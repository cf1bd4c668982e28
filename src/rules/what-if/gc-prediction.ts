import { coresWhileMarking, freeFloat, type GcInputs, LEAST_TRIGGER, mostCores } from './gc-inputs.ts';

/** The settings a prediction is for. */
export interface GcSettings {
  /** Percent, or off. */
  readonly gogc: number | 'off';
  /** Bytes, or off. */
  readonly gomemlimit: number | 'off';
}

/** What collecting would take. */
export interface GcPrediction {
  /**
   * Share of the CPU time used, 0 to 1; idle mark workers count as used. `at least`: half, from where on the runtime's limiter lets
   * memory pass the limit rather than take more. `not told`: the room is so small that the error of the live heap decides.
   */
  readonly cpuRatio: number;
  readonly bound: 'about' | 'at least' | 'not told';
  readonly goalSetBy: 'GOGC' | 'GOMEMLIMIT' | 'minimum heap' | 'nothing';
  /** Where a collection ends; undefined when there is none. */
  readonly goalBytes: number | undefined;
  /** Heap goal, runtime and metadata: what the program holds when a collection ends. Undefined when the part beside the heap is not known. */
  readonly peakBytes: number | undefined;
  /** Seconds from one collection to the next, at the present rate of allocating. */
  readonly secondsBetween: number | undefined;
}

const MIB = 1 << 20;
/** `defaultHeapMinimum`, and the distance from the goal within which a collection need not start. */
const HEAP_MINIMUM = 4 * MIB;
const MOST_TRIGGER = 61 / 64;
/** The limiter holds collecting to about half of the time that is not idle (runtime/mgclimit.go). */
const LIMITER_RATIO = 0.5;
/** `gcBackgroundUtilization`. */
const BACKGROUND = 0.25;
const HEADROOM_PERCENT_FROM_MINOR = 21;
/** Of P time: nearer to all of it, collecting and working are in each other's way. */
const BUSY = 0.9;
const STEPS = 60;
/**
 * Of the CPU seconds of a collection, what it costs a program besides that keeps running while it marks: write barriers, assists that
 * wait, cold caches, sweeping. Measured as in docs/what-if.md for heaps of pointers; more for bytes without, where collecting is cheap.
 */
const COST_TO_PROGRAM = 0.3;
/** Tables of the runtime grow by so much of the heap. Measured: 2.6 to 2.9 % in all programs. */
const METADATA_RATIO = 0.027;
/** The live heap is known to a few percent. With less room than this, and less than today, that error decides. */
const LEAST_ROOM = 0.12;
/** So far below what is live no error of it makes room. */
const SURELY_LIVE = 0.95;

/**
 * Collecting costs c CPU seconds a cycle and the program allocates a bytes for each of its own CPU seconds, both as measured. So with B
 * bytes from one collection to the next there are a x c / B seconds of collecting to one of working. B follows from the pacer: see
 * {@link cycleWith}. Sources: Go GC guide, "GC cost model"; runtime/mgcpacer.go, Go 1.20 to 1.27.
 * Undefined: GOMEMLIMIT is given and the memory beside the heap is not known.
 */
export function predictGc(inputs: GcInputs, settings: GcSettings): GcPrediction | undefined {
  if (settings.gomemlimit !== 'off' && inputs.besideBytes === undefined) return undefined;
  const { allocatedPerCpuSecond, collectionCpuSeconds, forcedPerCpuSecond, programCores, procs, besideBytes } = inputs;
  const cycle = cycleWith(inputs, settings);
  const perByte = 1 / allocatedPerCpuSecond;
  const besides = ((COST_TO_PROGRAM * coresWhileMarking(inputs)) / mostCores(procs)) * collectionCpuSeconds;
  const bytes = Math.max(1, cycle?.bytes ?? Number.POSITIVE_INFINITY);
  // Fewer collections also cost the program less; never below half of what it takes today.
  const thenPerByte = Math.max(0.5 * perByte, perByte + besides * (1 / bytes - 1 / inputs.measuredBytesPerCycle));
  const perWork = forcedPerCpuSecond * collectionCpuSeconds + collectionCpuSeconds / bytes / thenPerByte;
  const ratio = perWork / (1 + perWork);
  const busy = inputs.saturated || programCores * (1 + perWork) > BUSY * procs;
  const limited = ratio > LIMITER_RATIO && busy;
  const cramped =
    bytes < LEAST_ROOM * inputs.liveBytes &&
    bytes < 0.5 * inputs.measuredBytesPerCycle &&
    !isHopeless(inputs, settings);
  const between = cycle === undefined ? undefined : cycle.bytes / (allocatedPerCpuSecond * programCores);
  return {
    cpuRatio: limited ? LIMITER_RATIO : ratio,
    bound: cramped ? 'not told' : limited ? 'at least' : 'about',
    goalSetBy: cycle?.goalSetBy ?? 'nothing',
    goalBytes: cycle?.goalBytes,
    peakBytes:
      cycle === undefined || besideBytes === undefined
        ? undefined
        : cycle.goalBytes + besideAt(inputs, cycle.goalBytes),
    secondsBetween: limited || cramped || between === undefined || !Number.isFinite(between) ? undefined : between,
  };
}

/** What is live alone is more than GOMEMLIMIT leaves for the heap. */
function isHopeless(inputs: GcInputs, { gomemlimit }: GcSettings): boolean {
  if (gomemlimit === 'off') return false;
  return limitGoal(gomemlimit - besideAt(inputs, gomemlimit), inputs.goMinor, 0) < SURELY_LIVE * inputs.liveBytes;
}

interface Cycle {
  /** Allocated from the end of one collection to the end of the next. */
  readonly bytes: number;
  readonly goalBytes: number;
  readonly goalSetBy: GcPrediction['goalSetBy'];
}

/**
 * The steady state. A collection starts so far before the goal that marking with a quarter of the Ps gets done in time (runway), but
 * not before 45/64 and not after 61/64 of the way. What is allocated while it marks (float) is kept through that collection, so it is
 * part of what the next goal is reckoned from, and takes room below GOMEMLIMIT. Assists keep it from passing the goal.
 * Undefined: nothing ever starts a collection.
 */
function cycleWith(inputs: GcInputs, settings: GcSettings): Cycle | undefined {
  const { allocatedPerCpuSecond, collectionCpuSeconds, liveBytes } = inputs;
  const mostFloat = freeFloat(inputs);
  const wantedRunway = (allocatedPerCpuSecond * collectionCpuSeconds * (1 - BACKGROUND)) / BACKGROUND;
  let float = 0;
  let bytes = 0;
  let goal = goalFor(inputs, settings, liveBytes);
  // What floats makes the next goal, and that what floats: halfway each time, so that it settles.
  for (let step = 0; step < STEPS; step++) {
    if (goal === undefined) return undefined;
    const room = Math.max(0, goal.bytes - liveBytes - float);
    const least = Math.min((1 - MOST_TRIGGER) * room, HEAP_MINIMUM);
    const runway = Math.min(Math.max(wantedRunway, least), (1 - LEAST_TRIGGER) * room);
    const floats = Math.min(mostFloat, runway);
    bytes = room - runway + floats;
    float = (float + floats) / 2;
    goal = goalFor(inputs, settings, liveBytes + float);
  }
  return goal === undefined ? undefined : { bytes, goalBytes: goal.bytes, goalSetBy: goal.setBy };
}

/** Memory beside the heap with another goal: the runtime's tables for the heap grow with it. At least half of today's. */
function besideAt({ besideBytes = 0, goalBytes }: GcInputs, goal: number): number {
  return Math.max(0.5 * besideBytes, besideBytes + METADATA_RATIO * (goal - (goalBytes ?? goal)));
}

/** heapGoalInternal and memoryLimitHeapGoal. */
function goalFor(
  inputs: GcInputs,
  { gogc, gomemlimit }: GcSettings,
  marked: number,
): { readonly bytes: number; readonly setBy: GcPrediction['goalSetBy'] } | undefined {
  const { goMinor, rootBytes } = inputs;
  const limit =
    gomemlimit === 'off' ? undefined : limitGoal(gomemlimit - besideAt(inputs, gomemlimit), goMinor, marked);
  const limited = limit === undefined ? undefined : ({ bytes: limit, setBy: 'GOMEMLIMIT' } as const);
  if (gogc === 'off') return limited;
  const minimum = (HEAP_MINIMUM * gogc) / 100;
  const wanted = marked + ((marked + rootBytes) * gogc) / 100;
  if (limited !== undefined && limited.bytes < Math.max(wanted, minimum)) return limited;
  return wanted < minimum ? { bytes: minimum, setBy: 'minimum heap' } : { bytes: wanted, setBy: 'GOGC' };
}

function limitGoal(left: number, goMinor: number, marked: number): number {
  const share = goMinor < HEADROOM_PERCENT_FROM_MINOR ? 0 : 0.03 * left;
  return Math.max(marked, left - Math.max(MIB, share));
}

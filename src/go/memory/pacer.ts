/** What the pacer of Go 1.19 and later works with, bytes. Infinity: the runtime's `^uint64(0)` or math.MaxInt64, no bound. */
export interface PacerState {
  /** The goal of GOGC alone, at least the minimum heap: `gcPercentHeapGoal`. */
  readonly gcPercentHeapGoal: number;
  readonly heapMinimum: number;
  readonly heapMarked: number;
  readonly memoryLimit: number;
  readonly sweepDistMinTrigger: number;
  /** Live heap when the running collection started; Infinity between collections. */
  readonly triggered: number;
  readonly runway: number;
  readonly heapFree: number;
  readonly totalAlloc: number;
  readonly totalFree: number;
  readonly mappedReady: number;
}

/** Where the next collection starts and where it must end, bytes. Infinity: there will be none. */
export interface HeapGoal {
  readonly goal: number;
  readonly trigger: number;
  readonly setBy: 'GOGC' | 'GOMEMLIMIT' | 'minimum heap';
}

const MIB = 1024 * 1024;
/** `defaultHeapMinimum`: the smallest goal at GOGC=100. */
export const DEFAULT_HEAP_MINIMUM = 4 * MIB;
const MIN_RUNWAY = 64 * 1024;
/** `memoryLimitMinHeapGoalHeadroom`; up to 1.20 the whole of `memoryLimitHeapGoalHeadroom`. */
const MIN_HEADROOM = MIB;
const HEADROOM_PERCENT_FROM_MINOR = 21;
const HEADROOM_PERCENT = 3;
const TRIGGER_RATIO_DENOMINATOR = 64;
const MIN_TRIGGER_RATIO = 45;
const MAX_TRIGGER_RATIO = 61;

/**
 * The heap goal and trigger as the runtime works them out whenever it needs them; they are stored nowhere.
 * `minor` is the Go minor version, 19 or later. Source: runtime/mgcpacer.go heapGoalInternal, memoryLimitHeapGoal and trigger,
 * Go 1.19 to 1.27.
 */
export function heapGoal(state: PacerState, minor: number): HeapGoal {
  let goal = state.gcPercentHeapGoal;
  let minTrigger = 0;
  let setBy: HeapGoal['setBy'] = 'GOMEMLIMIT';
  const limitGoal = memoryLimitHeapGoal(state, minor);
  if (limitGoal < goal) {
    goal = limitGoal;
  } else {
    setBy = goal <= state.heapMinimum && goal !== Number.POSITIVE_INFINITY ? 'minimum heap' : 'GOGC';
    minTrigger = state.sweepDistMinTrigger;
    if (minTrigger > goal) goal = minTrigger;
    if (state.triggered !== Number.POSITIVE_INFINITY) goal = Math.max(goal, state.triggered + MIN_RUNWAY);
  }
  return { goal, trigger: trigger(state, goal, minTrigger), setBy };
}

function memoryLimitHeapGoal(state: PacerState, minor: number): number {
  const { memoryLimit, mappedReady, heapMarked } = state;
  if (memoryLimit === Number.POSITIVE_INFINITY) return memoryLimit;
  // The runtime reads these three again until they add up; a reader from outside sees at most a passing disagreement.
  const nonHeap = Math.max(0, mappedReady - state.heapFree - (state.totalAlloc - state.totalFree));
  const overage = Math.max(0, mappedReady - memoryLimit);
  if (nonHeap + overage >= memoryLimit) return heapMarked;
  const room = memoryLimit - (nonHeap + overage);
  const share = minor < HEADROOM_PERCENT_FROM_MINOR ? 0 : Math.floor(room / 100) * HEADROOM_PERCENT;
  const headroom = Math.max(MIN_HEADROOM, share);
  return Math.max(heapMarked, room - headroom < headroom ? headroom : room - headroom);
}

function trigger(state: PacerState, goal: number, sweepTrigger: number): number {
  const { heapMarked, runway } = state;
  if (goal === Number.POSITIVE_INFINITY || heapMarked >= goal) return goal;
  const step = Math.floor((goal - heapMarked) / TRIGGER_RATIO_DENOMINATOR);
  const minTrigger = Math.max(sweepTrigger, heapMarked, step * MIN_TRIGGER_RATIO + heapMarked);
  const maxTrigger = Math.max(minTrigger, step * MAX_TRIGGER_RATIO + heapMarked, goal - DEFAULT_HEAP_MINIMUM);
  const wanted = runway > goal ? minTrigger : goal - runway;
  return Math.min(Math.max(wanted, minTrigger), maxTrigger);
}

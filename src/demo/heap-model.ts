import type { GoProgram } from './workload.ts';

/** A Go heap at one age of its process, bytes and seconds. */
export interface HeapState {
  readonly live: number;
  /** Heap size at which the next collection must be done. */
  readonly goal: number | 'off';
  readonly allocated: number;
  /** Largest heap so far. */
  readonly peak: number;
  readonly totalAllocated: number;
  readonly collections: number;
  /** Age at the end of the last collection; undefined before the first. */
  readonly lastCollectionAge: number | undefined;
}

/** Collections of a starting program, while its heap grows from 4 MiB to what it keeps. */
const STARTUP_COLLECTIONS = 8;
/** The share of a memory limit left to the heap goal: 3 % of headroom (Go 1.21) and about as much for stacks and metadata. */
const LIMIT_SHARE = 0.93;

/** Where the next collection ends: (1 + GOGC/100) x live, bounded by GOMEMLIMIT (Go's runtime/mgcpacer.go, roots left out). */
function heapGoal(program: GoProgram, live: number): number | 'off' {
  const byPercent = program.gogc === 'off' ? undefined : live * (1 + program.gogc / 100);
  const byLimit = program.gomemlimit === 'off' ? undefined : Math.max(program.gomemlimit * LIMIT_SHARE, live);
  if (byPercent === undefined) return byLimit ?? 'off';
  return byLimit === undefined ? byPercent : Math.min(byPercent, byLimit);
}

/** The heap after `age` seconds, with a constant rate of allocation: saw teeth between live and goal, or growth without end. */
export function heapAt(program: GoProgram, age: number): HeapState {
  const rate = program.allocationRate;
  const first = program.liveBytes;
  const goal = heapGoal(program, first);
  const totalAllocated = first + rate * age;
  if (program.retains === 'all') return growing(program, totalAllocated);
  if (goal === 'off') {
    return {
      live: first,
      goal,
      allocated: totalAllocated,
      peak: totalAllocated,
      totalAllocated,
      collections: 0,
      lastCollectionAge: undefined,
    };
  }
  const cycle = (goal - first) / rate;
  const cycles = Math.floor(age / cycle);
  const allocated = first + rate * (age - cycles * cycle);
  return {
    live: first,
    goal,
    allocated,
    peak: cycles > 0 ? goal : allocated,
    totalAllocated,
    collections: STARTUP_COLLECTIONS + cycles,
    lastCollectionAge: cycles * cycle,
  };
}

/** Nothing is freed: with GOGC=100 each collection finds twice the live heap of the one before. */
function growing(program: GoProgram, allocated: number): HeapState {
  const base = { allocated, peak: allocated, totalAllocated: allocated };
  if (program.gogc === 'off') {
    return { ...base, live: 0, goal: heapGoal(program, allocated), collections: 0, lastCollectionAge: undefined };
  }
  const growth = 1 + program.gogc / 100;
  const cycles = Math.floor(Math.log(allocated / program.liveBytes) / Math.log(growth));
  const live = program.liveBytes * growth ** cycles;
  return {
    ...base,
    live,
    goal: heapGoal(program, live),
    collections: STARTUP_COLLECTIONS + cycles,
    lastCollectionAge: (live - program.liveBytes) / program.allocationRate,
  };
}

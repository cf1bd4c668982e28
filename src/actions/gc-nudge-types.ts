/** Containers whose programs may be asked. Names are compared whole; left out: any of the namespace. */
export interface NudgeSelector {
  readonly namespace: string;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
}

export interface NudgeSettings {
  /** None: nothing is ever asked. */
  readonly selectors: readonly NudgeSelector[];
  /** Share of the memory limit from which a collection is thought of, 0..1. */
  readonly atMemoryRatio: number;
  /** Bytes a collection must be expected to free at least. */
  readonly minFreedBytes: number;
  /** Share of the program's CPU time that collecting may take already, 0..1. */
  readonly maxGcCpuRatio: number;
  /** Share of the cgroup's anonymous memory the process must hold, 0..1. */
  readonly attributionRatio: number;
}

/** Why a selected program past the mark is left alone. A closed set: these are label values. */
export const NOT_NUDGED = [
  'shared-limit',
  'page-cache',
  'other-memory',
  'no-endpoint',
  'unknown',
  'little-to-free',
  'free-heap',
  'recent-collection',
  'collection-due',
  'collecting-hard',
  'process-interval',
  'node-interval',
] as const;

export type NotNudged = (typeof NOT_NUDGED)[number];

/** What was done before. */
export interface NudgePast {
  /** Monotonic milliseconds before which no program of the node is asked. */
  readonly nodeNotBeforeMs: number;
  /** The same for one process, by its key. A process not in here was not asked. */
  readonly notBeforeMs: ReadonlyMap<string, number>;
}

/** One collection to ask for, with the state it is to change. */
export interface NudgePlan {
  readonly processKey: string;
  /** Short name of the program. */
  readonly process: string;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  /** The cgroup whose limit is near. */
  readonly limitPath: string;
  readonly limitBytes: number;
  /** memory.current there: of its containers, added up. */
  readonly heldBytes: number;
  /** Working set above the mark, rounded up. */
  readonly missingBytes: number;
  /** Heap allocated, garbage included. */
  readonly heapAllocBytes: number;
  /** Allocated since the last mark: the most a collection can free of it. */
  readonly expectedBytes: number;
  readonly gcCycles: number;
  readonly forcedGcCycles: number;
}

export interface NudgeSkip {
  readonly processKey: string;
  readonly reason: NotNudged;
  /** For a person. */
  readonly detail: string;
}

/** At most one plan: the program whose limit is nearest. */
export interface NudgeDecision {
  readonly plan: NudgePlan | undefined;
  readonly skipped: readonly NudgeSkip[];
}

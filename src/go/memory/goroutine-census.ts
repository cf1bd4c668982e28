import { found, missed, type Reading } from '../../base/reading.ts';
import type { ProcessMemory } from '../../io/process-memory.ts';
import { type GoroutineKind, GoroutineKinds } from './goroutine-kinds.ts';
import { GoroutineWalk, goroutineList } from './goroutine-walk.ts';
import type { Layout } from './layout.ts';
import type { GoroutineCensus, GoroutineSite, SourceLine } from './types.ts';

/** Looks up the innermost function, file and line at a code address of the process. Undefined: not Go code of the executable. */
export type NameAt = (pc: number) => SourceLine | undefined;

/** What a census needs and how much it may do. */
export interface CensusOptions {
  readonly nameAt: NameAt;
  /** CLOCK_MONOTONIC of the machine in nanoseconds, the clock of waits (`process.hrtime`). */
  readonly monotonicNs: number;
  /** Structures looked at, at most; of more, an even sample. Default 20,000, at most 500,000. */
  readonly maxGoroutines?: number;
  /** Sites kept, largest first. Default 100. */
  readonly maxSites?: number;
  /** Milliseconds on any steady clock, for the pauses between steps. */
  readonly nowMs: () => number;
}

const DEFAULT_GOROUTINES = 20_000;
const MOST_GOROUTINES = 500_000;
const DEFAULT_SITES = 100;
const STEP_MS = 2;
/** Places looked up in one census; goroutines at others are counted without a name. */
const MAX_NAMED = 2048;
const READER = 'goroutine_census';

/**
 * Counts live goroutines by where they were started, what they run and what they wait for; the runtime's own are left out. A generator
 * that yields every 2 ms of work. Failed: the list cannot be read, or what it holds is no code of the program.
 */
export function* goroutineCensus(
  memory: ProcessMemory,
  layout: Layout,
  allgs: number,
  source: string,
  options: CensusOptions,
): Generator<undefined, Reading<GoroutineCensus>, undefined> {
  const miss = (detail: string): Reading<never> =>
    memory.gone ? missed('absent', READER, source, 'the process has gone') : missed('failed', READER, source, detail);
  const list = goroutineList(memory, allgs);
  if (list === undefined) return miss('no list of goroutines');
  const most = Math.min(options.maxGoroutines ?? DEFAULT_GOROUTINES, MOST_GOROUTINES);
  const walk = new GoroutineWalk(memory, layout, list, most);
  const kinds = new GoroutineKinds(layout, options.monotonicNs);
  let state: ReturnType<GoroutineWalk['next']> = 'more';
  let pauseAt = options.nowMs() + STEP_MS;
  while (state === 'more') {
    state = walk.next(kinds.add);
    if (state === 'more' && options.nowMs() >= pauseAt) {
      yield undefined;
      pauseAt = options.nowMs() + STEP_MS;
    }
  }
  if (state === 'unreadable') return miss('a goroutine cannot be read');
  yield undefined;
  const names = new Names(options.nameAt);
  // A hostile program has a kind for every goroutine, and makes each name slow to find.
  const live: GoroutineKind[] = [];
  for (const kind of kinds.all().sort((one, other) => other.count - one.count)) {
    if (!names.isSystem(kind.entry)) live.push(kind);
    if (options.nowMs() < pauseAt) continue;
    yield undefined;
    pauseAt = options.nowMs() + STEP_MS;
  }
  if (live.length > 0 && live.every((kind) => names.at(kind.entry) === undefined)) {
    return miss('goroutines that start outside the program');
  }
  const scale = walk.isSample ? list.length / walk.examined : 1;
  // Looked up before the sites are made, with pauses between.
  for (const { createdAt } of live.slice(0, options.maxSites ?? DEFAULT_SITES)) {
    if (createdAt !== 0) names.at(createdAt - 1);
    if (options.nowMs() < pauseAt) continue;
    yield undefined;
    pauseAt = options.nowMs() + STEP_MS;
  }
  return found(censusOf(live, names, scale, walk, options.maxSites ?? DEFAULT_SITES));
}

function censusOf(
  kinds: GoroutineKind[],
  names: Names,
  scale: number,
  walk: GoroutineWalk,
  maxSites: number,
): GoroutineCensus {
  const total = Math.round(kinds.reduce((sum, kind) => sum + kind.count, 0) * scale);
  const sites: GoroutineSite[] = kinds.slice(0, Math.max(0, maxSites)).map((kind) => ({
    count: Math.round(kind.count * scale),
    // A return address: the go statement is the instruction before.
    createdBy: kind.createdAt === 0 ? undefined : names.at(kind.createdAt - 1),
    entry: names.at(kind.entry),
    waitReason: kind.waitReason,
    waitSeconds: kind.waitSeconds,
  }));
  const kept = sites.reduce((sum, site) => sum + site.count, 0);
  return {
    total,
    examined: walk.examined,
    sampled: walk.isSample,
    sites,
    otherGoroutines: Math.max(0, total - kept),
  };
}

/** Entry functions of package runtime that run the program's own code. */
const USER_ENTRIES: ReadonlySet<string> = new Set(['runtime.main', 'runtime.corostart', 'runtime.handleAsyncEvent']);

/** Names by address, each looked up once. */
class Names {
  readonly #nameAt: NameAt;
  readonly #known = new Map<number, SourceLine | undefined>();

  constructor(nameAt: NameAt) {
    this.#nameAt = nameAt;
  }

  at(pc: number): SourceLine | undefined {
    if (this.#known.has(pc)) return this.#known.get(pc);
    if (this.#known.size >= MAX_NAMED) return undefined;
    const line = this.#nameAt(pc);
    this.#known.set(pc, line);
    return line;
  }

  /** As the runtime decides: the goroutine's entry function is one of package runtime. runtime/traceback.go isSystemGoroutine. */
  isSystem(entry: number): boolean {
    const name = this.at(entry)?.function;
    return name !== undefined && name.startsWith('runtime.') && !USER_ENTRIES.has(name);
  }
}

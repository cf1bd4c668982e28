import type { CodeSink } from './code-sink.ts';
import type { RuntimeFunctions } from './runtime-functions.ts';

/** A variable whose address the runtime passes as the first argument of functions known by name. */
export type Receiver = 'gcController' | 'heapStats' | 'gcCpuLimiter' | 'cpuStats' | 'schedLock';

/** A function whose own use of variables tells them. */
export type Witness = 'procresize' | 'allgadd' | 'osinit' | 'mprof' | 'schedinit';

/** How a function used one address. */
export interface Use {
  /** Bits of code-sink.ts. */
  uses: number;
  /** Largest size used. */
  size: number;
  times: number;
}

const METHODS: readonly (readonly [prefix: string, Receiver])[] = [
  ['runtime.(*gcControllerState).', 'gcController'],
  ['runtime.(*consistentHeapStats).', 'heapStats'],
  ['runtime.(*gcCPULimiterState).', 'gcCpuLimiter'],
  ['runtime.(*cpuStats).', 'cpuStats'],
];
const LOCKS = new Set(['runtime.lock2', 'runtime.lock', 'runtime.lockWithRank']);
/** Functions that take sched.lock in one release or another, and some of them other locks too. Source: Go runtime/proc.go (1.17 to 1.27). */
const SCHEDULER = new Set(
  (
    'GOMAXPROCS SetDefaultGOMAXPROCS allocm checkIdleGCNoP checkRunqsNoP dropm entersyscallHandleGCWait ' +
    'entersyscallWakeSysmon entersyscall_gcwait entersyscall_sysmon exitsyscall0 exitsyscallNoP exitsyscallTryGetP ' +
    'exitsyscallfast_pidle findRunnable findrunnable forEachP forEachPInternal gcBgMarkWorker gcstopm goschedImpl handoffp ' +
    'incidlelocked injectglist mcommoninit mexit runSafePointFn runqputbatch runqputslow schedEnableUser schedinit ' +
    'schedtrace schedule setMaxThreads setcpuprofilerate startTheWorldWithSema startm stopTheWorldWithSema stopm sysmon ' +
    'sysmonUpdateGOMAXPROCS templateThread traceAdvance updateMaxProcsGoroutine wakep'
  )
    .split(' ')
    .map((name) => `runtime.${name}`),
);
const WITNESSES = new Map<string, Witness>([
  ['runtime.procresize', 'procresize'],
  ['runtime.allgadd', 'allgadd'],
  ['runtime.osinit', 'osinit'],
  ['runtime.mProf_FlushLocked', 'mprof'],
  ['runtime.mProf_Flush', 'mprof'],
  ['runtime.schedinit', 'schedinit'],
]);
const MIN_VOTES: Readonly<Record<Receiver, number>> = {
  gcController: 3,
  heapStats: 3,
  gcCpuLimiter: 2,
  cpuStats: 1,
  schedLock: 3,
};
const MIN_SHARE = 0.6;

/**
 * Collects what package runtime's code says about its own variables: for each {@link Receiver} the addresses passed to its methods,
 * each a vote, and for each {@link Witness} the addresses it uses. Only addresses from `first` up to `end` count.
 */
export class ReceiverVotes implements CodeSink {
  readonly #first: number;
  readonly #end: number;
  readonly #callees = new Map<number, Receiver>();
  readonly #votes = new Map<Receiver, Map<number, number>>();
  readonly #uses = new Map<Witness, Map<number, Use>>();
  #scheduler = false;
  #witnessed: Map<number, Use> | undefined;

  constructor(functions: RuntimeFunctions, first: number, end: number) {
    this.#first = first;
    this.#end = end;
    for (let index = 0; index < functions.count; index++) {
      const name = functions.names[index] ?? '';
      const receiver = LOCKS.has(name) ? 'schedLock' : METHODS.find(([prefix]) => name.startsWith(prefix))?.[1];
      if (receiver !== undefined) this.#callees.set(functions.starts[index] ?? 0, receiver);
    }
  }

  /** Says whose code the next calls and uses come from. */
  enter(name: string): void {
    const closure = name.indexOf('.func', 8);
    this.#scheduler = SCHEDULER.has(closure < 0 ? name : name.slice(0, closure));
    const witness = WITNESSES.get(name);
    this.#witnessed = witness === undefined ? undefined : entryOf(this.#uses, witness);
  }

  call(target: number, receiver: number): void {
    if (receiver < this.#first || receiver >= this.#end) return;
    const callee = this.#callees.get(target);
    if (callee === undefined || (callee === 'schedLock' && !this.#scheduler)) return;
    const votes = entryOf(this.#votes, callee);
    votes.set(receiver, (votes.get(receiver) ?? 0) + 1);
  }

  touch(address: number, size: number, use: number): void {
    if (this.#witnessed === undefined || address < this.#first || address >= this.#end) return;
    const known = this.#witnessed.get(address);
    if (known === undefined) this.#witnessed.set(address, { uses: use, size, times: 1 });
    else {
      known.uses |= use;
      known.times += 1;
      if (size > known.size) known.size = size;
    }
  }

  /** The address a clear majority is for; undefined when there is none, never a guess. */
  elected(receiver: Receiver): number | undefined {
    let [best, second, total] = [0, 0, 0];
    let winner: number | undefined;
    for (const [address, votes] of this.#votes.get(receiver) ?? []) {
      total += votes;
      if (votes > best) [winner, second, best] = [address, best, votes];
      else if (votes > second) second = votes;
    }
    return best >= MIN_VOTES[receiver] && best >= total * MIN_SHARE && best >= 2 * second ? winner : undefined;
  }

  /** What a function uses, in the order of its code. */
  usesOf(witness: Witness): ReadonlyMap<number, Use> {
    return this.#uses.get(witness) ?? new Map<number, Use>();
  }
}

function entryOf<Key, Value>(maps: Map<Key, Map<number, Value>>, key: Key): Map<number, Value> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

import type { Clock, Instant } from '../../base/clock.ts';
import type { Reading } from '../../base/reading.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses, RuntimeSnapshot } from '../../go/memory/types.ts';
import { type SiteAccount, SiteBook, type SiteGroups } from '../../go/site-book.ts';
import { ProfileSchedule } from '../endpoints/profile-schedule.ts';
import type { MemorySample, MemoryState, Timed } from '../types.ts';
import type { AddressBook, ExecutableName } from './address-book.ts';

/** A runtime whose layout has proved itself. */
export interface AttachedRuntime {
  /** For people: `layout 1.26, addresses decoded`. */
  readonly description: string;
  /** `absent`: the process has gone or runs another program. `failed`: what was read contradicts itself. */
  snapshot(): Reading<RuntimeSnapshot>;
  /** Proves the layout again. */
  attest(): Reading<true>;
  /** Counts goroutines by site, in steps. */
  goroutines(): Generator<void, Reading<GoroutineCensus>>;
  /** The memory profile, in steps. `absent` when the program cannot profile memory. */
  heapProfile(): Generator<void, Reading<HeapProfile>>;
  close(): void;
}

/** The way to processes' memory, as an argument. */
export interface MemoryAccess {
  /** Whether the memory may be read at all: asked before an executable is searched for nothing. */
  permitted(pid: number): Reading<true>;
  /** `unsupported`: no layout proved itself. */
  attach(pid: number, addresses: RuntimeAddresses): Reading<AttachedRuntime>;
}

export interface MemoryPlan {
  readonly goroutineEveryMs: number;
}

/** Layouts are proved again so often: a table that fits by accident does not for long. */
const ATTEST_EVERY_MS = 60_000;
/** After a refusal it is tried again this much later, then after twice as long, and so on: one in its first moment may only be young. */
const RETRY_MS = 15_000;
const MAX_RETRY_MS = 300_000;
/** Windows are measured from a snapshot between one and two of these old. */
const BASELINE_MS = 60_000;

/** Reading one process's memory: where it stands, and what it gave last. */
export class MemoryTarget {
  readonly #pid: number;
  readonly #exe: string;
  readonly #name: ExecutableName;
  readonly #access: MemoryAccess;
  readonly #book: AddressBook;
  readonly #clock: Clock;
  #runtime: AttachedRuntime | undefined;
  #state: MemoryState = 'pending';
  #detail = 'not looked at yet';
  #retryAtMs = 0;
  #refusals = 0;
  #attestedAtMs = 0;
  #snapshot: Timed<RuntimeSnapshot> | undefined;
  #baseline: Timed<RuntimeSnapshot> | undefined;
  #nextBaseline: Timed<RuntimeSnapshot> | undefined;
  #sites: Timed<SiteAccount> | undefined;
  #siteBook = new SiteBook();
  readonly #schedule: ProfileSchedule;
  #together: MemorySample['together'];

  constructor(
    process: { readonly pid: number; readonly exe: string; readonly name: ExecutableName },
    access: MemoryAccess,
    book: AddressBook,
    clock: Clock,
    plan: MemoryPlan,
  ) {
    this.#pid = process.pid;
    this.#exe = process.exe;
    this.#name = process.name;
    this.#access = access;
    this.#book = book;
    this.#clock = clock;
    this.#schedule = new ProfileSchedule(plan.goroutineEveryMs, true);
  }

  /** Whether this is the target for a process that runs this executable. */
  isFor(executable: string): boolean {
    return this.#name.executable === executable;
  }

  get sample(): MemorySample {
    return {
      state: this.#state,
      detail: this.#detail,
      snapshot: this.#snapshot,
      baseline: this.#baseline,
      sites: this.#sites,
      together: this.#together,
    };
  }

  /** Takes a snapshot, or the next step towards one. */
  *step(): Generator<void, void> {
    const now = this.#clock.now();
    if (this.#runtime === undefined) {
      if (now.monotonicMs < this.#retryAtMs) return;
      this.#attach(now);
      yield;
    }
    if (this.#runtime === undefined) return;
    if (now.monotonicMs - this.#attestedAtMs >= ATTEST_EVERY_MS) {
      const proved = this.#runtime.attest();
      if (!proved.ok) {
        this.#refuse(proved.miss.kind === 'absent' ? 'pending' : 'unsupported', proved.miss.detail, now);
        return;
      }
      this.#attestedAtMs = now.monotonicMs;
      this.#refusals = 0;
      yield;
    }
    const reading = this.#runtime.snapshot();
    if (!reading.ok) {
      this.#refuse(reading.miss.kind === 'absent' ? 'pending' : 'failed', reading.miss.detail, now);
      return;
    }
    this.#keep({ at: this.#clock.now(), value: reading.value });
    yield;
    const goroutines = reading.value.goroutines ?? 0;
    if (this.#schedule.waitMs(now.monotonicMs, goroutines) === 0) yield* this.#count(now, goroutines);
  }

  /** The memory profile now: for a person who asked. Undefined: not attached. */
  heapProfile(): Generator<void, Reading<HeapProfile>> | undefined {
    return this.#runtime?.heapProfile();
  }

  /** Pairs the snapshot with what the cgroup held in the same cycle. */
  pairWith(workloadAnon: number | undefined): void {
    const managed = this.#snapshot?.value.mappedReady;
    if (workloadAnon !== undefined && managed !== undefined) this.#together = { workloadAnon, managed };
  }

  close(): void {
    this.#runtime?.close();
    this.#runtime = undefined;
  }

  #attach(now: Instant): void {
    const permitted = this.#access.permitted(this.#pid);
    if (!permitted.ok) {
      const { kind, detail } = permitted.miss;
      this.#refuse(kind === 'denied' ? 'denied' : 'failed', detail, now);
      return;
    }
    const addresses = this.#book.find(this.#name, this.#exe);
    if (addresses === undefined) {
      this.#state = 'pending';
      this.#detail = 'the executable is searched for the variables of its runtime';
      return;
    }
    if (!addresses.ok) {
      this.#refuse(addresses.miss.kind === 'unsupported' ? 'unsupported' : 'failed', addresses.miss.detail, now);
      return;
    }
    const attached = this.#access.attach(this.#pid, addresses.value);
    if (!attached.ok) {
      const { kind, detail } = attached.miss;
      this.#refuse(kind === 'unsupported' ? 'unsupported' : kind === 'denied' ? 'denied' : 'failed', detail, now);
      if (kind === 'unsupported' && this.#book.distrust(this.#name)) this.#retryAtMs = 0;
      return;
    }
    this.#runtime = attached.value;
    this.#state = 'attested';
    this.#detail = attached.value.description;
    this.#attestedAtMs = now.monotonicMs;
  }

  /** Values of a layout that failed its proof, or of a process that has gone, must not pass for present ones. */
  #refuse(state: MemoryState, detail: string, now: Instant): void {
    this.close();
    this.#state = state;
    this.#detail = detail;
    this.#snapshot = undefined;
    this.#baseline = undefined;
    this.#nextBaseline = undefined;
    this.#sites = undefined;
    this.#siteBook = new SiteBook();
    this.#together = undefined;
    this.#refusals += 1;
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(16, this.#refusals - 1));
    this.#retryAtMs = state === 'pending' ? 0 : now.monotonicMs + (state === 'denied' ? MAX_RETRY_MS : delay);
  }

  #keep(snapshot: Timed<RuntimeSnapshot>): void {
    this.#snapshot = snapshot;
    this.#baseline ??= snapshot;
    this.#nextBaseline ??= snapshot;
    if (snapshot.at.monotonicMs - this.#nextBaseline.at.monotonicMs < BASELINE_MS) return;
    this.#baseline = this.#nextBaseline;
    this.#nextBaseline = snapshot;
  }

  *#count(now: Instant, goroutines: number): Generator<void, void> {
    if (this.#runtime === undefined) return;
    const census = yield* this.#runtime.goroutines();
    // A count that failed is tried again when the next is due, not in every cycle. It costs the process nothing, so it never slows down.
    this.#schedule.answered(now.monotonicMs, { tookMs: 0, goroutines });
    if (!census.ok) return;
    const at = this.#clock.now();
    this.#sites = { at, value: this.#siteBook.take(siteGroups(census.value), at) };
  }
}

function siteGroups({ total, sites, otherGoroutines }: GoroutineCensus): SiteGroups {
  const groups = sites.map(({ count, entry, createdBy, waitReason, waitSeconds }) => ({
    count,
    site: entry,
    entry: createdBy,
    cause: waitReason,
    waitSeconds,
    stack: entry === undefined ? [] : [entry.function],
    labels: {},
  }));
  return { total, groups, otherGoroutines };
}

import type { Clock, Instant } from '../../base/clock.ts';
import type { Reading } from '../../base/reading.ts';
import type { HeapProfile, RuntimeSnapshot } from '../../go/memory/types.ts';
import { ReadingWindow } from '../reading-window.ts';
import type { MemorySample, MemoryState, Timed } from '../types.ts';
import type { AddressBook, ExecutableName } from './address-book.ts';
import type { AttachedRuntime, MemoryAccess } from './attached-runtime.ts';
import { GoroutineCounts } from './goroutine-counts.ts';

export interface MemoryPlan {
  readonly goroutineEveryMs: number;
}

/** Layouts are proved again so often: a table that fits by accident does not for long. */
const ATTEST_EVERY_MS = 60_000;
/** After a refusal it is tried again this much later, then after twice as long, and so on: one in its first moment may only be young. */
const RETRY_MS = 15_000;
const MAX_RETRY_MS = 300_000;

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
  #window = new ReadingWindow<RuntimeSnapshot>();
  readonly #counts: GoroutineCounts;
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
    this.#counts = new GoroutineCounts(plan.goroutineEveryMs, clock);
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
      baseline: this.#window.before,
      sites: this.#counts.sites,
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
    yield* this.#counts.countIfDue(this.#runtime, reading.value.goroutines ?? 0);
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
    const addresses = this.#book.find(this.#name, this.#exe, now.monotonicMs);
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
    this.#window = new ReadingWindow();
    this.#counts.forget();
    this.#together = undefined;
    this.#refusals += 1;
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(16, this.#refusals - 1));
    this.#retryAtMs = state === 'pending' ? 0 : now.monotonicMs + (state === 'denied' ? MAX_RETRY_MS : delay);
  }

  #keep(snapshot: Timed<RuntimeSnapshot>): void {
    this.#snapshot = snapshot;
    this.#window.push(snapshot);
  }
}

import type { Layout } from './layout.ts';
import { int64, pointer } from './words.ts';

/** Goroutines alike in start, entry and wait. Addresses are 0 where there are none: goroutines of C threads have no entry. */
export interface GoroutineKind {
  readonly createdAt: number;
  readonly entry: number;
  readonly waitReason: string;
  readonly waitSeconds: number | undefined;
  readonly count: number;
}

interface Tally {
  readonly createdAt: number;
  readonly entry: number;
  readonly state: number;
  count: number;
  /** Nanoseconds of CLOCK_MONOTONIC; 0: none known. */
  waitingSince: number;
}

/** Numbers of the runtime, the same in Go 1.17 to 1.27. */
const SYSCALL = 3;
const WAITING = 4;
const LEAKED = 10;
/** A wait reason is one byte; statuses are counted from here on when a goroutine does not wait. */
const STATUSES = 256;
const LEAKS = 512;

/**
 * Groups g structures by (gopc, startpc, wait reason). Two maps of numbers and one object for each group: nothing for each goroutine.
 */
export class GoroutineKinds {
  readonly #layout: Layout;
  readonly #nowNs: number;
  /** Small numbers for addresses, so that three numbers make one key. */
  readonly #numbers = new Map<number, number>();
  readonly #tallies = new Map<number, Tally>();

  constructor(layout: Layout, nowNs: number) {
    this.#layout = layout;
    this.#nowNs = nowNs;
  }

  /** Counts the structure at `at`; dead ones are passed over. */
  readonly add = (bytes: Buffer, at: number): void => {
    const { g, constants } = this.#layout.offsets;
    const status = bytes.readUInt32LE(at + g.atomicstatus[0]) & ~constants._Gscan;
    if (status === constants._Gidle || status === constants._Gdead || status === constants._Gdeadextra) return;
    const reason = bytes[at + g.waitreason[0]] ?? 0;
    const state = status === WAITING ? reason : status === LEAKED ? LEAKS + reason : STATUSES + (status & 0xff);
    const createdAt = pointer(bytes, at + g.gopc[0]) ?? 0;
    const entry = pointer(bytes, at + g.startpc[0]) ?? 0;
    const tally = this.#tally(createdAt, entry, state);
    tally.count += 1;
    const since = status === WAITING || status === SYSCALL || status === LEAKED ? int64(bytes, at + g.waitsince[0]) : 0;
    if (since === undefined || since <= 0 || since > this.#nowNs) return;
    if (tally.waitingSince === 0 || since < tally.waitingSince) tally.waitingSince = since;
  };

  /** The groups so far, in no order. */
  all(): GoroutineKind[] {
    return [...this.#tallies.values()].map(({ createdAt, entry, state, count, waitingSince }) => ({
      createdAt,
      entry,
      waitReason: this.#word(state),
      waitSeconds: waitingSince === 0 ? undefined : (this.#nowNs - waitingSince) / 1e9,
      count,
    }));
  }

  #tally(createdAt: number, entry: number, state: number): Tally {
    const key = (this.#number(createdAt) * 2 ** 21 + this.#number(entry)) * 2 ** 10 + state;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { createdAt, entry, state, count: 0, waitingSince: 0 };
      this.#tallies.set(key, tally);
    }
    return tally;
  }

  #number(address: number): number {
    let number = this.#numbers.get(address);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(address, number);
    }
    return number;
  }

  #word(state: number): string {
    const { waitReasons, statuses } = this.#layout.offsets;
    if (state >= LEAKS) return `${this.#reason(state - LEAKS)} (leaked)`;
    if (state < STATUSES) return waitReasons[state] === '' ? 'waiting' : this.#reason(state);
    const status = statuses[state - STATUSES];
    return status === undefined || status === '' ? 'unknown status' : status;
  }

  #reason(index: number): string {
    return this.#layout.offsets.waitReasons[index] ?? 'unknown wait reason';
  }
}

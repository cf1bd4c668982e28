/** From here on a profile's interval grows with the number of goroutines: so do its time and its memory. */
const USUAL_GOROUTINES = 10_000;
const SLOW_ANSWER_MS = 1000;
const MAX_SLOWNESS = 8;
const SUSPECT_GROWTH = { ratio: 1.2, count: 100 } as const;

/** What came of asking for a profile. */
export interface ProfileAnswer {
  /** How long it took, milliseconds. Undefined: it did not come in time. */
  readonly tookMs: number | undefined;
  readonly goroutines: number;
}

/**
 * When to ask a process for a profile again, by what it costs the process: less often with more goroutines than 10,000 and after an
 * answer that took over a second (twice as long each time, eight times at most, and back by halves); sooner, by a quarter of the
 * interval, once the goroutines are 20 % and 100 more than at the last profile.
 */
export class ProfileSchedule {
  readonly #everyMs: number;
  readonly #hurries: boolean;
  #asked: { readonly atMs: number; readonly goroutines: number } | undefined;
  #slowness = 1;

  /** @param hurries whether growth of the goroutines makes it come sooner */
  constructor(everyMs: number, hurries: boolean) {
    this.#everyMs = everyMs;
    this.#hurries = hurries;
  }

  /** Milliseconds between two profiles of a process with so many goroutines. */
  intervalMs(goroutines: number): number {
    const then = this.#asked?.goroutines;
    const suspect =
      this.#hurries &&
      then !== undefined &&
      goroutines > then * SUSPECT_GROWTH.ratio &&
      goroutines > then + SUSPECT_GROWTH.count;
    const cost = Math.max(1, goroutines / USUAL_GOROUTINES) * this.#slowness;
    return (this.#everyMs * cost) / (suspect ? 4 : 1);
  }

  /** Milliseconds until the next; 0 when it is due. The first is due at once. */
  waitMs(nowMs: number, goroutines: number): number {
    if (this.#asked === undefined) return 0;
    const passed = nowMs - this.#asked.atMs;
    // Never twice in one poll, however short the interval; a millisecond early is not too early.
    const wait = Math.max(1, this.intervalMs(goroutines) - 1) - passed;
    return Math.max(0, wait);
  }

  /** Why answers come late, for people; empty when they do not. */
  get slowness(): string {
    return this.#slowness === 1 ? '' : `, its answers being slow (interval x ${this.#slowness})`;
  }

  /** Counts from now on without having asked: for what must not be asked of every process when the agent starts. */
  begin(nowMs: number): void {
    this.#asked ??= { atMs: nowMs, goroutines: 0 };
  }

  answered(nowMs: number, { tookMs, goroutines }: ProfileAnswer): void {
    this.#asked = { atMs: nowMs, goroutines };
    const slow = tookMs === undefined || tookMs > SLOW_ANSWER_MS;
    this.#slowness = slow ? Math.min(MAX_SLOWNESS, this.#slowness * 2) : Math.max(1, this.#slowness / 2);
  }
}

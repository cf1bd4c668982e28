/** Half a second in ten: with two budgets, guessing takes a tenth of one CPU. */
const SHARE = 0.05;
const SAVED_MS = 500;
/** A process that was stopped during a comparison is not in debt for hours. */
const MAX_DEBT_MS = 5000;

/** Computing that wrong passwords may take: 50 ms are earned each second, and up to 500 ms saved. Starts full. */
export class GuessBudget {
  readonly #nowMs: () => number;
  #leftMs = SAVED_MS;
  #atMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
  }

  isSpent(): boolean {
    this.#earn();
    return this.#leftMs <= 0;
  }

  /** What a comparison takes is known afterwards, so this may leave a debt, of at most 5 s. */
  spend(tookMs: number): void {
    this.#earn();
    this.#leftMs = Math.max(-MAX_DEBT_MS, this.#leftMs - tookMs);
  }

  #earn(): void {
    const nowMs = this.#nowMs();
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + (nowMs - this.#atMs) * SHARE);
    this.#atMs = nowMs;
  }
}

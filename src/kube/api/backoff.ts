/** Waits between attempts that fail: anything from nothing to twice as much as before, so that nodes do not ask in step. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Exponential back-off with full jitter. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** An attempt worked: the next failure is the first one again. */
  reset(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after one more failure; not less than `atLeastMs`, which is a server's word. */
  next(atLeastMs = 0): number {
    const { firstMs, maxMs, random } = this.#options;
    const most = Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return atLeastMs + random() * most;
  }
}

import { fullJitter, type JitterBounds } from '../../base/full-jitter.ts';

/** Waits between attempts that fail in a row. */
export class Backoff {
  readonly #bounds: JitterBounds;
  #failures = 0;

  constructor(bounds: JitterBounds) {
    this.#bounds = bounds;
  }

  /** An attempt worked: the next failure is the first one again. */
  reset(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after one more failure; not less than `atLeastMs`, which is a server's word. */
  next(atLeastMs = 0): number {
    this.#failures += 1;
    return atLeastMs + fullJitter(this.#failures, this.#bounds);
  }
}

/** One moment on both clocks. Rates use `monotonicMs`; people and Prometheus read `wallMs` (Unix milliseconds). */
export interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** Time as an argument: nothing outside `main` and tests makes one of these from the real clock. */
export interface Clock {
  now(): Instant;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => ({ wallMs: Date.now(), monotonicMs: performance.now() }),
};

import type { Timed } from './types.ts';

/** A window is at least this long once the endpoint is known that long. */
const WINDOW_MS = 60_000;
const STEP_MS = 15_000;

/** Keeps a few readings of one thing, so that the newest can be held against one from a minute ago. */
export class ReadingWindow<T> {
  #readings: Timed<T>[] = [];

  /** Takes the newest reading. */
  push(reading: Timed<T>): void {
    const [last, newest] = this.#readings.slice(-2);
    // The newest stays only when it came a step after the one before it, else it makes room for this one.
    if (last !== undefined && newest !== undefined && newest.at.monotonicMs - last.at.monotonicMs < STEP_MS)
      this.#readings.pop();
    this.#readings.push(reading);
    // The second oldest takes over as soon as it is old enough itself.
    while (this.#readings.length > 2 && this.#age(this.#readings[1]) >= WINDOW_MS) this.#readings.shift();
  }

  /** The reading to measure the newest against: a minute older or somewhat more, less while there is none; undefined at first. */
  get before(): Timed<T> | undefined {
    return this.#readings.length > 1 ? this.#readings[0] : undefined;
  }

  #age(reading: Timed<T> | undefined): number {
    const newest = this.#readings.at(-1);
    return reading === undefined || newest === undefined ? 0 : newest.at.monotonicMs - reading.at.monotonicMs;
  }
}

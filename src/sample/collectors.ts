import type { Miss } from '../base/reading.ts';
import type { CollectorRun } from './types.ts';

/** Times the parts of a cycle and gathers their misses. Time spent giving way to other work is not counted. */
export class Collectors {
  readonly #monotonicMs: () => number;
  readonly #runs: CollectorRun[] = [];
  readonly #misses: Miss[] = [];

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get runs(): readonly CollectorRun[] {
    return this.#runs;
  }

  get misses(): readonly Miss[] {
    return this.#misses;
  }

  /** Adds a miss that belongs to no collector here (an endpoint's). */
  note(misses: readonly Miss[]): void {
    this.#misses.push(...misses);
  }

  /** Runs one collector. It succeeds unless something existed and could not be read. */
  *run<T>(collector: string, work: (onMiss: (miss: Miss) => void) => Generator<void, T>): Generator<void, T> {
    let success = true;
    let spent = 0;
    const steps = work((miss) => {
      if (miss.kind === 'failed' || miss.kind === 'malformed') success = false;
      this.#misses.push(miss);
    });
    for (;;) {
      const begin = this.#monotonicMs();
      const step = steps.next();
      spent += this.#monotonicMs() - begin;
      if (step.done === true) {
        this.#runs.push({ collector, success, durationSeconds: spent / 1000 });
        return step.value;
      }
      yield;
    }
  }
}

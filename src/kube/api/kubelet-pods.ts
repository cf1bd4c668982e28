import type { Miss } from '../../base/reading.ts';
import { Backoff } from './backoff.ts';
import { listPods } from './list-pods.ts';
import { PodBook } from './pod-book.ts';
import { BACKOFF, type PodSource, type PodSourceOptions } from './pod-source.ts';
import type { PodsSample } from './types.ts';

const READER = 'kubelet_pods';

export interface KubeletPodsOptions extends PodSourceOptions {
  readonly intervalMs: number;
}

/**
 * The pods of one node from its own kubelet: `/pods`, asked for again and again. It knows no watch. The kubelet has static pods as
 * they are, and everything else as it got it from the API server.
 */
export class KubeletPods implements PodSource {
  readonly first: Promise<void>;
  readonly #options: KubeletPodsOptions;
  readonly #book = new PodBook('kubelet');
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  #misses: readonly Miss[] = [];

  constructor(options: KubeletPodsOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random });
    this.first = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  sample(): PodsSample {
    return this.#book.sample();
  }

  misses(): readonly Miss[] {
    return this.#misses;
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(onFirst: () => void): Promise<void> {
    const { random, startJitterMs, pause } = this.#options;
    const { signal } = this.#stop;
    await pause(random() * startJitterMs, signal);
    while (!signal.aborted) {
      const waitMs = await this.#ask();
      onFirst();
      await pause(waitMs, signal);
    }
    onFirst();
  }

  /** Asks once, and says how long to wait before the next time. */
  async #ask(): Promise<number> {
    const { clock, intervalMs } = this.#options;
    const request = { path: '/pods', reader: READER, node: undefined };
    const listed = await listPods(this.#options, request, this.#stop.signal);
    if (!listed.ok) {
      this.#misses = [listed.miss];
      return Math.max(intervalMs, this.#backoff.next(listed.retryAfterMs));
    }
    this.#backoff.reset();
    this.#book.replace(listed.pods);
    this.#book.confirm(clock.now());
    const left = listed.refused + this.#book.leftOut;
    this.#misses =
      left === 0
        ? []
        : [{ kind: 'malformed', reader: READER, source: '/pods', detail: `${left} items of the list are left out` }];
    return intervalMs;
  }
}

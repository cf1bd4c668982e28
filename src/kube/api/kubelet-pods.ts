import type { Miss } from '../../base/reading.ts';
import { Backoff } from './backoff.ts';
import { listPods } from './list-pods.ts';
import { MAX_PODS, PodBook } from './pod-book.ts';
import { leftOutMisses, thrownMiss } from './pod-misses.ts';
import { BACKOFF, type PodSource, type PodSourceOptions } from './pod-source.ts';
import type { PodsSample } from './types.ts';

const READER = 'kubelet_pods';
const PATH = '/pods';

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
      const waitMs = await this.#ask().catch((error: unknown) => {
        this.#misses = [thrownMiss(READER, PATH, error)];
        return Math.max(this.#options.intervalMs, this.#backoff.next());
      });
      onFirst();
      await pause(waitMs, signal);
    }
    onFirst();
  }

  /** Asks once, and says how long to wait before the next time. */
  async #ask(): Promise<number> {
    const { clock, intervalMs } = this.#options;
    const request = { path: PATH, reader: READER, node: undefined, most: MAX_PODS };
    const listed = await listPods(this.#options, request, this.#stop.signal);
    if (!listed.ok) {
      this.#misses = [listed.miss];
      return Math.max(intervalMs, this.#backoff.next(listed.retryAfterMs));
    }
    this.#backoff.reset();
    this.#book.replace(listed.pods);
    this.#book.confirm(clock.now());
    this.#misses = leftOutMisses(READER, PATH, listed.refused, this.#book.contested);
    return intervalMs;
  }
}

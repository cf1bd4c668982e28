import type { Miss } from '../../base/reading.ts';
import { Backoff } from './backoff.ts';
import { type Listed, listPods } from './list-pods.ts';
import { MAX_PODS, PodBook } from './pod-book.ts';
import { leftOutMisses, thrownMiss } from './pod-misses.ts';
import { BACKOFF, type PodSource, type PodSourceOptions } from './pod-source.ts';
import type { PodFacts, PodsSample } from './types.ts';
import { watchPods } from './watch-pods.ts';

const READER = 'kubernetes_pods';
/** Pods in one answer, where the server pages. It does not when it answers from its cache, as it does here. */
const PAGE = 250;
const MAX_PAGES = 64;
/** Between 4 and 8 minutes, as client-go does with other numbers: servers are left and come back without a storm. */
const WATCH_SECONDS = { least: 240, spread: 240 };
/** All nodes lose their place in the same moment when a server starts anew. */
const RELIST_JITTER_MS = 10_000;
/** Watches that fail in a row without a word: the version may be one the server never heard of, as after a restore of etcd. */
const MAX_MUTE = 5;
/** A watch that ends at once is no watch. */
const SHORT_WATCH_MS = 1000;

/**
 * The pods of one node by list and watch of the API server. Lists are asked for with `resourceVersion=0`, which the server answers from its
 * cache and its index by node: without it, older servers read all pods of the cluster from etcd for each node.
 */
export class ApiPods implements PodSource {
  readonly first: Promise<void>;
  readonly #options: PodSourceOptions;
  readonly #book = new PodBook('api');
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  #open = false;
  #mute = 0;
  #miss: Miss | undefined;
  #refused = 0;

  constructor(options: PodSourceOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random });
    this.first = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  sample(): PodsSample {
    if (this.#open) this.#book.confirm(this.#options.clock.now());
    return this.#book.sample();
  }

  misses(): readonly Miss[] {
    const left = leftOutMisses(READER, this.#path({}), this.#refused, this.#book.contested);
    return this.#miss === undefined ? left : [this.#miss, ...left];
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(onFirst: () => void): Promise<void> {
    const { random, startJitterMs } = this.#options;
    const { signal } = this.#stop;
    await this.#wait(random() * startJitterMs);
    let resourceVersion: string | undefined;
    while (!signal.aborted) {
      try {
        resourceVersion =
          resourceVersion === undefined ? await this.#begin(onFirst) : await this.#watch(resourceVersion);
      } catch (error) {
        resourceVersion = undefined;
        this.#open = false;
        onFirst();
        await this.#fail(thrownMiss(READER, this.#path({}), error));
      }
    }
    onFirst();
  }

  /** The version a list gave; undefined: it gave none, and the time to wait is over. */
  async #begin(onFirst: () => void): Promise<string | undefined> {
    const listed = await this.#list();
    onFirst();
    if (listed.ok) return listed.resourceVersion;
    await this.#fail(listed.miss, listed.retryAfterMs);
    return undefined;
  }

  /** All pages of one list. What changed between two of them is in the watch that follows: the version is that of the first page. */
  async #list(): Promise<Extract<Listed, { ok: false }> | { readonly ok: true; readonly resourceVersion: string }> {
    const pods: PodFacts[] = [];
    let refused = 0;
    let version: string | undefined;
    let more: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query: Readonly<Record<string, string>> =
        more === undefined ? { resourceVersion: '0' } : { continue: more };
      const path = this.#path({ limit: String(PAGE), ...query });
      const request = { path, reader: READER, node: this.#options.nodeName, most: MAX_PODS - pods.length };
      const listed = await listPods(this.#options, request, this.#stop.signal);
      if (!listed.ok) return listed;
      pods.push(...listed.pods);
      refused += listed.refused;
      version ??= listed.resourceVersion;
      ({ more } = listed);
      if (more === undefined) break;
    }
    if (version === undefined || more !== undefined) {
      const detail = version === undefined ? 'a list without a resourceVersion' : `a list of over ${MAX_PAGES} pages`;
      const miss: Miss = { kind: 'malformed', reader: READER, source: this.#path({}), detail };
      return { ok: false, status: undefined, retryAfterMs: 0, miss };
    }
    this.#book.replace(pods);
    this.#book.confirm(this.#options.clock.now());
    this.#refused = refused;
    return { ok: true, resourceVersion: version };
  }

  /** The version from which to go on; undefined: from a new list. */
  async #watch(from: string): Promise<string | undefined> {
    const { random, clock } = this.#options;
    const timeoutSeconds = WATCH_SECONDS.least + Math.floor(random() * WATCH_SECONDS.spread);
    const path = this.#path({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(timeoutSeconds),
    });
    const begunMs = clock.now().monotonicMs;
    const request = { path, reader: READER, resourceVersion: from, timeoutSeconds };
    const watched = await watchPods(this.#options, request, this.#book, this.#stop.signal, () => {
      this.#open = true;
      this.#miss = undefined;
    });
    if (this.#open) this.#book.confirm(clock.now());
    this.#open = false;
    if (watched.heard) this.#backoff.reset();
    this.#mute = watched.heard || watched.how !== 'missed' ? 0 : this.#mute + 1;
    if (watched.how === 'expired' || watched.how === 'refused') {
      await this.#fail(watched.miss, random() * RELIST_JITTER_MS);
      return undefined;
    }
    if (watched.miss !== undefined) await this.#fail(watched.miss, watched.retryAfterMs);
    else if (clock.now().monotonicMs - begunMs < SHORT_WATCH_MS) await this.#wait(this.#backoff.next());
    if (this.#mute < MAX_MUTE) return watched.resourceVersion;
    this.#mute = 0;
    return undefined;
  }

  async #fail(miss: Miss | undefined, atLeastMs = 0): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#miss = miss ?? this.#miss;
    await this.#wait(this.#backoff.next(atLeastMs));
  }

  async #wait(ms: number): Promise<void> {
    await this.#options.pause(ms, this.#stop.signal);
  }

  #path(query: Readonly<Record<string, string>>): string {
    const parameters = new URLSearchParams({ fieldSelector: `spec.nodeName=${this.#options.nodeName}`, ...query });
    return `/api/v1/pods?${parameters.toString()}`;
  }
}

import type { Clock } from '../../base/clock.ts';
import { type Miss, missed, type Reading } from '../../base/reading.ts';
import type { GoVersion, LinkedHandlers } from '../../go/types.ts';
import type { EndpointSample } from '../types.ts';
import type { Discovery } from './discover.ts';
import type { EndpointFetch } from './fetch.ts';
import { PlaceMemory } from './place-memory.ts';
import { EndpointTarget, type PollPlan } from './target.ts';

export interface EndpointPollerOptions {
  readonly fetch: EndpointFetch;
  readonly clock: Clock;
  readonly plan: PollPlan;
  readonly concurrency: number;
}

interface Slot {
  readonly target: EndpointTarget | undefined;
  readonly detail: string;
  readonly places: PlaceMemory;
}

/** Keeps a target for each Go process that may be asked, and asks those that are due, a few at a time, spread over the interval. */
export class EndpointPoller {
  readonly #options: EndpointPollerOptions;
  readonly #slots = new Map<string, Slot>();
  #inFlight = 0;
  #born = 0;

  constructor(options: EndpointPollerOptions) {
    this.#options = options;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /**
   * Takes a process in, or what was found out about it since. A process without an endpoint is asked nothing; one that is to be
   * asked where it was asked before keeps its record, back-off included.
   * @param version of the program's Go: what a profile costs depends on it. Undefined is taken for a recent one.
   */
  add(key: string, discovery: Discovery, handlers: LinkedHandlers | undefined, version?: GoVersion): void {
    const { clock, plan } = this.#options;
    const known = this.#slots.get(key)?.target;
    if (known !== undefined && handlers !== undefined && known.isFor(discovery.candidates, handlers)) return;
    const places = this.#slots.get(key)?.places ?? new PlaceMemory();
    const none = discovery.candidates.length === 0 || handlers === undefined;
    // Golden-ratio steps spread any number of targets evenly over the interval.
    const spreadMs = ((this.#born++ * 0.618033988749895) % 1) * Math.min(plan.intervalMs, 5000);
    const target = none
      ? undefined
      : new EndpointTarget(discovery.candidates, handlers, plan, clock.now().monotonicMs + spreadMs, version, places);
    this.#slots.set(key, { target, detail: discovery.detail, places });
  }

  /** Forgets processes that are not in `keys`. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#slots.keys()) if (!keys.has(key)) this.#slots.delete(key);
  }

  sample(key: string): { readonly endpoint: EndpointSample | undefined; readonly detail: string } {
    const slot = this.#slots.get(key);
    return { endpoint: slot?.target?.sample, detail: slot?.target?.detail ?? slot?.detail ?? 'not looked for' };
  }

  /** Has a process collect its garbage, where its net/http/pprof answered last. Gives the milliseconds it took. Never rejects. */
  async collect(key: string): Promise<Reading<number>> {
    const at = this.#slots.get(key)?.target?.pprofAt;
    if (at === undefined) return missed('failed', 'pprof_heap_gc', '', 'net/http/pprof did not answer when last asked');
    try {
      return await this.#options.fetch.collect(at);
    } catch (error) {
      // No way to another program may end this one.
      return missed('failed', 'pprof_heap_gc', '', error instanceof Error ? error.message : String(error));
    }
  }

  /** What could not be had when it was last asked for: a miss lasts until its thing is asked for again. */
  misses(): readonly Miss[] {
    return [...this.#slots.values()].flatMap(({ target }) => target?.misses ?? []);
  }

  /** Starts what is due, the longest overdue first, and returns at once. */
  tick(): void {
    const nowMs = this.#options.clock.now().monotonicMs;
    const due = [...this.#slots.values()].flatMap(({ target }) =>
      target === undefined || target.busy || target.nextDueMs > nowMs ? [] : [target],
    );
    due.sort((a, b) => a.nextDueMs - b.nextDueMs);
    for (const target of due.slice(0, Math.max(0, this.#options.concurrency - this.#inFlight)))
      void this.#run(target, nowMs);
  }

  /** Asks every target now, a few at a time, and returns when all have answered or failed: for a single look at the node. */
  async pollAll(): Promise<void> {
    const queue = [...this.#slots.values()].flatMap(({ target }) =>
      target === undefined || target.busy ? [] : [target],
    );
    const worker = async (): Promise<void> => {
      for (let target = queue.pop(); target !== undefined; target = queue.pop())
        await this.#run(target, this.#options.clock.now().monotonicMs);
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, worker));
  }

  async #run(target: EndpointTarget, nowMs: number): Promise<void> {
    target.busy = true;
    this.#inFlight += 1;
    try {
      await target.poll(this.#options.fetch, nowMs);
    } finally {
      target.busy = false;
      this.#inFlight -= 1;
    }
  }
}

import type { Miss, Reading } from '../../base/reading.ts';
import type { LinkedHandlers } from '../../go/types.ts';
import type { EndpointSample, Timed } from '../types.ts';
import type { Candidate } from './discover.ts';
import type { EndpointFetch } from './fetch.ts';

/** How often a target is asked for what, in milliseconds. Zero asks every time. */
export interface PollPlan {
  readonly intervalMs: number;
  /** Exposition text costs the program a millisecond or so, several times the index. */
  readonly metricsEveryMs: number;
  /** Readings that stop the world, however shortly, and profiles. */
  readonly profileEveryMs: number;
  /** A goroutine profile is not asked for above this many goroutines: its cost and memory grow with them. */
  readonly maxProfiledGoroutines: number;
}

const MAX_BACKOFF_MS = 600_000;

type Part = 'index' | 'metrics' | 'memStats' | 'goroutines';

/** Everything known of one process's endpoint: where it is, what it offers, what it said last, when to ask again. */
export class EndpointTarget {
  readonly #candidates: readonly Candidate[];
  readonly #handlers: LinkedHandlers;
  readonly #plan: PollPlan;
  #at: Candidate | undefined;
  #offers: { pprof: boolean; expvar: boolean; metrics: boolean } | undefined;
  #parts: {
    index?: EndpointSample['index'];
    metrics?: EndpointSample['metrics'];
    memStats?: EndpointSample['memStats'];
    goroutines?: EndpointSample['goroutines'];
  } = {};
  readonly #askedAt = new Map<Part, number>();
  #failures = 0;
  #misses: readonly Miss[] = [];
  #detail = 'not asked yet';
  /** Monotonic milliseconds. */
  nextDueMs: number;
  busy = false;

  constructor(candidates: readonly Candidate[], handlers: LinkedHandlers, plan: PollPlan, firstDueMs: number) {
    this.#candidates = candidates;
    this.#handlers = handlers;
    this.#plan = plan;
    this.nextDueMs = firstDueMs;
  }

  /** What the last poll could not read. Told until the next poll, so that a target that backs off does not look mended. */
  get misses(): readonly Miss[] {
    return this.#misses;
  }

  get detail(): string {
    return this.#detail;
  }

  /** What the endpoint said last; undefined until it has said something. */
  get sample(): EndpointSample | undefined {
    const { index, metrics, memStats, goroutines } = this.#parts;
    if (this.#at === undefined || (index ?? metrics ?? memStats) === undefined) return undefined;
    return {
      address: `${this.#at.host}:${this.#at.port}`,
      beyondLoopback: this.#at.beyondLoopback,
      index,
      metrics,
      memStats,
      goroutines,
    };
  }

  /** Asks for whatever is due. Failures move the next time away: 1, 2, 4 ... intervals, at most ten minutes. */
  async poll(fetch: EndpointFetch, nowMs: number): Promise<void> {
    const misses: Miss[] = [];
    if (this.#offers === undefined) await this.#probe(fetch, nowMs, misses);
    else await this.#refresh(fetch, nowMs, misses);
    const failed = this.#offers === undefined || (misses.length > 0 && misses.some((miss) => miss.kind === 'failed'));
    this.#failures = failed ? this.#failures + 1 : 0;
    this.nextDueMs =
      nowMs +
      (failed
        ? Math.min(MAX_BACKOFF_MS, this.#plan.intervalMs * 2 ** Math.min(this.#failures, 16))
        : this.#plan.intervalMs);
    this.#misses = misses;
  }

  /** Tries the ports once each until one answers as a Go program does, and remembers which. */
  async #probe(fetch: EndpointFetch, nowMs: number, misses: Miss[]): Promise<void> {
    const heard: string[] = [];
    for (const candidate of this.#candidates) {
      const offers = { pprof: false, expvar: false, metrics: false };
      const take = <K extends Part>(part: K, reading: Reading<NonNullable<EndpointSample[K]>>): boolean => {
        if (reading.ok) this.#keep(part, reading.value, nowMs);
        else heard.push(`port ${candidate.port}: ${reading.miss.detail}`);
        return reading.ok;
      };
      if (this.#handlers.pprof) offers.pprof = take('index', await fetch.index(candidate));
      offers.metrics = take('metrics', await fetch.metrics(candidate));
      if (this.#handlers.expvar && !offers.metrics) {
        const expvar = await fetch.expvar(candidate);
        offers.expvar = take('memStats', withSource(expvar, 'expvar'));
      }
      if (!offers.pprof && !offers.metrics && !offers.expvar) continue;
      this.#at = candidate;
      this.#offers = offers;
      this.#detail = '';
      await this.#refresh(fetch, nowMs, misses);
      return;
    }
    this.#detail = `no debug endpoint answered (${heard.slice(0, 4).join('; ')})`;
  }

  async #refresh(fetch: EndpointFetch, nowMs: number, misses: Miss[]): Promise<void> {
    const at = this.#at;
    const offers = this.#offers;
    if (at === undefined || offers === undefined) return;
    const { intervalMs, metricsEveryMs, profileEveryMs } = this.#plan;
    if (offers.pprof && this.#due('index', intervalMs, nowMs))
      this.#take('index', await fetch.index(at), nowMs, misses);
    if (offers.metrics && this.#due('metrics', metricsEveryMs, nowMs))
      this.#take('metrics', await fetch.metrics(at), nowMs, misses);
    if (!offers.metrics && this.#due('memStats', profileEveryMs, nowMs)) {
      if (offers.expvar) this.#take('memStats', withSource(await fetch.expvar(at), 'expvar'), nowMs, misses);
      else if (offers.pprof) this.#take('memStats', withSource(await fetch.heap(at), 'pprof heap'), nowMs, misses);
    }
    const count = this.#parts.index?.value.goroutines;
    if (
      offers.pprof &&
      count !== undefined &&
      count <= this.#plan.maxProfiledGoroutines &&
      this.#due('goroutines', profileEveryMs, nowMs)
    ) {
      this.#take('goroutines', await fetch.goroutines(at), nowMs, misses);
    }
  }

  #due(part: Part, everyMs: number, nowMs: number): boolean {
    const asked = this.#askedAt.get(part);
    // Never twice in one poll, however short the interval; a millisecond early is not too early.
    return asked === undefined || nowMs - asked >= Math.max(1, everyMs - 1);
  }

  #take<K extends Part>(
    part: K,
    reading: Reading<NonNullable<EndpointSample[K]>>,
    nowMs: number,
    misses: Miss[],
  ): void {
    if (reading.ok) {
      this.#keep(part, reading.value, nowMs);
      return;
    }
    this.#askedAt.set(part, nowMs);
    misses.push(reading.miss);
    // An old answer must not pass for a present one.
    this.#parts = { ...this.#parts, [part]: undefined };
    this.#detail = `${reading.miss.reader}: ${reading.miss.detail}`;
  }

  #keep<K extends Part>(part: K, value: NonNullable<EndpointSample[K]>, nowMs: number): void {
    this.#askedAt.set(part, nowMs);
    this.#parts = { ...this.#parts, [part]: value };
  }
}

function withSource<S extends 'expvar' | 'pprof heap', T>(
  reading: Reading<Timed<T>>,
  source: S,
): Reading<Timed<T> & { readonly source: S }> {
  return reading.ok ? { ok: true, value: { ...reading.value, source } } : reading;
}

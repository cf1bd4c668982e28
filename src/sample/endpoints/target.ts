import type { Miss, Reading } from '../../base/reading.ts';
import type { GoMetrics, GoVersion, LinkedHandlers, MemStats } from '../../go/types.ts';
import { ReadingWindow } from '../reading-window.ts';
import type { EndpointSample, Timed } from '../types.ts';
import { type Candidate, placeOf } from './discover-place.ts';
import type { EndpointFetch } from './fetch.ts';
import { PlaceMemory } from './place-memory.ts';
import type { MissSink } from './profile-answer.ts';
import { EndpointProfiles, type ProfilePlan } from './profiles.ts';

/** How often a target is asked for what, in milliseconds. Zero asks every time. */
export interface PollPlan extends ProfilePlan {
  readonly intervalMs: number;
  /** Exposition text costs the program a millisecond or so, several times the index. */
  readonly metricsEveryMs: number;
  /** Readings that stop the world, however shortly, and profiles: those by what they cost, see {@link ProfileSchedule}. */
  readonly profileEveryMs: number;
}

const MAX_BACKOFF_MS = 600_000;

type Part = 'index' | 'metrics' | 'memStats';

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
  } = {};
  readonly #places: PlaceMemory;
  readonly #profiles: EndpointProfiles;
  readonly #metricsWindow = new ReadingWindow<GoMetrics>();
  readonly #memStatsWindow = new ReadingWindow<MemStats>();
  readonly #askedAt = new Map<Part, number>();
  #failures = 0;
  readonly #missing = new Map<string, Miss>();
  #heard: string | undefined;
  /** Monotonic milliseconds. */
  nextDueMs: number;
  busy = false;

  /** @param version of the program's Go: up to 1.18 profiles cost more. Undefined is taken for a recent one. */
  constructor(
    candidates: readonly Candidate[],
    handlers: LinkedHandlers,
    plan: PollPlan,
    firstDueMs: number,
    version?: GoVersion,
    places = new PlaceMemory(),
  ) {
    this.#places = places;
    this.#profiles = new EndpointProfiles(plan, version);
    this.#candidates = candidates;
    this.#handlers = handlers;
    this.#plan = plan;
    this.nextDueMs = firstDueMs;
  }

  /**
   * What could not be had when it was last asked for. Told until it is asked for again, so that a target that backs off does not
   * look mended. When ports are tried for the first time only trouble counts: most ports serve something else.
   */
  get misses(): readonly Miss[] {
    return [...this.#missing.values()];
  }

  /** Whether this is the target for these candidates and handlers: the same ones, or such that the place that answers is still among them. */
  isFor(candidates: readonly Candidate[], { pprof, expvar }: LinkedHandlers): boolean {
    return (
      pprof === this.#handlers.pprof &&
      expvar === this.#handlers.expvar &&
      (JSON.stringify(candidates) === JSON.stringify(this.#candidates) || this.#answersAmong(candidates))
    );
  }

  #answersAmong(candidates: readonly Candidate[]): boolean {
    const at = JSON.stringify(this.#at);
    return this.#at !== undefined && candidates.some((candidate) => JSON.stringify(candidate) === at);
  }

  /** Why values are missing, in a line for people; empty when none is. */
  get detail(): string {
    if (this.#offers === undefined)
      return this.#heard === undefined ? 'not asked yet' : `no debug endpoint answered (${this.#heard})`;
    const [first] = this.#missing.values();
    if (first !== undefined) return `${first.reader}: ${first.detail}`;
    // Where a profile is at hand, that the next one waits is no lack.
    const { parts, notes } = this.#profiles;
    const lacking = this.#offers.pprof && parts.goroutines === undefined && notes.goroutine !== '';
    return lacking ? `goroutine profile: ${notes.goroutine}` : '';
  }

  /** Where net/http/pprof answered when it was last asked; undefined: nowhere. */
  get pprofAt(): Candidate | undefined {
    return this.#parts.index === undefined ? undefined : this.#at;
  }

  /** What the endpoint said last; undefined until it has said something. */
  get sample(): EndpointSample | undefined {
    const { index, metrics, memStats } = this.#parts;
    if (this.#at === undefined || (index ?? metrics ?? memStats) === undefined) return undefined;
    return {
      address: placeOf(this.#at),
      listen: this.#at.listen,
      beyondLoopback: this.#at.beyondLoopback,
      index,
      metrics,
      memStats,
      ...this.#profiles.parts,
      metricsBefore: metrics === undefined ? undefined : this.#metricsWindow.before,
      memStatsBefore: memStats === undefined ? undefined : this.#memStatsWindow.before,
      profileNotes: this.#profiles.notes,
    };
  }

  /** Asks for whatever is due. Failures move the next time away: 1, 2, 4 ... intervals, at most ten minutes. Never rejects. */
  async poll(fetch: EndpointFetch, nowMs: number): Promise<void> {
    const misses: Miss[] = [];
    this.#missing.delete('endpoint');
    try {
      if (this.#offers === undefined) await this.#probe(fetch, nowMs, misses);
      else await this.#refresh(fetch, nowMs, misses);
    } catch (error) {
      // No answer of another program may end this one, not even one that a parser should have refused.
      const detail = error instanceof Error ? error.message : String(error);
      const miss: Miss = { kind: 'failed', reader: 'endpoint', source: this.sample?.address ?? '', detail };
      this.#missing.set('endpoint', miss);
      misses.push(miss);
    }
    const failed = this.#offers === undefined || misses.some((miss) => miss.kind === 'failed');
    this.#failures = failed ? this.#failures + 1 : 0;
    const { intervalMs } = this.#plan;
    const backOff = intervalMs * 2 ** Math.min(Math.max(0, this.#failures - 1), 16);
    this.nextDueMs = nowMs + Math.max(intervalMs, Math.min(MAX_BACKOFF_MS, backOff));
  }

  /** Tries the ports once each until one answers as a Go program does, and remembers which. */
  async #probe(fetch: EndpointFetch, nowMs: number, misses: Miss[]): Promise<void> {
    const heard: string[] = [];
    this.#missing.clear();
    for (const candidate of this.#candidates) {
      const reason = this.#places.leftAlone(candidate);
      if (reason !== undefined) {
        heard.push(`${shortPlace(candidate)}: ${reason}`);
        continue;
      }
      const trouble = new Map<Part, Miss>();
      const offers = { pprof: false, expvar: false, metrics: false };
      const take = <K extends Part>(part: K, reading: Reading<NonNullable<EndpointSample[K]>>): boolean => {
        if (reading.ok) {
          this.#places.answered(candidate);
          this.#keep(part, reading.value, nowMs);
          return true;
        }
        const { kind, detail } = reading.miss;
        // Memory figures can still come from the heap profile, in this poll.
        if (part !== 'memStats') this.#askedAt.set(part, nowMs);
        heard.push(`${shortPlace(candidate)}: ${detail}`);
        this.#places.note(candidate, reading.miss);
        if (kind === 'failed' || kind === 'denied') trouble.set(part, reading.miss);
        return false;
      };
      if (this.#handlers.pprof) offers.pprof = take('index', await fetch.index(candidate));
      // A port that keeps silent to one path will to the others: asking them all would hold a slot for minutes.
      const silent = (): boolean =>
        this.#places.leftAlone(candidate) !== undefined ||
        [...trouble.values()].some((miss) => miss.kind === 'failed' && isSilence(miss.detail));
      if (!silent()) offers.metrics = take('metrics', await fetch.metrics(candidate));
      if (this.#handlers.expvar && !offers.metrics && !silent()) {
        const expvar = await fetch.expvar(candidate);
        offers.expvar = take('memStats', withSource(expvar, 'expvar'));
      }
      const answers = offers.pprof || offers.metrics || offers.expvar;
      if (answers) this.#missing.clear();
      for (const [part, miss] of trouble) this.#missing.set(answers ? part : miss.source, miss);
      if (!answers) continue;
      this.#at = candidate;
      this.#offers = offers;
      await this.#refresh(fetch, nowMs, misses);
      return;
    }
    this.#heard = heard.slice(0, 4).join('; ');
  }

  async #refresh(fetch: EndpointFetch, nowMs: number, misses: Miss[]): Promise<void> {
    const at = this.#at;
    const offers = this.#offers;
    if (at === undefined || offers === undefined) return;
    const { intervalMs, metricsEveryMs, profileEveryMs } = this.#plan;
    // A handler that failed when it was first tried may have had a bad moment; one that answered otherwise is not there.
    if (!offers.pprof && this.#missing.get('index')?.kind === 'failed' && this.#due('index', profileEveryMs, nowMs))
      offers.pprof = this.#take('index', await fetch.index(at), nowMs, []);
    if (
      !offers.metrics &&
      this.#missing.get('metrics')?.kind === 'failed' &&
      this.#due('metrics', profileEveryMs, nowMs)
    )
      offers.metrics = this.#take('metrics', await fetch.metrics(at), nowMs, []);
    if (offers.pprof && this.#due('index', intervalMs, nowMs))
      this.#take('index', await fetch.index(at), nowMs, misses);
    if (offers.metrics && this.#due('metrics', metricsEveryMs, nowMs))
      this.#take('metrics', await fetch.metrics(at), nowMs, misses);
    // Some programs export go_goroutines without the memory families.
    const metrics = this.#parts.metrics?.value;
    const untold = metrics !== undefined && metrics.memStats.nextGc === undefined;
    if ((!offers.metrics || untold) && this.#due('memStats', profileEveryMs, nowMs)) {
      if (offers.expvar) this.#take('memStats', withSource(await fetch.expvar(at), 'expvar'), nowMs, misses);
      else if (offers.pprof) this.#take('memStats', withSource(await fetch.heap(at), 'pprof heap'), nowMs, misses);
    }
    if (!offers.pprof) return;
    const sink: MissSink = {
      miss: (part, miss) => {
        misses.push(miss);
        this.#missing.set(part, miss);
      },
      clear: (part) => this.#missing.delete(part),
    };
    await this.#profiles.refresh(fetch, at, this.#parts.index?.value, nowMs, sink);
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
  ): boolean {
    if (reading.ok) {
      this.#keep(part, reading.value, nowMs);
      return true;
    }
    this.#askedAt.set(part, nowMs);
    misses.push(reading.miss);
    this.#missing.set(part, reading.miss);
    // An old answer must not pass for a present one.
    this.#drop(part);
    return false;
  }

  #drop(part: Part): void {
    this.#parts = { ...this.#parts, [part]: undefined };
  }

  #keep<K extends Part>(part: K, value: NonNullable<EndpointSample[K]>, nowMs: number): void {
    this.#askedAt.set(part, nowMs);
    this.#missing.delete(part);
    this.#parts = { ...this.#parts, [part]: value };
    if (part === 'metrics' && this.#parts.metrics !== undefined) this.#metricsWindow.push(this.#parts.metrics);
    if (part === 'memStats' && this.#parts.memStats !== undefined) this.#memStatsWindow.push(this.#parts.memStats);
  }
}

function withSource<S extends 'expvar' | 'pprof heap', T>(
  reading: Reading<Timed<T>>,
  source: S,
): Reading<Timed<T> & { readonly source: S }> {
  return reading.ok ? { ok: true, value: { ...reading.value, source } } : reading;
}

/** For a line about several places of one process: `port 8080`. */
function shortPlace(candidate: Candidate): string {
  return candidate.way?.kind === 'unix' ? placeOf(candidate) : `port ${candidate.port}`;
}

/** Nobody took the connection, or nobody answered on it. */
function isSilence(detail: string): boolean {
  const silences = ['no complete answer', 'not connected within'];
  const hangUps = ['ECONNREFUSED', 'ECONNRESET'];
  return silences.some((text) => detail.startsWith(text)) || hangUps.some((text) => detail.includes(text));
}

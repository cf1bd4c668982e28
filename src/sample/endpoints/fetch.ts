import type { Clock } from '../../base/clock.ts';
import { found, missed, type Reading } from '../../base/reading.ts';
import { type ContentionProfile, contentionProfileReader } from '../../go/contention-profile.ts';
import { parseExpvarMemStats } from '../../go/expvar.ts';
import { parseGoMetrics } from '../../go/go-metrics.ts';
import { goroutineProfileReader } from '../../go/goroutine-profile.ts';
import { parseHeapMemStats } from '../../go/heap-text.ts';
import { parsePprofIndex } from '../../go/pprof-index.ts';
import type { ProfileReader } from '../../go/profile-reader.ts';
import type { GoMetrics, GoroutineProfile, MemStats, PprofIndex } from '../../go/types.ts';
import type { Connector } from '../../io/connector.ts';
import { gunzipPieces } from '../../io/gunzip.ts';
import type { HttpClient, HttpGet } from '../../io/http-client.ts';
import type { Timed } from '../types.ts';
import { type Candidate, placeOf } from './discover-place.ts';

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** A profile, and how long the process took to answer, milliseconds. */
export interface Profiled<T> extends Timed<T> {
  readonly tookMs: number;
}

const MAX_GROUPS = 512;

/** Asks one endpoint of a Go process for one thing. Every answer is bounded in bytes and time; nothing follows a redirect. */
export class EndpointFetch {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #limits: FetchLimits;
  readonly #connectorFor: (at: Candidate) => Connector | undefined;

  /** @param connectorFor the way to a place that host and port do not lead to; undefined where they do */
  constructor(
    client: HttpClient,
    clock: Clock,
    limits: FetchLimits,
    connectorFor: (at: Candidate) => Connector | undefined = () => undefined,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#limits = limits;
    this.#connectorFor = connectorFor;
  }

  /** /debug/pprof/: goroutine and thread counts, no stop of the world. */
  index(at: Candidate): Promise<Reading<Timed<PprofIndex>>> {
    return this.#ask(at, at.paths.pprof, 'pprof_index', (body) => parsePprofIndex(body.toString('utf8')));
  }

  /** Exposition text: the go_* families. No stop of the world since client_golang 1.12 on Go 1.17. */
  metrics(at: Candidate): Promise<Reading<Timed<GoMetrics>>> {
    return this.#ask(at, at.paths.metrics, 'metrics', parseGoMetrics, 'text/plain;version=0.0.4');
  }

  /** /debug/vars: one short stop of the world (runtime.ReadMemStats). */
  expvar(at: Candidate): Promise<Reading<Timed<MemStats>>> {
    return this.#ask(at, at.paths.expvar, 'expvar', parseExpvarMemStats);
  }

  /** heap?debug=1: one short stop of the world, and a text that grows with the profile. */
  heap(at: Candidate): Promise<Reading<Timed<MemStats>>> {
    return this.#ask(at, `${at.paths.pprof}heap?debug=1`, 'pprof_heap', parseHeapMemStats);
  }

  /**
   * goroutine?debug=0: two short stops since Go 1.19, before that one as long as the walk; cost grows with the number of goroutines.
   * Groups are kept to the number of 512, more than anybody shows, so that small sites that grow can be told.
   */
  goroutines(at: Candidate): Promise<Reading<Profiled<GoroutineProfile>>> {
    const reader = goroutineProfileReader({ maxGroups: MAX_GROUPS, maxStack: 64 });
    return this.#profile(at, 'goroutine', 'pprof_goroutine', reader);
  }

  /** goroutineleak?debug=0 (Go 1.27): a full collection each time, whose CPU time is the program's. */
  leaks(at: Candidate): Promise<Reading<Profiled<GoroutineProfile>>> {
    const reader = goroutineProfileReader({ maxGroups: 64, maxStack: 64 });
    return this.#profile(at, 'goroutineleak', 'pprof_goroutineleak', reader);
  }

  /** block?debug=0 and mutex?debug=0: no stop of the world; size grows with the number of stacks recorded. */
  contention(at: Candidate, kind: 'block' | 'mutex'): Promise<Reading<Profiled<ContentionProfile>>> {
    return this.#profile(at, kind, `pprof_${kind}`, contentionProfileReader(MAX_GROUPS));
  }

  /**
   * heap?gc=1: net/http/pprof runs runtime.GC() before it writes anything (net/http/pprof/pprof.go), so with the head of the answer the
   * collection is done. The profile is not taken: it may be megabytes. Gives the milliseconds until then.
   */
  async collect(at: Candidate): Promise<Reading<number>> {
    const reader = 'pprof_heap_gc';
    const path = `${at.paths.pprof}heap?gc=1`;
    const answer = await this.#client.get({ ...this.#to(at, path, reader), headOnly: true });
    if (!answer.ok) return answer;
    const { contentType, latencyMs } = answer.value;
    return contentType?.startsWith('application/octet-stream') === true
      ? found(latencyMs)
      : missed('malformed', reader, `${placeOf(at)}${path}`, 'the answer is no heap profile');
  }

  async #profile<T>(
    at: Candidate,
    name: string,
    reader: string,
    profile: ProfileReader<T>,
  ): Promise<Reading<Profiled<T>>> {
    const path = `${at.paths.pprof}${name}?debug=0`;
    const body = await this.#get(at, path, reader);
    if (!body.ok) return body;
    const source = `${placeOf(at)}${path}`;
    const take = (piece: Uint8Array): boolean => profile.write(piece);
    const inflated = await gunzipPieces(body.value.value, this.#limits.maxBytes, take, reader, source);
    if (!inflated.ok) return inflated;
    const value = inflated.value ? profile.end() : undefined;
    return value === undefined
      ? missed('malformed', reader, source, `not a ${name} profile`)
      : found({ at: body.value.at, value, tookMs: body.value.tookMs });
  }

  async #ask<T>(
    at: Candidate,
    path: string,
    reader: string,
    parse: (body: Buffer) => T | undefined,
    accept?: string,
  ): Promise<Reading<Timed<T>>> {
    const body = await this.#get(at, path, reader, accept);
    if (!body.ok) return body;
    const value = parse(body.value.value);
    return value === undefined
      ? missed('malformed', reader, `${placeOf(at)}${path}`, 'the answer is not in the expected form')
      : found({ at: body.value.at, value });
  }

  async #get(at: Candidate, path: string, reader: string, accept?: string): Promise<Reading<Profiled<Buffer>>> {
    const answer = await this.#client.get({
      ...this.#to(at, path, reader),
      ...(accept === undefined ? {} : { accept }),
    });
    return answer.ok
      ? found({ at: this.#clock.now(), value: answer.value.body, tookMs: answer.value.latencyMs })
      : answer;
  }

  #to(at: Candidate, path: string, reader: string): HttpGet {
    const connector = this.#connectorFor(at);
    return {
      host: at.host,
      port: at.port,
      path,
      reader,
      deadlineMs: this.#limits.timeoutMs,
      maxBytes: this.#limits.maxBytes,
      tls: at.tls,
      insecureSkipVerify: at.insecureSkipVerify,
      ...(connector === undefined ? {} : { connector }),
    };
  }
}

import type { Clock } from '../../base/clock.ts';
import { found, missed, type Reading } from '../../base/reading.ts';
import { parseExpvarMemStats } from '../../go/expvar.ts';
import { parseGoMetrics } from '../../go/go-metrics.ts';
import { parseGoroutineProfile } from '../../go/goroutine-profile.ts';
import { parseHeapMemStats } from '../../go/heap-text.ts';
import { parsePprofIndex } from '../../go/pprof-index.ts';
import type { GoMetrics, GoroutineProfile, MemStats, PprofIndex } from '../../go/types.ts';
import { gunzipCappedAsync } from '../../io/gunzip.ts';
import type { HttpClient } from '../../io/http-client.ts';
import type { Timed } from '../types.ts';
import type { Candidate } from './discover.ts';

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Asks one endpoint of a Go process for one thing. Every answer is bounded in bytes and time; nothing follows a redirect. */
export class EndpointFetch {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #limits: FetchLimits;

  constructor(client: HttpClient, clock: Clock, limits: FetchLimits) {
    this.#client = client;
    this.#clock = clock;
    this.#limits = limits;
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

  /** goroutine?debug=0: two short stops since Go 1.19; cost grows with the number of goroutines. */
  async goroutines(at: Candidate): Promise<Reading<Timed<GoroutineProfile>>> {
    const path = `${at.paths.pprof}goroutine?debug=0`;
    const body = await this.#get(at, path, 'pprof_goroutine');
    if (!body.ok) return body;
    const source = `${at.host}:${at.port}${path}`;
    const text = await gunzipCappedAsync(body.value.value, this.#limits.maxBytes, 'pprof_goroutine', source);
    if (!text.ok) return text;
    const value = parseGoroutineProfile(text.value, { maxGroups: 64, maxStack: 64 });
    return value === undefined
      ? missed('malformed', 'pprof_goroutine', source, 'not a goroutine profile')
      : found({ at: body.value.at, value });
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
      ? missed('malformed', reader, `${at.host}:${at.port}${path}`, 'the answer is not in the expected form')
      : found({ at: body.value.at, value });
  }

  async #get(at: Candidate, path: string, reader: string, accept?: string): Promise<Reading<Timed<Buffer>>> {
    const answer = await this.#client.get({
      host: at.host,
      port: at.port,
      path,
      reader,
      deadlineMs: this.#limits.timeoutMs,
      maxBytes: this.#limits.maxBytes,
      tls: at.tls,
      insecureSkipVerify: at.insecureSkipVerify,
      ...(accept === undefined ? {} : { accept }),
    });
    return answer.ok ? found({ at: this.#clock.now(), value: answer.value.body }) : answer;
  }
}

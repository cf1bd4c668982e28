import { found, type Miss, type MissKind, missed, type Reading } from '../../../src/base/reading.ts';
import type { Candidate } from '../../../src/sample/endpoints/discover.ts';
import type { EndpointFetch } from '../../../src/sample/endpoints/fetch.ts';
import type { Timed } from '../../../src/sample/types.ts';

export type Ask = 'index' | 'metrics' | 'expvar' | 'heap' | 'goroutines' | 'leaks' | 'block' | 'mutex';

/** Answers by what is asked: a value, the kind of a miss, or a promise of either. */
export type Script = Partial<Record<Ask, unknown>>;

const EMPTY_PROFILE = { total: 0, groups: [], otherGoroutines: 0 };

/** Stands in for EndpointFetch: answers from a script that a test may change, and remembers what was asked. */
export class ScriptedFetch {
  script: Script;
  readonly asked: string[] = [];
  /** How long each answer is said to have taken. */
  tookMs = 5;
  /** The time of each answer; left undefined, answers count up from one. */
  nowMs: number | undefined;
  #now = 0;

  constructor(script: Script) {
    this.script = script;
  }

  /** What was asked since the last call. */
  take(): string[] {
    return this.asked.splice(0);
  }

  get fetch(): EndpointFetch {
    return this as unknown as EndpointFetch;
  }

  index(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('index', at);
  }
  metrics(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('metrics', at);
  }
  expvar(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('expvar', at);
  }
  heap(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('heap', at);
  }
  goroutines(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('goroutines', at, EMPTY_PROFILE);
  }
  leaks(at: Candidate): Promise<Reading<Timed<unknown>>> {
    return this.#answer('leaks', at, EMPTY_PROFILE);
  }
  contention(at: Candidate, kind: 'block' | 'mutex'): Promise<Reading<Timed<unknown>>> {
    return this.#answer(kind, at);
  }

  async #answer(ask: Ask, at: Candidate, whole: object = {}): Promise<Reading<Timed<unknown>>> {
    this.asked.push(`${at.port} ${ask}`);
    this.#now += 1;
    const now = this.nowMs ?? this.#now;
    const answer: unknown = await Promise.resolve(this.script[ask] ?? 'absent');
    if (answer instanceof Error) throw answer;
    return typeof answer === 'string'
      ? missed(answer as MissKind, ask, `${at.port}/${ask}`, `${answer} by script`)
      : found({
          at: { wallMs: now, monotonicMs: now },
          value: { ...whole, ...(answer as object) },
          tookMs: this.tookMs,
        });
  }
}

export const candidate = (port: number): Candidate => ({
  host: '127.0.0.1',
  port,
  tls: false,
  insecureSkipVerify: false,
  paths: { pprof: '/debug/pprof/', expvar: '/debug/vars', metrics: '/metrics' },
  beyondLoopback: false,
});

export const kinds = (misses: readonly Miss[]): string[] => misses.map(({ reader, kind }) => `${reader} ${kind}`);

import type { Socket } from 'node:net';
import { missed, type Reading } from '../base/reading.ts';
import type { Connector } from './connector.ts';
import { connectInNamespace } from './namespace-connect.ts';

/** An address inside the network namespace of a process. */
export interface NamespaceAddress {
  readonly pid: number;
  /** `net:[4026531840]`: what the process was in when it was looked at. */
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
}

export interface NamespaceDoorsOptions {
  readonly procRoot: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Callers that may wait for the child; more are turned away. Default 32. */
  readonly maxWaiting?: number;
  /** Between two entries for the same address, whether the first went well or not. Default one minute. */
  readonly againAfterMs?: number;
  /** Default {@link connectInNamespace}. */
  readonly connect?: typeof connectInNamespace;
}

/**
 * Ways into network namespaces, one child process at a time. Connections are kept by who asks, so an address is entered again only
 * when the server ended its connection, and not more than once in a while.
 */
export class NamespaceDoors {
  readonly #options: NamespaceDoorsOptions;
  readonly #enteredAt = new Map<string, number>();
  readonly #abort = new AbortController();
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #impossible: Reading<never> | undefined;

  constructor(options: NamespaceDoorsOptions) {
    this.#options = options;
  }

  connector(to: NamespaceAddress): Connector {
    const key = `${to.namespace} ${to.host}:${to.port}`;
    return { key, connect: (deadlineMs) => this.#enter(key, to, deadlineMs) };
  }

  /** Ends the child, if there is one. Later calls miss. */
  close(): void {
    this.#abort.abort();
  }

  async #enter(key: string, to: NamespaceAddress, deadlineMs: number): Promise<Reading<Socket>> {
    const { now, maxWaiting = 32, againAfterMs = 60_000 } = this.#options;
    const miss = (detail: string): Reading<never> => missed('failed', 'namespace', key, detail);
    if (this.#impossible !== undefined) return this.#impossible;
    const startMs = now();
    this.#forget(startMs - againAfterMs);
    const before = this.#enteredAt.get(key);
    if (before !== undefined) {
      const seconds = Math.ceil((before + againAfterMs - startMs) / 1000);
      return miss(`no connection any more; the namespace is entered again in ${seconds} s`);
    }
    if (this.#waiting >= maxWaiting) return miss('too many wait for the child that enters namespaces');
    this.#enteredAt.set(key, startMs);
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#connect(key, to, deadlineMs - (now() - startMs)));
    this.#last = turn;
    const reading = await turn;
    this.#waiting -= 1;
    if (!reading.ok && reading.miss.kind === 'unsupported') this.#impossible = reading;
    return reading;
  }

  #connect(
    key: string,
    { pid, namespace, host, port }: NamespaceAddress,
    deadlineMs: number,
  ): Promise<Reading<Socket>> {
    const { procRoot, connect = connectInNamespace } = this.#options;
    const { signal } = this.#abort;
    if (deadlineMs > 0) return connect(pid, host, port, { procRoot, namespace, deadlineMs, signal });
    this.#enteredAt.delete(key);
    return Promise.resolve(missed('failed', 'namespace', key, 'its turn did not come within the deadline'));
  }

  #forget(beforeMs: number): void {
    for (const [key, atMs] of this.#enteredAt) if (atMs <= beforeMs) this.#enteredAt.delete(key);
  }
}

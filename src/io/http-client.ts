import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { found, missed, type Reading } from '../base/reading.ts';
import type { Connector } from './connector.ts';
import { ConnectorAgent, type ConnectorRequest } from './connector-agent.ts';
import { errorCode } from './errno.ts';
import { gunzipCappedAsync } from './gunzip.ts';
import { type Exchange, exchange, MAX_HEADER_BYTES } from './http-exchange.ts';
import { formatAuthority } from './listen-address.ts';

// A pod that vanished without closing its connection must not hold a descriptor for ever.
const IDLE_SOCKET_MS = 90_000;

/** One GET. */
export interface HttpGet {
  /** An IP address. Names are refused: this client never asks a resolver. */
  readonly host: string;
  readonly port: number;
  /** Path and query, starting with a slash. */
  readonly path: string;
  /** The Host header; `host:port` when left out. With `tls` its name part is also the name the certificate must carry. */
  readonly hostHeader?: string;
  /** Reader name of a miss. */
  readonly reader: string;
  /** For queueing, connecting, headers and body together. */
  readonly deadlineMs: number;
  /** Cap on the body, both as sent and as inflated. */
  readonly maxBytes: number;
  /** Done when the head of the answer is there: its body is empty, whatever is sent, and the connection is closed. */
  readonly headOnly?: boolean;
  /** The Accept header. */
  readonly accept?: string;
  /** Ask for gzip by Accept-Encoding. An answer with `Content-Encoding: gzip` is inflated whether asked for or not. */
  readonly gzip?: boolean;
  readonly tls?: boolean;
  /** With `tls`: take any certificate. */
  readonly insecureSkipVerify?: boolean;
  /** Connect to this unix socket; host and port are then not used. */
  readonly socketPath?: string;
  /** Connect by this; host and port are then only for the Host header. Not together with `tls` or `socketPath`. */
  readonly connector?: Connector;
}

/** A 2xx answer. */
export interface HttpBody {
  readonly status: number;
  /** The Content-Type header as sent; undefined when there was none. */
  readonly contentType: string | undefined;
  /** Inflated if the transfer was compressed. A pprof body is itself gzip and stays so. */
  readonly body: Buffer;
  /** From the call to the last byte, inflating included. */
  readonly latencyMs: number;
  /** `x-go-pprof` is set by Go's net/http/pprof on its own errors only; kept for handlers that set it always. */
  readonly headers: Readonly<Partial<Record<'x-go-pprof', string>>>;
}

export interface HttpClientOptions {
  /** Connections per target at once; further requests wait within their deadline. Default 1. */
  readonly maxSockets?: number;
  /** Keep connections between requests. Default true. */
  readonly keepAlive?: boolean;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/**
 * A GET-only client for servers that are not trusted: no redirects, no name look-ups, one deadline for everything, capped
 * bodies. {@link get} never rejects. Misses: 404 `absent`; 401 and 403 `denied`; a port that speaks something else than HTTP/1.1
 * without TLS `unsupported`, with what it speaks in the detail (`gRPC or HTTP/2 only`, `TLS`, `not HTTP`), and asking it again is no
 * use; an answer that breaks HTTP or whose compression is broken `malformed`; all else `failed` with the system's code in the detail.
 */
export class HttpClient {
  readonly #plain: HttpAgent;
  readonly #tls: HttpsAgent;
  readonly #connected: ConnectorAgent;
  readonly #now: () => number;
  readonly #open = new Set<ClientRequest>();
  #closed = false;

  constructor(options: HttpClientOptions = {}) {
    const maxSockets = options.maxSockets ?? 1;
    const agent = {
      keepAlive: options.keepAlive ?? true,
      maxSockets,
      maxFreeSockets: maxSockets,
      timeout: IDLE_SOCKET_MS,
    };
    this.#plain = new HttpAgent(agent);
    this.#tls = new HttpsAgent(agent);
    this.#connected = new ConnectorAgent(agent);
    this.#now = options.now ?? (() => performance.now());
  }

  /** Connections held now, in use or kept. */
  get socketCount(): number {
    return [this.#plain, this.#tls, this.#connected]
      .flatMap((agent) => [...Object.values(agent.sockets), ...Object.values(agent.freeSockets)])
      .reduce((count, sockets) => count + (sockets?.length ?? 0), 0);
  }

  async get(request: HttpGet): Promise<Reading<HttpBody>> {
    const source = urlOf(request);
    const refuse = (detail: string): Reading<never> => missed('failed', request.reader, source, detail);
    const byAddress = request.socketPath === undefined && request.connector === undefined;
    if (byAddress && isIP(request.host) === 0) return refuse('the host is not an IP address');
    if (request.connector !== undefined && request.tls === true) return refuse('TLS is not spoken through a connector');
    const startMs = this.#now();
    let answer = await this.#send(request, request.deadlineMs);
    if (!answer.ok && answer.staleSocket && !this.#closed) {
      // The server closed its kept connection while the request was on its way. A GET may be sent again.
      answer = await this.#send(request, Math.max(1, request.deadlineMs - (this.#now() - startMs)));
    }
    if (!answer.ok)
      return missed(answer.kind, request.reader, source, this.#closed ? 'the client is closed' : answer.detail);
    const { response, wire } = answer;
    const encoding = request.headOnly === true ? undefined : response.headers['content-encoding'];
    const body = await decoded(wire, encoding, request, source);
    if (!body.ok) return body;
    const goPprof = response.headers['x-go-pprof'];
    return found({
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'],
      body: body.value,
      latencyMs: this.#now() - startMs,
      headers: typeof goPprof === 'string' ? { 'x-go-pprof': goPprof } : {},
    });
  }

  /** Ends requests under way with a miss and closes all connections. Later calls of {@link get} miss. */
  close(): void {
    this.#closed = true;
    for (const request of this.#open) request.destroy();
    this.#plain.destroy();
    this.#tls.destroy();
    this.#connected.destroy();
  }

  async #send(get: HttpGet, deadlineMs: number): Promise<Exchange> {
    if (this.#closed) return { ok: false, kind: 'failed', detail: 'the client is closed', staleSocket: false };
    let request: ClientRequest;
    try {
      request = this.#request(get, deadlineMs);
    } catch (error) {
      // Node refuses a path or header with control characters, and a port out of range, by throwing.
      return { ok: false, kind: 'failed', detail: errorCode(error), staleSocket: false };
    }
    this.#open.add(request);
    try {
      return await exchange(request, { deadlineMs, maxBytes: get.maxBytes, headOnly: get.headOnly === true });
    } finally {
      this.#open.delete(request);
    }
  }

  #request(get: HttpGet, deadlineMs: number): ClientRequest {
    const options = requestOptions(get);
    if (get.connector !== undefined) {
      const { connector } = get;
      const through: ConnectorRequest & RequestOptions = { ...options, connector, connectDeadlineMs: deadlineMs };
      return httpRequest({ ...through, agent: this.#connected });
    }
    if (get.tls !== true) return httpRequest({ ...options, agent: this.#plain });
    return httpsRequest({ ...options, agent: this.#tls, rejectUnauthorized: get.insecureSkipVerify !== true });
  }
}

function requestOptions(get: HttpGet): RequestOptions {
  return {
    ...(get.socketPath === undefined ? { host: get.host, port: get.port } : { socketPath: get.socketPath }),
    path: get.path,
    method: 'GET',
    setHost: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    headers: {
      host: get.hostHeader ?? authorityOf(get),
      accept: get.accept ?? '*/*',
      'accept-encoding': get.gzip === true ? 'gzip' : 'identity',
      'user-agent': 'cgopher',
    },
  };
}

async function decoded(
  wire: Buffer,
  encoding: string | undefined,
  get: HttpGet,
  source: string,
): Promise<Reading<Buffer>> {
  switch ((encoding ?? 'identity').trim().toLowerCase()) {
    case '':
    case 'identity':
      return found(wire);
    case 'gzip':
    case 'x-gzip':
      return gunzipCappedAsync(wire, get.maxBytes, get.reader, source);
    default:
      return missed('malformed', get.reader, source, `content-encoding ${encoding ?? ''} was not asked for`);
  }
}

function authorityOf(get: HttpGet): string {
  if (get.socketPath !== undefined || isIP(get.host) === 0) return 'localhost';
  return formatAuthority(get.host, get.port);
}

function urlOf(get: HttpGet): string {
  if (get.socketPath !== undefined) return `unix:${get.socketPath}:${get.path}`;
  if (get.connector !== undefined) return `${get.connector.key}:${get.path}`;
  return `${get.tls === true ? 'https' : 'http'}://${authorityOf(get)}${get.path}`;
}

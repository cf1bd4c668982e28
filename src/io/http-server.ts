import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Logger } from '../base/logger.ts';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';
import { type HttpResponse, respond, textResponse } from './http-respond.ts';
import type { HttpRoutes } from './http-routes.ts';
import { formatAuthority, type ListenAddress, parseListenAddress } from './listen-address.ts';

export type { HttpResponse } from './http-respond.ts';

/** What a handler is given. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query are the client's; the origin is a placeholder. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** X-Prometheus-Scrape-Timeout-Seconds as sent, without a margin; undefined when absent or not a positive number. */
  readonly scrapeTimeoutMs: number | undefined;
}

/** Answers one path. HEAD is answered as GET; the server leaves the body out. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** Bounds on clients. */
export interface ServerLimits {
  /** To receive all request headers. Default 10 s. */
  readonly headersTimeoutMs: number;
  /** From the request's headers to the last byte of the answer. Default 60 s. */
  readonly exchangeTimeoutMs: number;
  /** A kept connection without a request. Default 65 s, above Prometheus's usual intervals. */
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  exchangeTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 256,
};

export interface ServerOptions {
  /** `:10119`, `[::1]:9100`, `127.0.0.1:0`. All are bound, or none. */
  readonly addresses: readonly string[];
  readonly routes: HttpRoutes;
  /** Requests under way at once; more are answered 503. 0: no bound. Default 40. */
  readonly maxRequests?: number;
  readonly logger: Logger;
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningServer {
  readonly addresses: readonly { readonly host: string; readonly port: number; readonly url: string }[];
  /** Stops listening, ends kept connections, and waits up to `graceMs` (default 2000) for answers under way. */
  readonly close: (graceMs?: number) => Promise<void>;
}

/** Listens and serves. Misses (reader `listen`, source the address): `denied` EACCES, `failed` EADDRINUSE, `malformed` address. */
export async function startServer(options: ServerOptions): Promise<Reading<RunningServer>> {
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const dispatcher = new Dispatcher(options, limits);
  const servers: Server[] = [];
  const close = async (graceMs = 2000): Promise<void> => {
    dispatcher.closing = true;
    await Promise.all(servers.map((server) => closeServer(server, graceMs)));
  };
  for (const text of options.addresses) {
    const address = parseListenAddress(text);
    if (address === undefined) {
      await close();
      return missed('malformed', 'listen', text, 'expected [host]:port, such as :10119 or [::1]:10119');
    }
    const server = configuredServer(limits, (request, response) => {
      void dispatcher.serve(request, response);
    });
    try {
      await listen(server, address);
    } catch (error) {
      await close();
      return missed(missKindOf(error), 'listen', text, errorCode(error));
    }
    server.on('error', (error) => {
      options.logger.error({ address: text, error: errorCode(error) }, 'web server error');
    });
    servers.push(server);
  }
  return found({ addresses: servers.map(boundAddress), close });
}

/** Takes requests to handlers and keeps count of those under way, over all addresses. */
class Dispatcher {
  closing = false;
  #underWay = 0;
  readonly #options: ServerOptions;
  readonly #maxRequests: number;
  readonly #limits: ServerLimits;

  constructor(options: ServerOptions, limits: ServerLimits) {
    this.#options = options;
    this.#maxRequests = options.maxRequests ?? 40;
    this.#limits = limits;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay += 1;
    const leave = (): void => {
      clearTimeout(late);
      if (!left) this.#underWay -= 1;
      left = true;
    };
    let left = false;
    const late = setTimeout(() => {
      // A pipelined answer whose connection went away before its turn never says close.
      leave();
      response.destroy();
    }, this.#limits.exchangeTimeoutMs);
    response.on('close', leave);
    response.on('error', () => undefined);
    const send = async (answer: HttpResponse): Promise<void> => {
      // A refused request may carry a body nobody will read.
      const close = this.closing || answer.status === 405 || answer.status === 400;
      const acceptEncoding = request.headers['accept-encoding'];
      await respond(response, answer, {
        head: request.method === 'HEAD',
        acceptEncoding: typeof acceptEncoding === 'string' ? acceptEncoding : undefined,
        close,
      });
    };
    try {
      await send(await this.#answer(request));
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#options.logger.error({ url: request.url, error: errorCode(error), stack }, 'a request handler failed');
      // The second failure can only come from a response that is already gone.
      await send(textResponse(500, 'internal error; the log of the agent says more')).catch(() => response.destroy());
    }
  }

  async #answer(request: IncomingMessage): Promise<HttpResponse> {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return textResponse(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
    const url = urlOf(request.url);
    if (url === undefined) return textResponse(400, 'the request target is not a path');
    const handler = this.#options.routes.get(url.pathname);
    if (handler === undefined) return textResponse(404, 'not found');
    if (this.#maxRequests > 0 && this.#underWay > this.#maxRequests) {
      return textResponse(503, `${this.#maxRequests} requests are already under way; try again later`);
    }
    const scrapeTimeoutMs = scrapeTimeoutOf(request.headers['x-prometheus-scrape-timeout-seconds']);
    return handler({ method, url, headers: request.headers, scrapeTimeoutMs });
  }
}

function urlOf(target: string | undefined): URL | undefined {
  if (target?.startsWith('/') !== true) return undefined;
  try {
    return new URL(`http://agent.invalid${target}`);
  } catch {
    return undefined;
  }
}

function scrapeTimeoutOf(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && header.length < 32 ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function configuredServer(
  limits: ServerLimits,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: Math.max(limits.headersTimeoutMs, limits.exchangeTimeoutMs),
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.maxHeaderBytes,
      connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
      insecureHTTPParser: false,
    },
    serve,
  );
  server.maxConnections = limits.maxConnections;
  return server;
}

function listen(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: address.port, ...(address.host === undefined ? {} : { host: address.host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function boundAddress(server: Server): RunningServer['addresses'][number] {
  const address = server.address();
  // Only a pipe has a text address, and none is listened on.
  if (address === null || typeof address === 'string') return { host: '', port: 0, url: '' };
  return { host: address.address, port: address.port, url: `http://${formatAuthority(address.address, address.port)}` };
}

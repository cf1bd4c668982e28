import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../base/logger.ts';
import { found, missed, type Reading } from '../base/reading.ts';
import { comparePassword } from './bcrypt.ts';
import { errorCode, missKindOf } from './errno.ts';
import { type HttpResponse, respond, textResponse } from './http-respond.ts';
import type { HttpRoutes } from './http-routes.ts';
import { formatAuthority, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { answerBudgetMs, scrapeTimeoutOf, within } from './scrape-timeout.ts';
import { TlsDoor } from './tls-door.ts';
import type { WebConfigFile } from './web-config-file.ts';
import { WebGuard } from './web-guard.ts';
import { WebUsers } from './web-users.ts';

export type { HttpHandler, HttpRequest } from './http-handler.ts';
export type { HttpResponse } from './http-respond.ts';

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
  /** TLS, users and headers. Left out: plain HTTP for everybody. */
  readonly web?: WebConfigFile | undefined;
}

export interface RunningServer {
  readonly addresses: readonly { readonly host: string; readonly port: number; readonly url: string }[];
  /** Stops listening, ends kept connections, and waits up to `graceMs` (default 2000) for answers under way. */
  readonly close: (graceMs?: number) => Promise<void>;
}

/**
 * Listens and serves. Misses (reader `listen`, source the address): `denied` EACCES, `failed` EADDRINUSE, `malformed` address;
 * (reader `web config`) `malformed`: the web configuration, each problem a line of the detail.
 */
export async function startServer(options: ServerOptions): Promise<Reading<RunningServer>> {
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const { web, logger } = options;
  const users = new WebUsers(comparePassword, () => performance.now());
  const guard = web === undefined ? undefined : new WebGuard(web, users, logger);
  const dispatcher = new Dispatcher(options, limits, guard);
  const servers: Server[] = [];
  const doors: TlsDoor[] = [];
  const close = async (graceMs = 2000): Promise<void> => {
    dispatcher.closing = true;
    for (const door of doors) door.close();
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
    if (guard !== undefined) {
      const door = guarded(server, guard, limits, logger);
      doors.push(door);
      const problem = guard.problem(door);
      if (problem !== undefined) {
        await close();
        return missed('malformed', 'web config', web?.path ?? '', problem);
      }
    }
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
  const scheme = guard?.tls === true ? 'https' : 'http';
  return found({ addresses: servers.map((server) => boundAddress(server, scheme)), close });
}

/** Takes requests to handlers and keeps count of those under way, over all addresses. */
class Dispatcher {
  closing = false;
  #underWay = 0;
  readonly #options: ServerOptions;
  readonly #maxRequests: number;
  readonly #limits: ServerLimits;
  readonly #guard: WebGuard | undefined;

  constructor(options: ServerOptions, limits: ServerLimits, guard: WebGuard | undefined) {
    this.#options = options;
    this.#guard = guard;
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
      await send(await this.#guarded(request));
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#options.logger.error({ url: request.url, error: errorCode(error), stack }, 'a request handler failed');
      // The second failure can only come from a response that is already gone.
      await send(textResponse(500, 'internal error; the log of the agent says more')).catch(() => response.destroy());
    }
  }

  /** As in the exporter toolkit nothing is answered before the user is known, not even that a path is not there. */
  async #guarded(request: IncomingMessage): Promise<HttpResponse> {
    const scrapeTimeoutMs = scrapeTimeoutOf(request.headers['x-prometheus-scrape-timeout-seconds']);
    const answering = async (): Promise<HttpResponse> => {
      if (this.#guard === undefined) return this.#answer(request, scrapeTimeoutMs);
      const { refusal, headers } = await this.#guard.admit(request.headers.authorization);
      const answer = refusal ?? (await this.#answer(request, scrapeTimeoutMs));
      // A handler knows better than the file what its own page needs.
      return { ...answer, headers: { ...headers, ...answer.headers } };
    };
    if (scrapeTimeoutMs === undefined) return answering();
    const budgetMs = answerBudgetMs(scrapeTimeoutMs);
    return (
      (await within(budgetMs, answering())) ??
      textResponse(503, `not done within ${budgetMs / 1000} s, the scrape timeout less a margin`)
    );
  }

  async #answer(request: IncomingMessage, scrapeTimeoutMs: number | undefined): Promise<HttpResponse> {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return textResponse(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
    const url = urlOf(request.url);
    if (url === undefined) return textResponse(400, 'the request target is not a path');
    const handler = this.#options.routes.get(url.pathname);
    if (handler === undefined) return textResponse(404, 'not found');
    if (this.#maxRequests > 0 && this.#underWay > this.#maxRequests) {
      return textResponse(503, `${this.#maxRequests} requests are already under way; try again later`);
    }
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

/**
 * Puts a guard between accepted connections and HTTP. With TLS what HTTP gets is the connection after its handshake, handed to its
 * own listeners; without, it is the connection as it was accepted.
 */
function guarded(server: Server, guard: WebGuard, limits: ServerLimits, logger: Logger): TlsDoor {
  const http = server.listeners('connection') as ((socket: Socket) => void)[];
  const door = new TlsDoor({
    onSecure: (socket) => {
      for (const listener of http) listener.call(server, socket);
    },
    handshakeTimeoutMs: limits.headersTimeoutMs,
    logger,
  });
  if (guard.tls) {
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      guard.connect(socket, door);
    });
  }
  return door;
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

function boundAddress(server: Server, scheme: 'http' | 'https'): RunningServer['addresses'][number] {
  const address = server.address();
  // Only a pipe has a text address, and none is listened on.
  if (address === null || typeof address === 'string') return { host: '', port: 0, url: '' };
  const authority = formatAuthority(address.address, address.port);
  return { host: address.address, port: address.port, url: `${scheme}://${authority}` };
}

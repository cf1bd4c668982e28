import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../base/logger.ts';
import { found, missed, type Reading } from '../base/reading.ts';
import { comparePassword } from './bcrypt.ts';
import { errorCode, missKindOf } from './errno.ts';
import { Dispatcher } from './http-dispatcher.ts';
import type { HttpRoutes } from './http-routes.ts';
import { configuredServer, DEFAULT_SERVER_LIMITS, type ServerLimits } from './http-server-limits.ts';
import { formatAuthority, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { TlsDoor } from './tls-door.ts';
import type { WebConfigFile } from './web-config-file.ts';
import { WebGuard } from './web-guard.ts';
import { WebUsers } from './web-users.ts';

export type { HttpHandler, HttpRequest } from './http-handler.ts';
export type { HttpResponse } from './http-respond.ts';

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
  const { routes, maxRequests = 40, web, logger } = options;
  const users = new WebUsers(comparePassword, () => performance.now());
  const guard = web === undefined ? undefined : new WebGuard(web, users, logger);
  const { exchangeTimeoutMs } = limits;
  const dispatcher = new Dispatcher({ routes, maxRequests, exchangeTimeoutMs, guard, logger });
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
      logger.error({ address: text, error: errorCode(error) }, 'web server error');
    });
    servers.push(server);
  }
  const scheme = guard?.tls === true ? 'https' : 'http';
  return found({ addresses: servers.map((server) => boundAddress(server, scheme)), close });
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

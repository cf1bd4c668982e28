import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expvarText } from './expvar-text.ts';
import { metricsText } from './metrics-text.ts';
import { heapText, pprofIndex } from './pprof-text.ts';
import type { ProcessView } from './process-view.ts';
import { goroutineProfile, type StackGroup } from './profile-writer.ts';

/** A simulated process's HTTP server. */
export interface Endpoint {
  readonly port: number;
  /** Ends every open connection, as when the process dies. */
  hangUp(): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const TEXT = 'text/plain; charset=utf-8';

/** Serves what the workload's program links, on a port the system chooses. `view` gives the process as it is when asked. */
export async function openEndpoint(
  host: string,
  view: () => ProcessView | undefined,
  nowMs: () => number,
): Promise<Endpoint> {
  const server = createServer((request, response) => {
    const process = view();
    if (process === undefined) response.destroy();
    else send(request, response, answer(request, process, nowMs()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  // The demo must not keep its process alive on its own.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    hangUp: () => {
      server.closeAllConnections();
    },
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function answer(request: IncomingMessage, view: ProcessView, nowMs: number): Answer {
  const url = new URL(request.url ?? '/', 'http://simulated');
  const { serves } = view.program;
  const debug = url.searchParams.get('debug');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, type: TEXT, body: 'Method Not Allowed\n' };
  if (serves.metrics !== undefined && url.pathname === '/metrics') {
    return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: metricsText(view) };
  }
  if (serves.expvar === true && url.pathname === '/debug/vars') {
    return { status: 200, type: 'application/json; charset=utf-8', body: expvarText(view) };
  }
  if (serves.pprof === true && url.pathname.startsWith('/debug/pprof/')) {
    return profile(url.pathname.slice('/debug/pprof/'.length), debug, view, nowMs);
  }
  return { status: 404, type: TEXT, body: '404 page not found\n' };
}

function profile(name: string, debug: string | null, view: ProcessView, nowMs: number): Answer {
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  if (name === '') return { status: 200, type: 'text/html; charset=utf-8', body: pprofIndex(view), headers };
  if (name === 'heap' && debug === '1') return { status: 200, type: TEXT, body: heapText(view), headers };
  if (name === 'goroutine' && (debug === null || debug === '0')) {
    const disposition = { ...headers, 'Content-Disposition': 'attachment; filename="goroutine"' };
    const body = goroutineProfile(stackGroups(view), nowMs);
    return { status: 200, type: 'application/octet-stream', body, headers: disposition };
  }
  return { status: 404, type: TEXT, body: 'Unknown profile\n', headers: { ...headers, 'X-Go-Pprof': '1' } };
}

/** Where the goroutines stand: most wait for connections, some work, one answers this request. */
function stackGroups({ program, goroutines }: ProcessView): StackGroup[] {
  const main = `/src/${program.module}/main.go`;
  const frame = (name: string, file: string, line: number) => ({ name, file, line });
  const park = frame('runtime.gopark', '/usr/local/go/src/runtime/proc.go', 424);
  const serve = frame('net/http.(*conn).serve', '/usr/local/go/src/net/http/server.go', 2092);
  const workers = Math.floor(goroutines / 4);
  return [
    {
      count: goroutines - workers - 1,
      frames: [park, frame('internal/poll.(*FD).Read', '/usr/local/go/src/internal/poll/fd_unix.go', 165), serve],
    },
    { count: workers, frames: [park, frame('main.(*pool).work', main, 88), frame('main.newPool.func1', main, 61)] },
    { count: 1, frames: [frame('net/http/pprof.Index', '/usr/local/go/src/net/http/pprof/pprof.go', 389), serve] },
  ];
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, headers }: Answer): void {
  const accepts = request.headers['accept-encoding'] ?? '';
  // promhttp compresses when asked to; Go's debug handlers never do.
  const packed = type.includes('version=0.0.4') && /\bgzip\b/.test(accepts);
  const bytes = packed ? gzipSync(body) : Buffer.from(body);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': String(bytes.length),
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

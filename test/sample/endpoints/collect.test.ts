import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { HttpClient } from '../../../src/io/http-client.ts';
import { plainCandidate } from '../../../src/sample/endpoints/discover-place.ts';
import { EndpointFetch } from '../../../src/sample/endpoints/fetch.ts';
import { EndpointPoller } from '../../../src/sample/endpoints/poller.ts';
import { type RecordingServer, rawServer, recordingServer } from './recording-server.ts';

/* Fake servers: what net/http/pprof does and what something hostile in its place may do. The real one is in test/targets. */

let client: HttpClient;
let servers: RecordingServer[];
beforeEach(() => {
  client = new HttpClient();
  servers = [];
});
afterEach(async () => {
  client.close();
  await Promise.all(servers.map((server) => server.close()));
});

const fetcher = (timeoutMs: number) => new EndpointFetch(client, systemClock, { timeoutMs, maxBytes: 1024 });

async function collectFrom(server: RecordingServer, timeoutMs = 10_000) {
  servers.push(server);
  return fetcher(timeoutMs).collect(plainCandidate('127.0.0.1', server.port, '', false));
}

const serve = async (listener: RequestListener) => collectFrom(await recordingServer(listener));

it('asks for one heap profile with a collection, and is done with its head: a body without end is not taken', async () => {
  const closed: Promise<void>[] = [];
  const server = await recordingServer((_, response: ServerResponse) => {
    closed.push(
      new Promise((resolve) => {
        response.on('close', resolve);
      }),
    );
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' });
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
    };
    more();
  });
  const answer = await collectFrom(server);
  expect(answer.ok && answer.value).toBeGreaterThan(0);
  expect(server.paths).toEqual(['/debug/pprof/heap?gc=1']);
  // The connection is closed, so the program stops writing.
  await closed[0];
  expect(closed).toHaveLength(1);
});

it('takes a length above the cap, too: nothing of it is read', async () => {
  const answer = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '100000000' });
    response.write('x');
  });
  expect(answer.ok).toBe(true);
});

it.each<[string, number, Record<string, string>, string, string]>([
  ['no such handler', 404, {}, 'absent', 'HTTP 404'],
  ['pprof without the profile', 404, { 'x-go-pprof': '1' }, 'absent', 'HTTP 404 from net/http/pprof'],
  ['a login', 401, {}, 'denied', 'HTTP 401'],
  ['a page for everything', 200, { 'content-type': 'text/html' }, 'malformed', 'the answer is no heap profile'],
  ['nothing about its type', 200, {}, 'malformed', 'the answer is no heap profile'],
  ['another place', 302, { location: 'http://169.254.169.254/' }, 'failed', 'redirected to'],
  ['an error', 500, {}, 'failed', 'HTTP 500'],
])('%s is no collection', async (_, status, headers, kind, detail) => {
  const answer = await serve((__, response) => {
    response.writeHead(status, headers);
    response.end('x');
  });
  expect(answer.ok ? undefined : answer.miss.kind).toBe(kind);
  expect(answer.ok ? undefined : answer.miss.detail).toContain(detail);
});

it('a server that takes the request and never answers costs one deadline', async () => {
  const server = await rawServer(() => undefined);
  const answer = await collectFrom(server, 150);
  expect(answer.ok ? undefined : answer.miss.detail).toBe('no complete answer within 150 ms');
  expect(server.paths).toEqual(['/debug/pprof/heap?gc=1']);
});

it('a head that never ends is cut off', async () => {
  const answer = await collectFrom(
    await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`);
    }),
  );
  expect(answer.ok ? undefined : answer.miss.detail).toContain('headers over');
});

it('a process whose pprof index did not answer is asked nothing', async () => {
  const plan = { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 1 };
  const poller = new EndpointPoller({ fetch: fetcher(100), clock: systemClock, plan, concurrency: 1 });
  const server = await recordingServer((_, response) => {
    response.end();
  });
  servers.push(server);
  const candidates = [plainCandidate('127.0.0.1', server.port, '', false)];
  poller.add('7@1', { candidates, detail: '', hostNetwork: false }, { pprof: true, expvar: false, promhttp: false });
  for (const key of ['7@1', '8@1'])
    expect(await poller.collect(key)).toMatchObject({ ok: false, miss: { kind: 'failed' } });
  expect(server.paths).toEqual([]);
});

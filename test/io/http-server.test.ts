import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { acceptsGzip } from '../../src/io/http-respond.ts';
import {
  type HttpHandler,
  type HttpRequest,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../src/io/http-server.ts';
import { parseListenAddress } from '../../src/io/listen-address.ts';
import { answerBudgetMs } from '../../src/io/scrape-timeout.ts';

const running: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});

async function serve(
  routes: Record<string, HttpHandler>,
  more: Partial<ServerOptions> = {},
): Promise<RunningServer & { port: number }> {
  const started = await startServer({
    addresses: ['127.0.0.1:0'],
    routes: new Map(Object.entries(routes)),
    logger: silentLogger,
    ...more,
  });
  if (!started.ok) throw new Error(started.miss.detail);
  running.push(started.value);
  return { ...started.value, port: started.value.addresses[0]!.port };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(port: number, path: string, method = 'GET', headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Everything the server says on one connection until it closes it. */
function untilClosed(port: number, send: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      send(socket);
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => {
      resolve(text);
    });
  });
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const metrics =
  (body: string): HttpHandler =>
  () => ({ status: 200, contentType: CONTENT_TYPE, body });

test('a handler is given method, url, headers and the scrape timeout, and its answer goes out whole', async () => {
  let seen: HttpRequest | undefined;
  const { port } = await serve({
    '/metrics': (asked) => {
      seen = asked;
      return { status: 200, contentType: CONTENT_TYPE, body: 'é 1\n', headers: { 'x-own': 'yes' } };
    },
  });
  const answer = await ask(port, '/metrics?collect[]=cpu', 'GET', { 'x-prometheus-scrape-timeout-seconds': '9.5' });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': CONTENT_TYPE,
    // é is two bytes in UTF-8.
    'content-length': '5',
    'x-own': 'yes',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.body.toString()).toBe('é 1\n');
  expect(seen).toMatchObject({ method: 'GET', scrapeTimeoutMs: 9500 });
  expect(seen?.url.searchParams.get('collect[]')).toBe('cpu');
});

test.each(['', 'abc', '-1', '0', 'Infinity', '9'.repeat(40)])('scrape timeout %j is none', async (text) => {
  let seen: number | undefined = 1;
  const { port } = await serve({
    '/': (asked) => {
      seen = asked.scrapeTimeoutMs;
      return { status: 200, contentType: 'text/html', body: '' };
    },
  });
  await ask(port, '/', 'GET', { 'x-prometheus-scrape-timeout-seconds': text });
  expect(seen).toBeUndefined();
});

test.each([
  ['0.2', 0.1],
  ['1', 0.5],
  ['10', 9.5],
])('with a scrape timeout of %s s an answer that takes longer than %s s is 503, not late', async (timeout, budget) => {
  expect(answerBudgetMs(Number(timeout) * 1000)).toBe(budget * 1000);
  if (budget > 1) return;
  const { port } = await serve({ '/never': () => new Promise(() => undefined), '/': metrics('a 1\n') });
  const headers = { 'x-prometheus-scrape-timeout-seconds': timeout };
  const late = await ask(port, '/never', 'GET', headers);
  expect([late.status, late.body.toString()]).toEqual([
    503,
    `not done within ${budget} s, the scrape timeout less a margin\n`,
  ]);
});

test('a scrape timeout is no reason to refuse what is quick, and longer than a timer can be it is no problem', async () => {
  const { port } = await serve({ '/': metrics('a 1\n') });
  for (const timeout of ['30', '99999999'])
    expect((await ask(port, '/', 'GET', { 'x-prometheus-scrape-timeout-seconds': timeout })).status).toBe(200);
});

test('gzip only when accepted and over 1 KiB, HEAD with the length of GET', async () => {
  const { port } = await serve({ '/small': metrics('x'.repeat(1024)), '/large': metrics('x'.repeat(1025)) });
  const gzip = { 'accept-encoding': 'gzip' };
  expect((await ask(port, '/small', 'GET', gzip)).headers['content-encoding']).toBeUndefined();
  expect((await ask(port, '/large')).body.length).toBe(1025);
  const packed = await ask(port, '/large', 'GET', gzip);
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(packed.headers['content-length']).toBe(String(packed.body.length));
  expect(gunzipSync(packed.body).toString()).toBe('x'.repeat(1025));
  const head = await ask(port, '/large', 'HEAD', gzip);
  expect(head.headers['content-length']).toBe(packed.headers['content-length']);
  expect(head.body.length).toBe(0);
});

test.each([
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=0, *', false],
  ['gzip;q=x', false],
  ['identity', false],
  ['gzip;q=0.5, identity', false],
  ['identity;q=0.5, gzip', true],
  ['gzip;q=0.8, identity;q=0.8', true],
  ['identity;q=0, gzip;q=0.1', true],
  ['gzip;q=-1', false],
  ['x-gzip', true],
  ['', false],
])('Accept-Encoding %j takes gzip: %s', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});

test('other methods are refused, unknown paths are not found', async () => {
  const { port } = await serve({ '/metrics': metrics('a 1\n') });
  const post = await ask(port, '/metrics', 'POST');
  expect({ status: post.status, allow: post.headers.allow, connection: post.headers.connection }).toEqual({
    status: 405,
    allow: 'GET, HEAD',
    connection: 'close',
  });
  const missing = await ask(port, '/metrics/');
  expect([missing.status, missing.headers['content-type'], missing.body.toString()]).toEqual([
    404,
    'text/plain; charset=utf-8',
    'not found\n',
  ]);
  expect((await ask(port, '//metrics')).status).toBe(404);
  expect(
    await untilClosed(port, (socket) => socket.write('GET http://other/metrics HTTP/1.1\r\nHost: a\r\n\r\n')),
  ).toMatch(/^HTTP\/1\.1 400 /);
});

test.each<[string, HttpHandler]>([
  [
    'throws',
    () => {
      throw new Error('secret /path');
    },
  ],
  ['rejects', () => Promise.reject(new Error('secret /path'))],
  ['gives a header that splits', () => ({ status: 200, contentType: 'a\r\nb: c', body: 'secret /path' })],
])('a handler that %s is a 500 without its words, and a line in the log', async (_, handler) => {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => logged.push(fields) };
  const { port } = await serve({ '/': handler }, { logger });
  const answer = await ask(port, '/');
  expect(answer.status).toBe(500);
  expect(answer.body.toString()).toBe('internal error; the log of the agent says more\n');
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatchObject({ url: '/' });
});

test('more requests at once than allowed are answered 503, and the count comes back', async () => {
  const waiting: (() => void)[] = [];
  const { port } = await serve(
    {
      '/slow': () =>
        new Promise((resolve) => {
          waiting.push(() => {
            resolve({ status: 200, contentType: CONTENT_TYPE, body: 'done' });
          });
        }),
    },
    { maxRequests: 2 },
  );
  const first = [ask(port, '/slow'), ask(port, '/slow')];
  while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await ask(port, '/slow')).status).toBe(503);
  for (const go of waiting.splice(0)) go();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  const again = ask(port, '/slow');
  while (waiting.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  waiting[0]!();
  expect((await again).status).toBe(200);
});

test('requests in one go whose connection went away give their places back', async () => {
  const { port } = await serve(
    { '/never': () => new Promise(() => undefined), '/': metrics('a 1\n') },
    { maxRequests: 3, limits: { exchangeTimeoutMs: 100 } },
  );
  await untilClosed(port, (socket) => {
    socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3), () => {
      setTimeout(() => socket.destroy(), 20);
    });
  });
  let status = 503;
  while (status === 503) ({ status } = await ask(port, '/'));
  expect(status).toBe(200);
});

test('hostile clients are shown out', async () => {
  const { port } = await serve({ '/': metrics('a 1\n') }, { limits: { headersTimeoutMs: 100, maxHeaderBytes: 2000 } });
  const [slow, large, garbage] = await Promise.all([
    untilClosed(port, (socket) => socket.write('GET / HTTP/1.1\r\nHost: a\r\nx: ')),
    untilClosed(port, (socket) => socket.write(`GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(3000)}\r\n\r\n`)),
    untilClosed(port, (socket) => socket.write('\u0016\u0003\u0001 hello\r\n\r\n')),
  ]);
  expect(slow).toMatch(/^HTTP\/1\.1 408 /);
  expect(large).toMatch(/^HTTP\/1\.1 431 /);
  expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
  expect((await ask(port, '/')).status).toBe(200);
});

test('a handler that never answers does not hold its client for ever', async () => {
  const { port } = await serve({ '/': () => new Promise(() => undefined) }, { limits: { exchangeTimeoutMs: 100 } });
  await expect(ask(port, '/')).rejects.toThrow('socket hang up');
});

test('close ends kept connections, lets an answer under way finish, and is told apart from a dead server', async () => {
  let go = (): void => undefined;
  const { port, close } = await serve({
    '/': metrics('a 1\n'),
    '/slow': () =>
      new Promise((resolve) => {
        go = () => {
          resolve({ status: 200, contentType: CONTENT_TYPE, body: 'done' });
        };
      }),
  });
  let idleAnswered = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    idleAnswered = resolve;
  });
  const idle = untilClosed(port, (socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.once('data', () => {
      idleAnswered();
    });
  });
  await answered;
  const slow = ask(port, '/slow', 'GET', { connection: 'keep-alive' });
  const initial = go;
  while (go === initial) await new Promise((resolve) => setTimeout(resolve, 5));
  const closed = close(5000);
  expect(await idle).toContain('a 1\n');
  go();
  expect(await slow).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await closed;
  await expect(ask(port, '/')).rejects.toThrow('ECONNREFUSED');
});

test('several addresses are served, and none when one cannot be bound', async () => {
  const { addresses, port } = await serve({ '/': metrics('a 1\n') }, { addresses: ['127.0.0.1:0', '127.0.0.1:0'] });
  expect(addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.1']);
  expect(addresses[0]?.url).toBe(`http://127.0.0.1:${port}`);
  expect((await ask(addresses[1]!.port, '/')).status).toBe(200);
  const options = { routes: new Map<string, HttpHandler>(), logger: silentLogger };
  const taken = await startServer({ ...options, addresses: ['127.0.0.1:0', `127.0.0.1:${port}`] });
  expect(taken).toEqual({
    ok: false,
    miss: { kind: 'failed', reader: 'listen', source: `127.0.0.1:${port}`, detail: 'EADDRINUSE' },
  });
  expect(await startServer({ ...options, addresses: ['10119'] })).toMatchObject({
    ok: false,
    miss: { kind: 'malformed' },
  });
});

test.each([
  [':10119', { host: undefined, port: 10119 }],
  ['[::1]:9100', { host: '::1', port: 9100 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['localhost:65535', { host: 'localhost', port: 65535 }],
  ['localhost:65536', undefined],
  ['10119', undefined],
  ['::1:9100', undefined],
  ['[::1]', undefined],
  ['a b:1', undefined],
  ['', undefined],
])('listen address %j', (text, expected) => {
  expect(parseListenAddress(text)).toEqual(expected);
});

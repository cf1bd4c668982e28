import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { Reading } from '../../src/base/reading.ts';
import { type HttpBody, HttpClient, type HttpGet } from '../../src/io/http-client.ts';

const endings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(
    () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  );
  return (server.address() as AddressInfo).port;
}

async function httpServer(listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  endings.push(() => {
    server.closeAllConnections();
  });
  return listening(server);
}

/** Calls `answer` with the socket on each request head. */
async function rawServer(
  answer: (socket: Socket, request: number) => void,
): Promise<{ port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      requests += 1;
      answer(socket, requests);
    });
  });
  const port = await listening(server);
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { port, sockets };
}

function newClient(): HttpClient {
  const client = new HttpClient();
  endings.push(() => {
    client.close();
  });
  return client;
}

function request(port: number, more: Partial<HttpGet> = {}): HttpGet {
  return { host: '127.0.0.1', port, path: '/metrics', reader: 'test', deadlineMs: 2000, maxBytes: 1000, ...more };
}

function missOf(reading: Reading<HttpBody>): string {
  return reading.ok ? `read ${reading.value.body.length} bytes` : `${reading.miss.kind}: ${reading.miss.detail}`;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a plain answer gives status, type, body, header and latency on the clock it was given', async () => {
  const port = await httpServer((incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'x-go-pprof': '1' });
    response.end(
      `${incoming.headers.host ?? ''} ${incoming.headers.accept ?? ''} ${incoming.headers['accept-encoding'] ?? ''}`,
    );
  });
  let clock = 100;
  const client = new HttpClient({ now: () => (clock += 7) });
  endings.push(() => {
    client.close();
  });
  const reading = await client.get(request(port, { hostHeader: 'pod.example', accept: 'text/plain' }));
  expect(reading).toEqual({
    ok: true,
    value: {
      status: 200,
      contentType: 'text/plain',
      body: Buffer.from('pod.example text/plain identity'),
      latencyMs: 7,
      headers: { 'x-go-pprof': '1' },
    },
  });
});

test.each([
  [404, {}, 'absent: HTTP 404'],
  [404, { 'x-go-pprof': '1' }, 'absent: HTTP 404 from net/http/pprof'],
  [401, {}, 'denied: HTTP 401'],
  [403, {}, 'denied: HTTP 403'],
  [400, {}, 'failed: HTTP 400'],
  [500, {}, 'failed: HTTP 500'],
  [304, {}, 'failed: HTTP 304'],
  [
    302,
    { location: 'http://169.254.169.254/latest' },
    'failed: redirected to http://169.254.169.254/latest, not followed',
  ],
])('status %i with %j is %s', async (status, headers, expected) => {
  let requests = 0;
  const port = await httpServer((_, response) => {
    requests += 1;
    response.writeHead(status, headers).end('text');
  });
  const client = newClient();
  const reading = await client.get(request(port));
  expect(missOf(reading)).toBe(expected);
  expect(reading).toMatchObject({ miss: { reader: 'test', source: `http://127.0.0.1:${port}/metrics` } });
  expect(requests).toBe(1);
  await until(() => client.socketCount === 0);
});

test('gzip is asked for when wanted and inflated', async () => {
  const port = await httpServer((incoming, response) => {
    expect(incoming.headers['accept-encoding']).toBe('gzip');
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a 1\n'));
  });
  const reading = await newClient().get(request(port, { gzip: true }));
  expect(reading.ok && reading.value.body.toString()).toBe('a 1\n');
});

test.each([
  ['a bomb', 'gzip', gzipSync(Buffer.alloc(500_000)), 'failed: inflates to over 1000 bytes'],
  [
    'a cut stream',
    'gzip',
    gzipSync('hello hello hello').subarray(0, 20),
    'malformed: not complete gzip data: Z_BUF_ERROR',
  ],
  ['no gzip at all', 'gzip', Buffer.from('hello'), 'malformed: not complete gzip data: Z_DATA_ERROR'],
  ['another coding', 'br', Buffer.from('hello'), 'malformed: content-encoding br was not asked for'],
])('compressed: %s', async (_, encoding, body, expected) => {
  const port = await httpServer((_incoming, response) => {
    response.writeHead(200, { 'content-encoding': encoding }).end(body);
  });
  expect(missOf(await newClient().get(request(port, { gzip: true })))).toBe(expected);
});

test('exactly the cap is read, one byte more is not, announced or not', async () => {
  const port = await httpServer((incoming, response) => {
    const body = 'x'.repeat(Number(incoming.url?.slice(2)));
    if (incoming.url?.startsWith('/l') === true) response.writeHead(200, { 'content-length': body.length });
    response.write(body);
    response.end();
  });
  const client = newClient();
  expect(missOf(await client.get(request(port, { path: '/l1000' })))).toBe('read 1000 bytes');
  expect(missOf(await client.get(request(port, { path: '/l1001' })))).toBe('failed: over 1000 bytes');
  expect(missOf(await client.get(request(port, { path: '/c1000' })))).toBe('read 1000 bytes');
  expect(missOf(await client.get(request(port, { path: '/c1001' })))).toBe('failed: over 1000 bytes');
});

const DEADLINE = { deadlineMs: 200 };
const NO_ANSWER = 'failed: no complete answer within 200 ms';

test.each<[string, (socket: Socket) => void, string]>([
  ['silence', () => undefined, NO_ANSWER],
  [
    'headers without end',
    (socket) => {
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.write('HTTP/1.1 200 OK\r\n');
    },
    NO_ANSWER,
  ],
  [
    'a body that drips',
    (socket) => {
      const timer = setInterval(() => socket.write('1\r\nx\r\n'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    },
    NO_ANSWER,
  ],
  [
    'informational answers without end',
    (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
    },
    NO_ANSWER,
  ],
  [
    'a body shorter than announced, held open',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'),
    NO_ANSWER,
  ],
  [
    'a body shorter than announced, closed',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'),
    'failed: the answer ended early: ECONNRESET',
  ],
  [
    'a chunked body without its end',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n'),
    'failed: the answer ended early: ECONNRESET',
  ],
  ['a body without any framing', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'), 'read 5 bytes'],
  [
    'a body longer than announced',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger'),
    'malformed: not an HTTP answer: HPE_INVALID_CONSTANT',
  ],
  [
    'a negative length',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nlonger'),
    'malformed: not an HTTP answer: HPE_INVALID_CONTENT_LENGTH',
  ],
  [
    'two framings',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n'),
    'malformed: not an HTTP answer: HPE_INVALID_TRANSFER_ENCODING',
  ],
  [
    'a chunk size that is no number',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    'malformed: not an HTTP answer: HPE_INVALID_CHUNK_SIZE',
  ],
  [
    'a header bomb',
    (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x: yyyyyyyyyyyyyyyyyyyy\r\n'.repeat(2000)}\r\n`),
    'failed: headers over 16384 bytes',
  ],
  ['another protocol', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'unsupported: not HTTP'],
  // A SETTINGS frame with MAX_FRAME_SIZE (5) 16384 on stream 0, as grpc-go begins.
  [
    'an HTTP/2 preface',
    (socket) => socket.end(Buffer.from('000006040000000000000500004000', 'hex')),
    'unsupported: gRPC or HTTP/2 only',
  ],
  // Level fatal (2), unexpected_message (10).
  ['a TLS alert', (socket) => socket.end(Buffer.from('1503010002020a', 'hex')), 'unsupported: TLS'],
  [
    'what Go says on a TLS port',
    (socket) => socket.end('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'),
    'unsupported: TLS',
  ],
  [
    'what nginx says on a TLS port',
    (socket) => {
      const body = '<center>The plain HTTP request was sent to HTTPS port</center>';
      socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    },
    'unsupported: TLS',
  ],
  [
    'a 400 that does not end',
    (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 600\r\n\r\nbad'),
    'failed: HTTP 400',
  ],
  [
    'a 400 that is cut',
    (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 600\r\n\r\nbad'),
    'failed: HTTP 400',
  ],
  [
    'a 400 with a long body',
    (socket) => socket.write(`HTTP/1.1 400 Bad Request\r\nContent-Length: 600\r\n\r\n${'x'.repeat(600)}`),
    'failed: HTTP 400',
  ],
  [
    'a heading in pieces that turns out wrong',
    (socket) => {
      socket.write('HTTP/');
      setTimeout(() => socket.write('\x00\x00'), 20);
    },
    'malformed: not an HTTP answer: HPE_INVALID_VERSION',
  ],
  ['a closed connection', (socket) => socket.end(), 'failed: ECONNRESET'],
  ['a reset', (socket) => socket.resetAndDestroy(), 'failed: ECONNRESET'],
  [
    'a change of protocol',
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'failed: closed without an answer',
  ],
  [
    'one-byte chunks over the cap',
    (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(1001)}0\r\n\r\n`),
    'failed: over 1000 bytes',
  ],
  [
    'one-byte chunks up to the cap',
    (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(1000)}0\r\n\r\n`),
    'read 1000 bytes',
  ],
])('a server that answers with %s', async (_, answer, expected) => {
  const { port, sockets } = await rawServer(answer);
  const client = newClient();
  expect(missOf(await client.get(request(port, DEADLINE)))).toBe(expected);
  client.close();
  await until(() => sockets.size === 0 && client.socketCount === 0);
});

test('a refused connection, a missing unix socket, https to a plain server', async () => {
  const port = await listeningThenClosed();
  const client = newClient();
  expect(missOf(await client.get(request(port)))).toBe('failed: ECONNREFUSED');
  expect(missOf(await client.get(request(port, { socketPath: '/nonexistent/socket' })))).toBe('absent: ENOENT');
  const plain = await httpServer((_, response) => response.end());
  expect(missOf(await client.get(request(plain, { tls: true, insecureSkipVerify: true })))).toMatch(
    /^failed: (EPROTO|ERR_SSL_)/,
  );
  await until(() => client.socketCount === 0);
});

test('what node would throw on is a miss', async () => {
  const client = newClient();
  expect(missOf(await client.get(request(1, { host: 'localhost' })))).toBe('failed: the host is not an IP address');
  expect(missOf(await client.get(request(1, { path: '/a\r\nb: c' })))).toBe('failed: ERR_UNESCAPED_CHARACTERS');
  expect(missOf(await client.get(request(1, { hostHeader: 'a\r\nb: c' })))).toBe('failed: ERR_INVALID_CHAR');
  expect(missOf(await client.get(request(70_000)))).toBe('failed: ERR_SOCKET_BAD_PORT');
});

test('one connection is kept per target and requests to it take turns', async () => {
  let underWay = 0;
  let most = 0;
  const ports = new Set<number | undefined>();
  const port = await httpServer((incoming, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    ports.add(incoming.socket.remotePort);
    setTimeout(() => {
      underWay -= 1;
      response.end('x');
    }, 10);
  });
  const client = newClient();
  const readings = await Promise.all([1, 2, 3].map(() => client.get(request(port))));
  expect(readings.map(missOf)).toEqual(['read 1 bytes', 'read 1 bytes', 'read 1 bytes']);
  expect({ most, connections: ports.size, kept: client.socketCount }).toEqual({ most: 1, connections: 1, kept: 1 });
});

test('a request waiting for its turn keeps its deadline', async () => {
  const { port } = await rawServer(() => undefined);
  const client = newClient();
  const first = client.get(request(port, { deadlineMs: 400 }));
  expect(missOf(await client.get(request(port, DEADLINE)))).toBe(NO_ANSWER);
  expect(missOf(await first)).toBe('failed: no complete answer within 400 ms');
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n';

test('a kept connection that is reset is tried once more on a new one', async () => {
  const { port } = await rawServer((socket, count) => {
    if (count === 2) socket.resetAndDestroy();
    else socket.write(`${OK}${count}`);
  });
  const client = newClient();
  await client.get(request(port));
  const second = await client.get(request(port));
  expect(second.ok && second.value.body.toString()).toBe('3');
});

test('the second try is the last', async () => {
  let seen = 0;
  const { port } = await rawServer((socket, count) => {
    seen = count;
    if (count === 1) socket.write(`${OK}x`);
    else socket.resetAndDestroy();
  });
  const client = newClient();
  await client.get(request(port));
  expect(missOf(await client.get(request(port)))).toBe('failed: ECONNRESET');
  expect(seen).toBe(3);
});

test('a reset after the first byte of an answer is not tried again', async () => {
  let seen = 0;
  const { port } = await rawServer((socket, count) => {
    seen = count;
    if (count === 1) socket.write(`${OK}x`);
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort');
  });
  const client = newClient();
  await client.get(request(port));
  expect(missOf(await client.get(request(port)))).toBe('failed: the answer ended early: ECONNRESET');
  expect(seen).toBe(2);
});

test('close ends requests under way and waiting, and later ones miss', async () => {
  const { port, sockets } = await rawServer(() => undefined);
  const client = newClient();
  const readings = [client.get(request(port)), client.get(request(port))];
  await until(() => sockets.size === 1);
  client.close();
  expect((await Promise.all(readings)).map(missOf)).toEqual([
    'failed: the client is closed',
    'failed: the client is closed',
  ]);
  expect(missOf(await client.get(request(port)))).toBe('failed: the client is closed');
  await until(() => sockets.size === 0);
  await until(() => client.socketCount === 0);
});

async function listeningThenClosed(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

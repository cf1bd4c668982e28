import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import type { Reading } from '../../src/base/reading.ts';
import { type HttpAnswer, HttpPoster, type HttpPosterOptions } from '../../src/io/http-post.ts';
import { hasOpenssl, type IssuedCertificate, TestAuthority } from '../tools/certificates.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'http-post-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function poster(url: string, more: Partial<HttpPosterOptions> = {}): HttpPoster {
  let clock = 0;
  const made = new HttpPoster({
    url,
    reader: 'test',
    deadlineMs: 10_000,
    maxAnswerBytes: 40,
    now: () => (clock += 5),
    ...more,
  });
  endings.push(() => {
    made.close();
  });
  return made;
}
const plain = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createHttpServer(listener))}/api/v2/alerts`;
const missOf = (answer: Reading<HttpAnswer>): string =>
  answer.ok ? `HTTP ${answer.value.status}` : `${answer.miss.kind}: ${answer.miss.detail}`;
function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

test('sends the body as JSON, and the header of the answer is enough', async () => {
  const seen: unknown[] = [];
  const url = await plain((request, response) => {
    void bodyOf(request).then((body) => {
      const { 'content-type': type, 'content-length': length, authorization } = request.headers;
      seen.push([request.method, request.url, type, length, authorization, body]);
      // It never ends.
      response.writeHead(200).write('drip');
    });
  });
  const answer = await poster(url).post('[{"ü":1}]');
  expect(answer).toEqual({ ok: true, value: { status: 200, text: '', latencyMs: 5 } });
  // ü is two bytes.
  expect(seen).toEqual([['POST', '/api/v2/alerts', 'application/json', '10', undefined, '[{"ü":1}]']]);
});

test('of a refusal the beginning of the text is kept, up to the cap', async () => {
  const url = await plain((_, response) => {
    response.writeHead(400).end('"start time must be before end time"');
  });
  expect(await poster(url).post('[]')).toMatchObject({
    value: { status: 400, text: '"start time must be before end time"' },
  });
  const huge = await plain((_, response) => {
    response.writeHead(500);
    const more = (): void => void response.write('x'.repeat(65_536), more);
    more();
  });
  expect(await poster(huge).post('[]')).toMatchObject({ value: { status: 500, text: 'x'.repeat(40) } });
});

test('a redirect is an answer like others, and nobody goes there', async () => {
  let asked = 0;
  const url = await plain((request, response) => {
    asked += 1;
    response.writeHead(307, { location: request.url === '/api/v2/alerts' ? '/elsewhere' : '' }).end();
  });
  expect(await poster(url).post('[]')).toMatchObject({ value: { status: 307 } });
  expect(asked).toBe(1);
});

describe('fake hostile servers', () => {
  const raw = async (answer: (socket: Socket) => void): Promise<string> =>
    `http://127.0.0.1:${await listening(
      createTcpServer((socket) =>
        socket.once('data', () => {
          answer(socket);
        }),
      ),
    )}/`;

  it('one that never answers costs the deadline', async () => {
    const answer = await poster(await raw(() => undefined), { deadlineMs: 50 }).post('[]');
    expect(missOf(answer)).toBe('failed: no answer within 50 ms');
  });

  it('one that drips its header costs the deadline', async () => {
    const url = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 5);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
    expect(missOf(await poster(url, { deadlineMs: 80 }).post('[]'))).toBe('failed: no answer within 80 ms');
  });

  it('one that drips the text of a refusal is taken at its status', async () => {
    const url = await raw((socket) => {
      socket.write('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 1000\r\n\r\nslow');
    });
    expect(await poster(url, { deadlineMs: 3000 }).post('[]')).toMatchObject({ value: { status: 429, text: 'slow' } });
  });

  it.each([
    ['closes at once', (socket: Socket) => void socket.end(), /^failed: (ECONNRESET|closed without an answer)$/],
    ['breaks the connection', (socket: Socket) => void socket.resetAndDestroy(), /^failed: ECONNRESET$/],
    ['speaks something else', (socket: Socket) => void socket.end('SSH-2.0-x\r\n'), /^failed: HPE_INVALID_CONSTANT$/],
    [
      'sends 1 MB of header',
      (socket: Socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}`),
      /^failed: HPE_HEADER_OVERFLOW$/,
    ],
  ])('one that %s is a miss', async (_, answer, miss) => {
    expect(missOf(await poster(await raw(answer)).post('[]'))).toMatch(miss);
  });

  it('does not read the body, and answers', async () => {
    const url = await raw((socket) => {
      socket.pause();
      socket.write('HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n');
    });
    expect(await poster(url).post('x'.repeat(8_000_000))).toMatchObject({ value: { status: 413 } });
  });
});

test('nobody there, a name that does not exist, and a client that is closed', async () => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(missOf(await poster(`http://127.0.0.1:${port}/`).post('[]'))).toBe('failed: ECONNREFUSED');
  expect(missOf(await poster('http://nobody.invalid/').post('[]'))).toMatch(/^failed: (ENOTFOUND|EAI_AGAIN)$/);
  const waiting = poster(`http://127.0.0.1:${await listening(createTcpServer())}/`);
  const answer = waiting.post('[]');
  waiting.close();
  expect(missOf(await answer)).toBe('failed: the client is closed');
  expect(missOf(await waiting.post('[]'))).toBe('failed: the client is closed');
});

describe('credentials', () => {
  const authorization = async (): Promise<{ url: string; seen: (string | undefined)[] }> => {
    const seen: (string | undefined)[] = [];
    const url = await plain((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    return { url, seen };
  };

  it('reads the password for each request, without the line feed at its end', async () => {
    const { url, seen } = await authorization();
    const passwordFile = file('password', 'one:two ü\n');
    const client = poster(url, { basicAuth: { username: 'me', passwordFile } });
    await client.post('[]');
    file('password', 'other');
    await client.post('[]');
    const decoded = seen.map((header) => Buffer.from(header?.slice('Basic '.length) ?? '', 'base64').toString());
    expect(decoded).toEqual(['me:one:two ü', 'me:other']);
  });

  it('reads the token for each request', async () => {
    const { url, seen } = await authorization();
    const bearerTokenFile = file('token', 'abc.def\n');
    const client = poster(url, { bearerTokenFile });
    await client.post('[]');
    file('token', 'ghi');
    await client.post('[]');
    expect(seen).toEqual(['Bearer abc.def', 'Bearer ghi']);
  });

  it.each([
    ['is not there', undefined, 'absent: ENOENT'],
    ['is empty', ' \n', 'malformed: is empty'],
    ['has two lines', 'abc\ndef', 'malformed: is no token'],
    ['is too large', 'x'.repeat(65_537), 'failed: over 65536 bytes'],
  ])('sends nothing when the file %s', async (_, text, miss) => {
    const { url, seen } = await authorization();
    const bearerTokenFile = text === undefined ? join(directory, 'nowhere') : file('bad-token', text);
    const answer = await poster(url, { bearerTokenFile }).post('[]');
    expect(missOf(answer)).toBe(miss);
    expect(answer).toMatchObject({ miss: { source: bearerTokenFile } });
    expect(seen).toEqual([]);
  });

  it('takes no certificate out of a file that has none', async () => {
    const caFile = file('no.pem', 'no certificate');
    const answer = await poster('https://127.0.0.1:1/', { tls: { certFile: caFile, keyFile: caFile } }).post('[]');
    expect(missOf(answer)).toMatch(/^(malformed|failed): ERR_OSSL/);
  });
});

describe.skipIf(!hasOpenssl())('TLS', () => {
  let authority: TestAuthority;
  let server: IssuedCertificate;
  let client: IssuedCertificate;
  beforeAll(() => {
    authority = new TestAuthority(join(directory, 'tls'));
    server = authority.issue('server', 'DNS:am.example,IP:127.0.0.1', 'serverAuth');
    client = authority.issue('client', 'DNS:cgopher', 'clientAuth');
  });
  const secured = async (more: ServerOptions, names: string[] = []): Promise<string> => {
    const options = { cert: readFileSync(server.cert), key: readFileSync(server.key), ...more };
    const made = createHttpsServer(options, (_, response) => {
      response.end();
    });
    made.on('secureConnection', (socket) => {
      names.push(socket.getPeerX509Certificate()?.subject ?? 'nobody');
    });
    return `https://127.0.0.1:${await listening(made)}/`;
  };

  it('trusts the authority of the file, by address and by name', async () => {
    const url = await secured({});
    const caFile = authority.cert;
    expect(missOf(await poster(url, { tls: { caFile } }).post('[]'))).toBe('HTTP 200');
    expect(missOf(await poster(url, { tls: { caFile, serverName: 'am.example' } }).post('[]'))).toBe('HTTP 200');
    expect(missOf(await poster(url, { tls: { caFile, serverName: 'other.example' } }).post('[]'))).toBe(
      'failed: ERR_TLS_CERT_ALTNAME_INVALID',
    );
    expect(missOf(await poster(url).post('[]'))).toBe('failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('shows its certificate where one is asked for', async () => {
    const names: string[] = [];
    const url = await secured({ requestCert: true, rejectUnauthorized: true, ca: readFileSync(authority.cert) }, names);
    const caFile = authority.cert;
    const shown = { caFile, certFile: client.cert, keyFile: client.key };
    expect(missOf(await poster(url, { tls: shown }).post('[]'))).toBe('HTTP 200');
    expect(missOf(await poster(url, { tls: { caFile } }).post('[]'))).toMatch(/^failed: /);
    expect(names).toEqual(['CN=client']);
  });
});

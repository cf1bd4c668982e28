import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type HttpsGet, httpsStream, type StreamEnd } from '../../src/io/https-stream.ts';
import { hasOpenssl, type IssuedCertificate, TestAuthority } from '../tools/certificates.ts';

describe.skipIf(!hasOpenssl())('a stream over TLS', () => {
  let directory = '';
  let ca = '';
  let certificate: IssuedCertificate;
  let server: Server | undefined;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cgopher-stream-'));
    const authority = new TestAuthority(directory);
    ca = readFileSync(authority.cert, 'utf8');
    certificate = authority.issue('server', 'DNS:localhost,IP:127.0.0.1', 'serverAuth');
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  afterEach(async () => {
    server?.closeAllConnections();
    const ending = server;
    if (ending !== undefined) await new Promise((resolve) => ending.close(resolve));
    server = undefined;
  });

  /** What was taken, and how it ended. */
  async function stream(
    answer: RequestListener,
    over: Partial<HttpsGet> = {},
    take: (piece: Uint8Array) => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<{ readonly text: string; readonly end: StreamEnd }> {
    server = createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, answer);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const get: HttpsGet = {
      host: '127.0.0.1',
      port,
      path: '/pods?x=1',
      ca,
      insecureSkipVerify: false,
      token: 'secret-token',
      reader: 'kubernetes_pods',
      deadlineMs: 20_000,
      silenceMs: 20_000,
      maxBytes: 1 << 20,
      ...over,
    };
    const pieces: Buffer[] = [];
    const taker = {
      take: (piece: Uint8Array) => {
        pieces.push(Buffer.from(piece));
        return take(piece);
      },
    };
    const end = await httpsStream(get, taker, signal);
    return { text: Buffer.concat(pieces).toString(), end };
  }

  const detail = ({ end }: { readonly end: StreamEnd }): string =>
    end.how === 'missed' ? `${end.miss.kind}: ${end.miss.detail}` : end.how;

  test('gives the body, plain or as gzip, and sends the token', async () => {
    const headers: IncomingMessage['headers'][] = [];
    const plain = await stream((request, response) => {
      headers.push(request.headers);
      response.end('hello');
    });
    expect(plain).toEqual({ text: 'hello', end: { how: 'ended' } });
    expect(headers[0]).toMatchObject({ authorization: 'Bearer secret-token', 'accept-encoding': 'gzip' });
    server?.closeAllConnections();
    const zipped = await stream((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello, hello'));
    });
    expect(zipped).toEqual({ text: 'hello, hello', end: { how: 'ended' } });
  });

  test('knows a server by name, too', async () => {
    expect((await stream((_, response) => response.end('x'), { host: 'localhost' })).end.how).toBe('ended');
  });

  test.each<[string, Partial<HttpsGet>, (response: ServerResponse) => void, RegExp]>([
    [
      'a body over the cap',
      { maxBytes: 1000 },
      (response) => response.end('x'.repeat(1001)),
      /failed: (inflates to )?over 1000 bytes/,
    ],
    [
      'a bomb',
      { maxBytes: 100_000 },
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10 << 20))),
      /failed: inflates to over 100000 bytes/,
    ],
    [
      'gzip that is none',
      {},
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('hello'),
      /malformed: not complete gzip data/,
    ],
    [
      'gzip that is cut short',
      {},
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello, hello').subarray(0, -9)),
      /malformed: not complete gzip data/,
    ],
    [
      'another compression',
      {},
      (response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      /malformed: content-encoding br was not asked for/,
    ],
    [
      'an answer that ends early',
      {},
      (response) => {
        response.writeHead(200, { 'content-length': '10' }).write('abc', () => {
          response.destroy();
        });
      },
      /failed: (the answer ended early|ECONNRESET)/,
    ],
    [
      'a server that drips',
      { deadlineMs: 300 },
      (response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(drip);
        });
      },
      /failed: no complete answer within 300 ms/,
    ],
    [
      'a server that falls silent',
      { silenceMs: 100 },
      (response) => {
        response.writeHead(200).write('abc');
      },
      /failed: nothing came for 100 ms/,
    ],
    ['a server that never answers', { silenceMs: 100 }, () => undefined, /failed: nothing came for 100 ms/],
    [
      'headers without end',
      {},
      (response) => {
        response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`);
      },
      /failed: HPE_HEADER_OVERFLOW/,
    ],
  ])('%s is a miss', async (_, over, answer, pattern) => {
    const got = await stream((_request, response) => {
      answer(response);
    }, over);
    expect(detail(got)).toMatch(pattern);
    expect(JSON.stringify(got.end)).not.toContain('secret-token');
  });

  test('the taker and the signal end it', async () => {
    const endless: RequestListener = (_, response) => {
      const more = setInterval(() => response.write('x'.repeat(100)), 1);
      response.on('close', () => {
        clearInterval(more);
      });
    };
    expect((await stream(endless, {}, () => false)).end).toEqual({ how: 'stopped' });
    server?.closeAllConnections();
    const stop = new AbortController();
    const stopping = stream(
      endless,
      {},
      () => {
        stop.abort();
        return true;
      },
      stop.signal,
    );
    expect((await stopping).end).toEqual({ how: 'stopped' });
    expect((await stream(endless, {}, undefined, AbortSignal.abort())).end).toEqual({ how: 'stopped' });
  });

  test('what the taker throws is the caller’s', async () => {
    const thrown = stream(
      (_, response) => response.end('x'),
      {},
      () => {
        throw new Error('mine');
      },
    );
    await expect(thrown).rejects.toThrow('mine');
  });

  test('a token that would end the header is not sent', async () => {
    const got = await stream((_, response) => response.end('x'), { token: 'a\r\nx: y' });
    expect(detail(got)).toBe('failed: ERR_INVALID_CHAR');
  });
});

import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/io/http-client.ts';
import { otherProtocol, saysItWantsTls } from '../../src/io/other-protocol.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('otherProtocol', () => {
  it.each([
    // Length, type 4, flags, stream 0.
    ['an empty SETTINGS frame', hex('000000 04 00 00000000'), 'gRPC or HTTP/2 only'],
    ['a SETTINGS frame of three settings', hex('000012 04 00 00000000 0003'), 'gRPC or HTTP/2 only'],
    ['a frame of another type', hex('000000 07 00 00000000'), 'not HTTP'],
    ['a SETTINGS frame on a stream', hex('000000 04 00 00000001'), 'not HTTP'],
    ['half a frame heading', hex('000000 04'), 'not HTTP'],
    ['a TLS alert', hex('15 0301 0002 02 0a'), 'TLS'],
    ['half a TLS alert', hex('15 03'), 'TLS'],
    ['one byte of it', hex('15'), 'not HTTP'],
    ['Redis', Buffer.from('-ERR unknown command\r\n'), 'not HTTP'],
    ['the start of HTTP', Buffer.from('HT'), undefined],
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\n'), undefined],
    ['HTTP in lower case', Buffer.from('http/1.1'), 'not HTTP'],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_, first, expected) => {
    expect(otherProtocol(first)).toBe(expected);
  });
});

it('a 400 that speaks of something else does not want TLS', () => {
  expect(saysItWantsTls(Buffer.from('bad request'))).toBe(false);
  expect(saysItWantsTls(Buffer.from('Client sent an HTTP request to an HTTPS server.\n'))).toBe(true);
});

describe('real servers', () => {
  let client: HttpClient;
  let servers: Server[];
  beforeEach(() => {
    client = new HttpClient();
    servers = [];
  });
  afterEach(() => {
    client.close();
    for (const server of servers) server.close();
  });

  async function answerOf(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const reading = await client.get({
      host: '127.0.0.1',
      port,
      path: '/debug/pprof/',
      reader: 'test',
      deadlineMs: 1000,
      maxBytes: 1000,
    });
    return reading.ok ? 'read' : `${reading.miss.kind}: ${reading.miss.detail}`;
  }

  it('HTTP/2 without TLS', async () => {
    const server = createHttp2Server();
    server.on('sessionError', () => undefined);
    expect(await answerOf(server)).toBe('unsupported: gRPC or HTTP/2 only');
  });

  it('TLS by OpenSSL hangs up without a word, which is not told from a broken server', async () => {
    const server = createTlsServer({});
    server.on('tlsClientError', () => undefined);
    expect(await answerOf(server)).toBe('failed: ECONNRESET');
  });

  it('one that says nothing', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
    });
    expect(await answerOf(server)).toBe('failed: no complete answer within 1000 ms');
  });
});

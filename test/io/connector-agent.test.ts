import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { found, missed, type Reading } from '../../src/base/reading.ts';
import type { Connector } from '../../src/io/connector.ts';
import { HttpClient, type HttpGet } from '../../src/io/http-client.ts';

let server: Server;
let client: HttpClient;
let connections = 0;

beforeEach(async () => {
  connections = 0;
  client = new HttpClient();
  server = createServer((request, response) => response.end(request.headers.host));
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

const connected = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      resolve(socket);
    });
  });

async function ask(connector: Connector, more: Partial<HttpGet> = {}): Promise<string> {
  const get = { host: '192.0.2.1', port: 6060, path: '/', reader: 'test', deadlineMs: 2000, maxBytes: 100 };
  const reading = await client.get({ ...get, connector, ...more });
  return reading.ok ? reading.value.body.toString() : `${reading.miss.kind}: ${reading.miss.detail}`;
}

describe('a request by a connector', () => {
  it('shares its connection with requests of the same key only', async () => {
    const deadlines: number[] = [];
    const named = (key: string): Connector => ({
      key,
      connect: async (deadlineMs) => {
        deadlines.push(deadlineMs);
        return found(await connected());
      },
    });
    expect(await ask(named('a'))).toBe('192.0.2.1:6060');
    expect(await ask(named('a'))).toBe('192.0.2.1:6060');
    expect(await ask(named('b'), { host: 'localhost', port: 0 })).toBe('localhost');
    expect(connections).toBe(2);
    expect(client.socketCount).toBe(2);
    expect(deadlines).toEqual([2000, 2000]);
  });

  it('gives on why there is no connection', async () => {
    const connect = (): Promise<Reading<never>> => Promise.resolve(missed('denied', 'x', 'y', 'needs more'));
    expect(await ask({ key: 'a', connect })).toBe('denied: needs more');
    expect(await ask({ key: 'a', connect }, { tls: true })).toBe('failed: TLS is not spoken through a connector');
    expect(client.socketCount).toBe(0);
  });

  it('ends a connection that comes after the deadline', async () => {
    let socket: Socket | undefined;
    let arrive: (() => void) | undefined;
    const late: Connector = {
      key: 'a',
      connect: async () => {
        await new Promise<void>((resolve) => {
          arrive = resolve;
        });
        socket = await connected();
        return found(socket);
      },
    };
    expect(await ask(late, { deadlineMs: 50 })).toBe('failed: no complete answer within 50 ms');
    arrive?.();
    while (socket?.destroyed !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.socketCount).toBe(0);
  });

  it('ends a connection that comes after the client was closed', async () => {
    let socket: Socket | undefined;
    let arrive: (() => void) | undefined;
    const late: Connector = {
      key: 'a',
      connect: async () => {
        await new Promise<void>((resolve) => {
          arrive = resolve;
        });
        socket = await connected();
        return found(socket);
      },
    };
    const answer = ask(late);
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.close();
    expect(await answer).toBe('failed: the client is closed');
    arrive?.();
    while (socket?.destroyed !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.socketCount).toBe(0);
  });
});

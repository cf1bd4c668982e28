import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { parseListenSockets } from '../../../src/kernel/proc/net.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';

/* The kernel of this machine: listeners first, and sockstat counting them, is what the reader relies on. */
describe('sockets of this process', () => {
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: 0 });
  const processes = new ProcessReader({ procRoot: '/proc', files });
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'live-sockets-'));

  const listening = (server: Server): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('listening', resolve).once('error', reject);
    });

  beforeAll(async () => {
    for (let count = 0; count < 12; count += 1) {
      const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
      servers.push(server);
      await listening(server);
    }
    for (const server of servers.flatMap((one) => Array.from({ length: 5 }, () => one))) {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      sockets.push(socket);
      await new Promise((resolve) => socket.once('connect', resolve));
    }
    const unix = createServer().listen(join(directory, 'a b.sock'));
    servers.push(unix);
    await listening(unix);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are those that the whole table has', () => {
    const own = processes.socketInodes(process.pid);
    const found = processes.listenSockets(process.pid);
    if (!own.ok || !found.ok) throw new Error('this process cannot read itself');
    const whole = readFileSync('/proc/self/net/tcp');
    const mine = (all: readonly { readonly inode: number }[] | undefined) =>
      all?.filter(({ inode }) => own.value.has(inode));
    const expected = mine(parseListenSockets(whole, whole.length));
    expect(expected?.length).toBeGreaterThanOrEqual(12);
    expect(mine(found.value)).toEqual(expected);
  });

  it('include the unix socket by its path', () => {
    const own = processes.socketInodes(process.pid);
    const found = processes.unixListenSockets(process.pid);
    if (!own.ok || !found.ok) throw new Error('this process cannot read itself');
    const paths = found.value.filter(({ inode }) => own.value.has(inode)).map(({ path }) => path);
    expect(paths).toContain(join(directory, 'a b.sock'));
  });
});

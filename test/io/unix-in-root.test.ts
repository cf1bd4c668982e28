import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/io/http-client.ts';
import { unixSocketInRoot } from '../../src/io/unix-in-root.ts';
import { deadSocket } from './dead-socket.ts';

/* `root` stands for /proc/PID/root: what lies beside it is the reader's own. */
let directory = '';
let root = '';
let servers: Server[];
let client: HttpClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unix-in-root-'));
  root = join(directory, 'root');
  servers = [];
  client = new HttpClient();
});
afterEach(async () => {
  client.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(directory, { recursive: true, force: true });
});

/** A server that says its name. */
async function serve(path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const server = createServer((request, response) => response.end(`${path} ${request.headers.host ?? ''}`));
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
}

async function ask(path: string): Promise<string> {
  const reading = await client.get({
    host: 'localhost',
    port: 0,
    path: '/debug/pprof/',
    reader: 'test',
    deadlineMs: 2000,
    maxBytes: 1000,
    connector: unixSocketInRoot(root, path),
  });
  return reading.ok ? reading.value.body.toString() : `${reading.miss.kind}: ${reading.miss.detail}`;
}

describe('a unix socket below a root', () => {
  it('answers, and keeps its connection', async () => {
    await serve(join(root, 'run/app.sock'));
    expect(await ask('/run/app.sock')).toBe(`${root}/run/app.sock localhost`);
    expect(await ask('/run/app.sock')).toBe(`${root}/run/app.sock localhost`);
    expect(client.socketCount).toBe(1);
  });

  it('answers at a path longer than sun_path', async () => {
    // A server cannot bind such a path itself; the root's own path is what makes it long.
    await serve(join(root, 'app.sock'));
    const deep = join(directory, 'd'.repeat(120));
    await mkdir(deep);
    await symlink(root, join(deep, 'root'));
    root = join(deep, 'root');
    expect(`${root}/app.sock`.length).toBeGreaterThan(107);
    expect(await ask('/app.sock')).toContain('app.sock localhost');
  });

  it('leaves no descriptor behind', async () => {
    await serve(join(root, 'app.sock'));
    await ask('/app.sock');
    await ask('/none.sock');
    const links = await Promise.all(
      readdirSync('/proc/self/fd').map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(links.filter((link) => link.startsWith(directory))).toEqual([]);
  });
});

describe('what leads elsewhere is refused', () => {
  const outside = (): string => join(directory, 'host.sock');

  beforeEach(async () => {
    await mkdir(join(root, 'run'), { recursive: true });
    await serve(outside());
  });

  it('an absolute link in place of the socket', async () => {
    await symlink(outside(), join(root, 'app.sock'));
    expect(await ask('/app.sock')).toBe('denied: a symbolic link, not followed');
  });

  it('a relative link in place of the socket', async () => {
    await symlink('../host.sock', join(root, 'app.sock'));
    expect(await ask('/app.sock')).toBe('denied: a symbolic link, not followed');
  });

  it('a link in place of a directory', async () => {
    await symlink(directory, join(root, 'run/up'));
    expect(await ask('/run/up/host.sock')).toMatch(/^denied: (ENOTDIR|ELOOP)/);
  });

  it('dots and empty names', async () => {
    for (const path of [
      '/../host.sock',
      '/run/../../host.sock',
      '/./app.sock',
      '//app.sock',
      '/run/',
      '/',
      '',
      'app.sock',
    ])
      expect(await ask(path)).toBe('unsupported: not a plain absolute path');
    expect(await ask('/x'.repeat(33))).toBe('unsupported: not a plain absolute path');
  });

  it('what is no socket, or not there, or a path with a zero byte', async () => {
    await writeFile(join(root, 'file'), '');
    expect(await ask('/file')).toBe('absent: not a socket');
    expect(await ask('/run')).toBe('absent: not a socket');
    expect(await ask('/none')).toBe('absent: ENOENT');
    expect(await ask('/a\0b')).toBe('failed: ERR_INVALID_ARG_VALUE');
  });

  it('a socket nobody listens on any more', async () => {
    const path = join(root, 'dead.sock');
    await deadSocket(path);
    expect(await ask('/dead.sock')).toBe('failed: ECONNREFUSED');
  });
});

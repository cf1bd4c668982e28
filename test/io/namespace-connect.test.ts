import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../src/base/reading.ts';
import { HttpClient } from '../../src/io/http-client.ts';
import { connectInNamespace } from '../../src/io/namespace-connect.ts';
import { NamespaceDoors } from '../../src/io/namespace-doors.ts';
import { type NamespaceServer, namespaceServer, namespacesImpossible } from './namespace-server.ts';

const LOOPBACK = '127.0.0.1';
const told = (reading: Reading<unknown>): string =>
  reading.ok ? 'connected' : `${reading.miss.kind}: ${reading.miss.detail}`;
const impossible = namespacesImpossible();

describe.skipIf(impossible !== undefined)(
  `a namespace of its own${impossible === undefined ? '' : `: ${impossible}`}`,
  () => {
    let server: NamespaceServer;
    beforeAll(async () => {
      server = await namespaceServer();
    });
    afterAll(() => server.end());

    it('is entered for a connection that stays good for many requests, and is given back', async () => {
      const doors = new NamespaceDoors({ procRoot: '/proc', now: () => performance.now() });
      const client = new HttpClient();
      const ask = async (path: string): Promise<string> => {
        const { pid, namespace } = server;
        const to = { host: LOOPBACK, port: 6060 };
        const connector = doors.connector({ ...to, pid, namespace });
        const reading = await client.get({ ...to, path, connector, reader: 'test', deadlineMs: 5000, maxBytes: 100 });
        return reading.ok ? reading.value.body.toString() : told(reading);
      };
      const port = await ask('/');
      expect(Number(port)).toBeGreaterThan(0);
      // The same port of the client: the same connection.
      expect(await ask('/')).toBe(port);
      expect(client.socketCount).toBe(1);
      // The server closes it, and the door stays shut for a while.
      expect(await ask('/last')).toBe(port);
      expect(await ask('/')).toMatch(/^failed: no connection any more; the namespace is entered again in \d+ s$/);
      client.close();
      doors.close();
    });

    it('loses nothing that a server says before it is asked', async () => {
      // HTTP/2 begins so. The namespace is this process's own, which is entered like any other.
      const greeter = createServer((socket) => {
        socket.on('error', () => undefined).end(Buffer.from('000000040000000000', 'hex'));
      });
      await new Promise<void>((resolve) => greeter.listen(0, LOOPBACK, resolve));
      const { port } = greeter.address() as AddressInfo;
      const client = new HttpClient();
      const connector = {
        key: 'greeter',
        connect: (deadlineMs: number) => connectInNamespace(process.pid, LOOPBACK, port, { deadlineMs }),
      };
      const get = { host: LOOPBACK, port, path: '/', connector, reader: 'test', deadlineMs: 5000, maxBytes: 100 };
      expect(told(await client.get(get))).toBe('unsupported: gRPC or HTTP/2 only');
      client.close();
      greeter.close();
    });

    it('leaves no child behind', async () => {
      const reading = await connectInNamespace(server.pid, LOOPBACK, 6060, { deadlineMs: 5000 });
      expect(told(reading)).toBe('connected');
      if (reading.ok) reading.value.destroy();
      expect(childrenNamed('6060')).toEqual([]);
    });

    it('says who refuses', async () => {
      const { pid, namespace } = server;
      expect(told(await connectInNamespace(pid, LOOPBACK, 6061, { deadlineMs: 5000, namespace }))).toBe(
        'failed: ECONNREFUSED',
      );
      expect(told(await connectInNamespace(pid, '192.0.2.1', 6060, { deadlineMs: 5000 }))).toBe('failed: ENETUNREACH');
    });

    it('is not entered when the process is in another by now', async () => {
      const reading = await connectInNamespace(server.pid, LOOPBACK, 6060, { deadlineMs: 5000, namespace: 'net:[1]' });
      expect(told(reading)).toBe(`absent: the process is in ${server.namespace} by now`);
    });

    it('is denied without SYS_ADMIN', async () => {
      // setpriv takes the capability away and then is nsenter, as the agent's own nsenter would be.
      const directory = mkdtempSync(join(tmpdir(), 'namespace-connect-'));
      const nsenter = join(directory, 'nsenter');
      writeFileSync(nsenter, '#!/bin/sh\nexec setpriv --bounding-set -sys_admin --inh-caps -sys_admin nsenter "$@"\n');
      chmodSync(nsenter, 0o755);
      const reading = await connectInNamespace(server.pid, LOOPBACK, 6060, { deadlineMs: 5000, nsenter });
      expect(told(reading)).toMatch(/^denied: the network namespace may not be entered: needs SYS_ADMIN/);
      rmSync(directory, { recursive: true });
    });
  },
);

describe('whatever goes wrong is a miss', () => {
  const here = process.pid;

  it('a host that is no address, a process that is not there, a program that is not there', async () => {
    expect(told(await connectInNamespace(here, 'localhost', 80, { deadlineMs: 100 }))).toBe(
      'failed: the host is not an IP address',
    );
    expect(told(await connectInNamespace(2 ** 30, LOOPBACK, 80, { deadlineMs: 100 }))).toBe('absent: ENOENT');
    const nsenter = '/nonexistent/nsenter';
    expect(told(await connectInNamespace(here, LOOPBACK, 80, { deadlineMs: 5000, nsenter }))).toBe(
      'unsupported: nsenter is not installed',
    );
  });

  it('a program that hangs is killed at the deadline, or when asked to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'namespace-connect-'));
    const nsenter = join(directory, 'hangs');
    writeFileSync(nsenter, `#!/bin/sh\nexec "${process.execPath}" -e 'setTimeout(() => {}, 60000)' hangs-in-test\n`);
    chmodSync(nsenter, 0o755);
    expect(told(await connectInNamespace(here, LOOPBACK, 80, { deadlineMs: 300, nsenter }))).toBe(
      'failed: not connected within 300 ms',
    );
    const abort = new AbortController();
    const reading = connectInNamespace(here, LOOPBACK, 80, { deadlineMs: 60_000, nsenter, signal: abort.signal });
    setTimeout(() => {
      abort.abort();
    }, 100);
    expect(told(await reading)).toBe('failed: closed');
    expect(told(await connectInNamespace(here, LOOPBACK, 80, { deadlineMs: 100, nsenter, signal: abort.signal }))).toBe(
      'failed: closed',
    );
    expect(childrenNamed('hangs-in-test')).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  it('a program that ends, with and without a word', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'namespace-connect-'));
    const nsenter = join(directory, 'ends');
    const run = async (script: string): Promise<string> => {
      writeFileSync(nsenter, `#!/bin/sh\n${script}\n`);
      chmodSync(nsenter, 0o755);
      return told(await connectInNamespace(here, LOOPBACK, 80, { deadlineMs: 5000, nsenter }));
    };
    expect(await run('exit 3')).toBe('failed: the child ended without a word');
    expect(await run('echo nsenter: no such thing >&2; exit 1')).toBe('failed: nsenter: no such thing');
    // It is given a search path and the channel, and nothing of this environment.
    expect(await run('env | cut -d= -f1 | grep -v -E "^(PATH|PWD|SHLVL|_|NODE_CHANNEL_.*)$" >&2; exit 1')).toBe(
      'failed: the child ended without a word',
    );
    rmSync(directory, { recursive: true });
  });
});

/** Command lines of children of this process that hold `word`. */
function childrenNamed(word: string): string[] {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return children
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(word) && !line.includes('createServer'));
}

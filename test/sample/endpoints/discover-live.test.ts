import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { HttpClient } from '../../../src/io/http-client.ts';
import { NamespaceDoors } from '../../../src/io/namespace-doors.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';
import { type Candidate, connectorFor, EndpointDiscovery, placeOf } from '../../../src/sample/endpoints/discover.ts';
import { namespaceServer, namespacesImpossible } from '../../io/namespace-server.ts';

/* Processes of this machine: they are no Go programs, which discovery is told and does not look into. */
const ALL = { pprof: true, expvar: true, promhttp: true };
const endings: (() => Promise<void> | void)[] = [];
let client: HttpClient;
let doors: NamespaceDoors;

beforeEach(() => {
  client = new HttpClient();
  doors = new NamespaceDoors({ procRoot: '/proc', now: () => performance.now() });
});
afterEach(async () => {
  client.close();
  doors.close();
  for (const end of endings.splice(0)) await end();
});

function discovery(enterNetworkNamespaces: boolean): EndpointDiscovery {
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: 0 });
  return new EndpointDiscovery('/proc', new ProcessReader({ procRoot: '/proc', files }), { enterNetworkNamespaces });
}

async function ask(at: Candidate): Promise<string> {
  const connector = connectorFor(at, '/proc', doors);
  const { host, port } = at;
  const get = { host, port, path: '/', reader: 'test', deadlineMs: 5000, maxBytes: 100 };
  const reading = await client.get(connector === undefined ? get : { ...get, connector });
  return reading.ok ? 'answered' : `${reading.miss.kind}: ${reading.miss.detail}`;
}

describe('a process in the namespace of the agent', () => {
  it('is found and asked at its port and at its unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'discover-live-'));
    const path = join(directory, 'app.sock');
    const program = `
      const { createServer } = require('node:http');
      const answer = (request, response) => response.end('yes');
      createServer(answer).listen(0, '127.0.0.1', function () {
        createServer(answer).listen(process.argv[1], () => console.log(this.address().port));
      });`;
    const child: ChildProcess = spawn(process.execPath, ['-e', program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endings.push(() => {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    });
    const port = await new Promise<number>((resolve) => {
      child.stdout?.once('data', (text: Buffer) => {
        resolve(Number(text));
      });
    });
    const found = discovery(false).discover(child.pid ?? 0, ALL, false);
    expect(found.detail).toBe('');
    expect(found.candidates.map(placeOf)).toEqual([`127.0.0.1:${port}`, `unix:${path}`]);
    expect(await Promise.all(found.candidates.map(ask))).toEqual(['answered', 'answered']);
  });
});

describe('a place to be entered', () => {
  it('is never asked outside its namespace', async () => {
    const paths = { pprof: '/debug/pprof/', expvar: '/debug/vars', metrics: '/metrics' };
    const at: Candidate = {
      host: '127.0.0.1',
      port: 6060,
      tls: false,
      insecureSkipVerify: false,
      paths,
      beyondLoopback: false,
      way: { kind: 'namespace', pid: 7, namespace: 'net:[5]' },
    };
    const reading = await connectorFor(at, '/proc', undefined)?.connect(100);
    expect(reading).toMatchObject({
      ok: false,
      miss: { kind: 'denied', detail: 'network namespaces are not entered' },
    });
    expect(connectorFor({ ...at, way: undefined }, '/proc', doors)).toBeUndefined();
  });
});

const impossible = namespacesImpossible();

describe.skipIf(impossible !== undefined)(`a process in its own namespace (${impossible ?? 'possible here'})`, () => {
  it('is told when it listens on loopback only, and asked when namespaces may be entered', async () => {
    const server = await namespaceServer();
    endings.push(() => server.end());
    expect(discovery(false).discover(server.pid, ALL, true)).toMatchObject({
      candidates: [],
      detail: expect.stringContaining('loopback of its own network namespace only: 127.0.0.1:6060') as string,
    });
    const found = discovery(true).discover(server.pid, ALL, true);
    expect(found.candidates.map(placeOf)).toEqual(['127.0.0.1:6060']);
    expect(await Promise.all(found.candidates.map(ask))).toEqual(['answered']);
  });
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { parseGoMetrics } from '../../src/go/go-metrics.ts';
import type { GoMetrics } from '../../src/go/types.ts';
import { between, type Comparison, same } from './comparison.ts';
import { attachTo, finish, valueOf } from './read-target.ts';

const packages = (tree: string): string | undefined => {
  const script = join(import.meta.dirname, '../guest/packages.sh');
  const { status, stdout } = spawnSync(script, [tree], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return status === 0 ? stdout.trim() : undefined;
};
const apps = packages('apps');
const etcd = packages('etcd');
const scratch = mkdtempSync(join(tmpdir(), 'cgopher-debian-'));
const children: ChildProcess[] = [];
const PATH_ONLY = { PATH: process.env['PATH'] };

afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(scratch, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function metricsOf(port: number): Promise<GoMetrics | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  return response?.ok === true ? parseGoMetrics(Buffer.from(await response.arrayBuffer())) : undefined;
}

/** Starts a program that serves /metrics on a port, and waits until it does. */
async function start(path: string, argumentsFor: (port: number, another: number) => string[]) {
  const port = await freePort();
  // Alertmanager wants its files below /usr: in a mount namespace of its own the unpacked package lies over it.
  const usr = path.slice(0, path.indexOf('/usr/') + 4);
  const over = `mount -t overlay overlay -o lowerdir=${usr}:/usr /usr && exec "$@"`;
  const inside = ['--mount', 'sh', '-c', over, 'sh', path, ...argumentsFor(port, await freePort())];
  const child = spawn('unshare', inside, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...PATH_ONLY, GOGC: '80', GOMAXPROCS: '2' },
  });
  children.push(child);
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-2000);
  });
  for (let tries = 0; tries < 200; tries++) {
    if ((await metricsOf(port))?.goroutines !== undefined && child.pid !== undefined) return { pid: child.pid, port };
    await sleep(100);
  }
  throw new Error(`${path} did not answer: ${said}`);
}

const PROGRAMS: readonly (readonly [
  name: string,
  path: string | undefined,
  argumentsFor: (port: number, another: number) => string[],
])[] = [
  [
    'prometheus',
    apps && join(apps, 'usr/bin/prometheus'),
    (port) => {
      writeFileSync(join(scratch, 'prometheus.yml'), 'global: { scrape_interval: 5m }\n');
      const store = `--storage.tsdb.path=${join(scratch, 'prometheus')}`;
      return [`--config.file=${join(scratch, 'prometheus.yml')}`, store, `--web.listen-address=127.0.0.1:${port}`];
    },
  ],
  [
    'alertmanager',
    apps && join(apps, 'usr/bin/prometheus-alertmanager'),
    (port) => {
      writeFileSync(join(scratch, 'alertmanager.yml'), 'route: { receiver: none }\nreceivers: [ { name: none } ]\n');
      const store = `--storage.path=${join(scratch, 'alertmanager')}`;
      const listen = `--web.listen-address=127.0.0.1:${port}`;
      return [`--config.file=${join(scratch, 'alertmanager.yml')}`, store, '--cluster.listen-address=', listen];
    },
  ],
  [
    'etcd',
    etcd && join(etcd, 'usr/bin/etcd'),
    (port, another) => {
      const client = `http://127.0.0.1:${port}`;
      const peer = `http://127.0.0.1:${another}`;
      const store = ['--data-dir', join(scratch, 'etcd'), '--unsafe-no-fsync'];
      const clients = ['--listen-client-urls', client, '--advertise-client-urls', client];
      const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
      return [...store, ...clients, ...peers, '--initial-cluster', `default=${peer}`];
    },
  ],
];

describe.skipIf((apps === undefined || etcd === undefined) && process.env['CI'] !== 'true')(
  'programs that nobody here wrote, stripped as Debian packages are',
  () => {
    it.each(PROGRAMS)('%s is read from memory as it describes itself', async (_, path, argumentsFor) => {
      const { pid, port } = await start(path!, argumentsFor);
      const runtime = attachTo(pid);
      const before = (await metricsOf(port))!;
      const snapshot = valueOf(runtime.snapshot());
      const after = (await metricsOf(port))!;
      const census = finish(runtime.goroutines());
      runtime.close();
      const told = (of: (metrics: GoMetrics) => number | undefined) => [of(before), of(after)] as const;
      const bytes = (quantity: string, value: number | undefined, of: (metrics: GoMetrics) => number | undefined) =>
        between(quantity, value, ...told(of), 1e6 + 0.05 * (of(after) ?? 0));
      const comparisons: Comparison[] = [
        same('method', snapshot.method, 'decoded'),
        same('GOMAXPROCS', snapshot.gomaxprocs, 2),
        same('GOGC', snapshot.gogc, 80),
        same('GOMEMLIMIT', snapshot.gomemlimit, 'off'),
        between('GC cycles', snapshot.numGc, ...told((metrics) => metrics.gcPauseCount)),
        // The text has nine digits behind the point.
        between('pauses', (snapshot.pauseTotalNs ?? NaN) / 1e9, ...told((metrics) => metrics.gcPauseSumSeconds), 1e-9),
        between('last GC', snapshot.lastGcUnixMs, ...told((metrics) => metrics.memStats.lastGcUnixMs), 1),
        bytes('heap goal', numeric(snapshot.heapGoal), (metrics) => numeric(metrics.memStats.nextGc)),
        bytes('heap in use', snapshot.heapInUse, (metrics) => metrics.memStats.heapInuse),
        bytes('heap released', snapshot.heapReleased, (metrics) => metrics.memStats.heapReleased),
        bytes('stacks', snapshot.stacksInUse, (metrics) => metrics.memStats.stackInuse),
        // A scrape is a handler, a reader behind it, and collectors beside it.
        between('goroutines', snapshot.goroutines, ...told((metrics) => metrics.goroutines), 6),
        between('goroutines counted', census.total, ...told((metrics) => metrics.goroutines), 6),
      ];
      expect(comparisons.filter(({ outcome }) => outcome !== 'equal')).toEqual([]);
      // Places where goroutines start are named, in a program without a symbol table.
      const named = census.sites.filter(({ createdBy }) => createdBy !== undefined && createdBy.line > 0);
      expect(named.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(census.total / 2);
    });
  },
);

const numeric = (value: number | 'off' | undefined): number | undefined => (value === 'off' ? undefined : value);

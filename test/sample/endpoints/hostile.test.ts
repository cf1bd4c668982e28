import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { goroutineProfile } from '../../../src/demo/profile-writer.ts';
import { HttpClient } from '../../../src/io/http-client.ts';
import { EndpointFetch } from '../../../src/sample/endpoints/fetch.ts';
import { EndpointPoller } from '../../../src/sample/endpoints/poller.ts';
import { listening, SmallNode, scope, TCP_HEAD, UID_A } from '../small-node.ts';
import { taking } from '../take.ts';
import { indexPage, metricsPage, type RecordingServer, rawServer, recordingServer } from './recording-server.ts';
import { kinds } from './scripted-fetch.ts';

const MAX_BYTES = 256 * 1024;
/** A profile of one comment after the other: nothing is wrong with it but its size. */
const BOMB = Buffer.alloc(64 * 1024 * 1024, Buffer.from([0x68, 1]));
let node: SmallNode;
let client: HttpClient;
let servers: RecordingServer[];
beforeEach(() => {
  node = new SmallNode();
  client = new HttpClient();
  servers = [];
});
afterEach(async () => {
  client.close();
  node.close();
  await Promise.all(servers.map((server) => server.close()));
});

async function serve(listener: RequestListener): Promise<RecordingServer> {
  const server = await recordingServer(listener);
  servers.push(server);
  return server;
}
async function serveRaw(...options: Parameters<typeof rawServer>): Promise<RecordingServer> {
  const server = await rawServer(...options);
  servers.push(server);
  return server;
}

/** A node with one Go process that owns these ports of the host's network. */
function nodeWith(
  ports: readonly number[],
  exe: Parameters<SmallNode['go']>[1],
  extra: readonly number[] = [],
  maxBytes = MAX_BYTES,
) {
  node.go('server', exe);
  node.container('a'.repeat(64), 101, {
    exe: 'server',
    namespace: 'net:[1]',
    tcp: TCP_HEAD + [...ports, ...extra].map((port) => listening([127, 0, 0, 1], port, port)).join(''),
    fds: ports.map((port) => `socket:[${port}]`),
  });
  node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
  const poller = new EndpointPoller({
    fetch: new EndpointFetch(client, systemClock, { timeoutMs: maxBytes > MAX_BYTES ? 20_000 : 400, maxBytes }),
    clock: systemClock,
    concurrency: 4,
    plan: { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 1000 },
  });
  const { sampler, take } = taking(node.paths, { poller });
  take();
  return {
    async poll() {
      await poller.pollAll();
      const sample = take();
      const go = sample.go.get(101)!;
      return {
        endpoint: go.endpoint,
        detail: go.endpointDetail,
        misses: sample.misses.filter((miss) =>
          ['pprof_index', 'metrics', 'expvar', 'pprof_heap', 'pprof_goroutine'].includes(miss.reader),
        ),
        cgroup: sample.cgroups.get(scope('a'.repeat(64))),
      };
    },
    close: () => {
      sampler.close();
    },
  };
}

const METRICS = { serves: { metrics: '1.20' } } as const;
const PPROF = { serves: { pprof: true } } as const;

describe('what is asked of whom', () => {
  it('asks a program nothing that links no handler, whatever it listens on', async () => {
    const server = await serve((_, response) => response.end(metricsPage(1)));
    const set = nodeWith([server.port], { serves: {} });
    const { endpoint, detail } = await set.poll();
    expect(endpoint).toBeUndefined();
    expect(detail).toContain('links neither');
    expect(server.connections).toBe(0);
    set.close();
  });

  it('asks no port of another process', async () => {
    const own = await serve((_, response) => response.end(metricsPage(3)));
    const other = await serve((_, response) => response.end(metricsPage(99)));
    const set = nodeWith([own.port], METRICS, [other.port]);
    const { endpoint } = await set.poll();
    expect(endpoint?.metrics?.value.goroutines).toBe(3);
    expect(own.paths).toEqual(['/metrics']);
    expect(other.connections).toBe(0);
    set.close();
  });

  it('takes the port that answers among several', async () => {
    const app = await serve((_, response) => {
      response.statusCode = 404;
      response.end();
    });
    const debug = await serve((request, response) => {
      response.statusCode = request.url === '/debug/pprof/' ? 200 : 404;
      response.end(indexPage(7));
    });
    const set = nodeWith([app.port, debug.port], PPROF);
    const { endpoint, misses } = await set.poll();
    expect(endpoint).toMatchObject({
      address: `127.0.0.1:${debug.port}`,
      index: { value: { goroutines: 7, threads: 9 } },
    });
    expect(misses.every((miss) => miss.kind === 'absent')).toBe(true);
    await set.poll();
    expect(app.paths).toEqual(['/debug/pprof/', '/metrics']);
    set.close();
  });

  it('never goes where a redirect points', async () => {
    const trap = await serve((_, response) => response.end(metricsPage(666)));
    const server = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${trap.port}/metrics` });
      response.end(metricsPage(666));
    });
    const set = nodeWith([server.port], METRICS);
    const { endpoint, misses, detail } = await set.poll();
    expect(endpoint).toBeUndefined();
    expect(kinds(misses)).toEqual(['metrics failed']);
    expect(detail).toContain('redirected to');
    expect(server.connections).toBeGreaterThan(0);
    expect(trap.connections).toBe(0);
    set.close();
  });
});

describe('hostile answers', () => {
  it.each([
    ['never answers', () => undefined, 'failed'],
    [
      'never ends',
      (_request, response) => {
        response.write('go_goroutines 5\n');
      },
      'failed',
    ],
    [
      'sends more than is taken',
      (_request, response) => {
        response.end(`go_goroutines 5\n${'# x\n'.repeat(MAX_BYTES / 4)}`);
      },
      'failed',
    ],
    [
      'inflates to more than is taken',
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
      },
      'failed',
    ],
    [
      'promises more bytes than it sends',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write('go_goroutines 5\n');
        setTimeout(() => response.destroy(), 20);
      },
      'failed',
    ],
    [
      'wants a password',
      (_request, response) => {
        response.writeHead(401);
        response.end(metricsPage(5));
      },
      'denied',
    ],
    [
      'fails',
      (_request, response) => {
        response.writeHead(500);
        response.end(metricsPage(5));
      },
      'failed',
    ],
  ] satisfies [string, RequestListener, string][])('a server that %s is a miss', async (_, listener, kind) => {
    const server = await serve(listener);
    const set = nodeWith([server.port], METRICS);
    const { endpoint, misses, cgroup } = await set.poll();
    expect(endpoint).toBeUndefined();
    expect(kinds(misses)).toEqual([`metrics ${kind}`]);
    // The rest of the node is read all the same.
    expect(cgroup?.memoryCurrent).toBe(4096);
    set.close();
  });

  it.each([
    ['no HTTP', (socket: { end(text: string): unknown }) => socket.end('220 mail ready\r\n')],
    ['no answer at all', (socket: { destroy(): unknown }) => socket.destroy()],
    [
      'two lengths',
      (socket: { end(text: string): unknown }) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\nabc'),
    ],
    [
      'endless headers',
      (socket: { write(text: string): unknown }) => socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`),
    ],
  ] as const)('a server that speaks %s ends nothing and tells nothing', async (_, answer) => {
    const server = await serveRaw((socket) => {
      answer(socket);
    });
    const set = nodeWith([server.port], METRICS);
    const { endpoint, detail } = await set.poll();
    expect(endpoint).toBeUndefined();
    expect(detail).toContain('no debug endpoint answered');
    expect(server.paths.length).toBeGreaterThan(0);
    set.close();
  });

  it('drops what was told once the answers turn bad, and takes it again when they are good', async () => {
    let body: string | Buffer = metricsPage(5);
    const server = await serve((_, response) => response.end(body));
    const set = nodeWith([server.port], METRICS);
    expect((await set.poll()).endpoint?.metrics?.value.goroutines).toBe(5);
    for (const bad of ['<html>', '', 'go_goroutines', Buffer.from([0xff, 0xfe, 0, 1])]) {
      body = bad;
      const { endpoint, misses } = await set.poll();
      expect(endpoint).toBeUndefined();
      expect(kinds(misses)).toEqual(['metrics malformed']);
    }
    body = metricsPage(6);
    const again = await set.poll();
    expect(again.endpoint?.metrics?.value.goroutines).toBe(6);
    expect(again.misses).toEqual([]);
    set.close();
  });

  it('finds its few values among a million, and among bytes that are no text', async () => {
    const series = Array.from({ length: 1_000_000 }, (_, index) => `s{i="${index}"} 1`).join('\n');
    const binary = Buffer.from([0x78, 0x7b, 0xff, 0xc0, 0x22, 0x7d, 0x20, 0x31, 0x0a]);
    const server = await serve((_, response) =>
      response.end(Buffer.concat([Buffer.from(`${series}\n`), binary, Buffer.from(metricsPage(12))])),
    );
    const set = nodeWith([server.port], METRICS, [], 1 << 25);
    expect((await set.poll()).endpoint?.metrics?.value).toMatchObject({ goroutines: 12, goVersion: 'go1.25.1' });
    set.close();
  });

  it('makes no number of values that cannot be', async () => {
    const server = await serve((_, response) =>
      response.end(
        'go_info{version="go1.25.1"} 1\ngo_goroutines NaN\ngo_threads -4\ngo_sched_gomaxprocs_threads +Inf\n',
      ),
    );
    const set = nodeWith([server.port], METRICS);
    const metrics = (await set.poll()).endpoint?.metrics?.value;
    expect(metrics).toMatchObject({ goroutines: undefined, threads: undefined, gomaxprocs: undefined });
    set.close();
  });

  it('refuses a goroutine profile that is a bomb or no profile, and keeps the index', async () => {
    const frames = [{ name: 'main.main', file: '/src/main.go', line: 9 }];
    let profile: Buffer = goroutineProfile([{ count: 4, frames }], 0);
    const server = await serve((request, response) => {
      if (request.url === '/debug/pprof/') response.end(indexPage(4));
      else if (request.url === '/debug/pprof/goroutine?debug=0') response.end(profile);
      else {
        response.statusCode = 404;
        response.end();
      }
    });
    const set = nodeWith([server.port], PPROF);
    expect((await set.poll()).endpoint?.goroutines?.value.total).toBe(4);
    for (const [bad, kind] of [
      [gzipSync(BOMB), 'failed'],
      [gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'malformed'],
      [profile.subarray(0, profile.length - 9), 'malformed'],
      [gzipSync(Buffer.from('not a profile')), 'malformed'],
      [Buffer.from('plain'), 'malformed'],
    ] as const) {
      profile = bad;
      const { endpoint, misses } = await set.poll();
      expect(endpoint?.goroutines).toBeUndefined();
      expect(endpoint?.index?.value.goroutines).toBe(4);
      expect(kinds(misses)).toContain(`pprof_goroutine ${kind}`);
    }
    set.close();
  });
});

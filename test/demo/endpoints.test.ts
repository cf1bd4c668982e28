import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { parseExpvarMemStats } from '../../src/go/expvar.ts';
import { parseGoMetrics } from '../../src/go/go-metrics.ts';
import { parseGoroutineProfile } from '../../src/go/goroutine-profile.ts';
import { parseHeapMemStats } from '../../src/go/heap-text.ts';
import { parsePprofIndex } from '../../src/go/pprof-index.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures-cgroupfs/demo/recorded-keys.json', import.meta.url), 'utf8'),
) as { readonly exposition: readonly string[] };

const MIB = 1024 * 1024;
let directory = '';
let node: SimulatedNode;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'simulated-endpoints-'));
  const clock = { now: () => ({ wallMs: 1_795_000_000_000, monotonicMs: 0 }) };
  node = await startSimulatedNode({ directory, clock, host: '127.0.0.1' });
}, 60_000);
afterAll(async () => {
  await node.close();
  rmSync(directory, { recursive: true });
});

async function get(name: string, path: string) {
  const { port } = node.workloads.find((workload) => workload.container === name)!;
  const response = await fetch(`http://127.0.0.1:${port!}${path}`);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}
const metricNames = (body: Buffer) =>
  [
    ...new Set(
      body
        .toString()
        .split('\n')
        .filter((line) => /^\w/.test(line))
        .map((line) => line.split(/[{ ]/)[0]!),
    ),
  ].sort();

describe('the simulated endpoints', () => {
  it('give the metrics of an older client under the recorded names', async () => {
    expect(metricNames((await get('prometheus', '/metrics')).body)).toEqual(recorded.exposition);
  });

  it('give the runtime settings with a newer client', async () => {
    const { body, headers } = await get('checkout', '/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const metrics = parseGoMetrics(body)!;
    expect(metrics).toMatchObject({ goVersion: 'go1.22.5', gomaxprocs: 16, gogc: 100, gomemlimit: 900 * MIB });
    expect(metrics.memStats.nextGc).toBe(360 * MIB);
    expect(metrics.processStartTimeSeconds).toBe(1_795_000_000 - 21_600);
    expect(parseGoMetrics((await get('invoices', '/metrics')).body)).toMatchObject({ gomemlimit: 'off' });
    expect(parseGoMetrics((await get('packager', '/metrics')).body)).toMatchObject({
      gogc: 'off',
      gomemlimit: 900 * MIB,
    });
  });

  it('give the index and the heap text of pprof', async () => {
    const index = parsePprofIndex((await get('accounts', '/debug/pprof/')).body.toString())!;
    expect(index.threads).toBe(8);
    const stats = parseHeapMemStats((await get('accounts', '/debug/pprof/heap?debug=1')).body)!;
    // 2 x 180 MiB live is below 93 % of 460 MiB.
    expect(stats.nextGc).toBe(360 * MIB);
    expect(stats.recentPausesNs.length).toBe(256);
    expect((await get('accounts', '/metrics')).status).toBe(404);
  });

  it('give a goroutine profile with as many goroutines as the index says', async () => {
    const index = parsePprofIndex((await get('cart', '/debug/pprof/')).body.toString())!;
    const { body, headers } = await get('cart', '/debug/pprof/goroutine?debug=0');
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect([...body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const profile = parseGoroutineProfile(gunzipSync(body), { maxGroups: 10, maxStack: 8 })!;
    // The one that answers is in the profile and left out by the agent.
    expect(profile.total).toBe(index.goroutines! - 1);
    expect(profile.groups.map((group) => group.stack[1])).toEqual(['internal/poll.(*FD).Read', 'main.(*pool).work']);
  });

  it('give expvar with integers beyond 2^53', async () => {
    const { body } = await get('transcoder', '/debug/vars');
    const stats = parseExpvarMemStats(body)!;
    expect(stats).toMatchObject({ nextGc: 'off', numGc: 0, lastGcUnixMs: undefined });
    // 400 MiB and 0.8 MiB a second for 1500 s.
    expect(stats.heapAlloc).toBe(1600 * MIB);
    expect(JSON.parse(body.toString())).toHaveProperty('memstats.NextGC');
  });

  it('answer what they do not serve as Go does', async () => {
    expect((await get('search', '/debug/pprof/')).status).toBe(404);
    const unknown = await get('cart', '/debug/pprof/goroutineleak');
    expect([unknown.status, unknown.headers.get('x-go-pprof')]).toEqual([404, '1']);
    expect(node.workloads.find((workload) => workload.container === 'exporter')!.port).toBeUndefined();
  });

  it('agree with the control files about memory', async () => {
    const metrics = parseGoMetrics((await get('cart', '/metrics')).body)!;
    const managed = metrics.memStats.sys! - metrics.memStats.heapReleased!;
    // The rest is 5 MiB of other anonymous memory and 22 MiB of page cache, of which 16 MiB are mapped.
    expect(metrics.processResidentBytes! - managed).toBeGreaterThan(20.9 * MIB);
    expect(metrics.processResidentBytes! - managed).toBeLessThan(21.1 * MIB);
  });
});

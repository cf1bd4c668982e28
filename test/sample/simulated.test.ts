import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAtOnce } from '../../src/agent/slices.ts';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { HttpClient } from '../../src/io/http-client.ts';
import { EndpointFetch } from '../../src/sample/endpoints/fetch.ts';
import { EndpointPoller } from '../../src/sample/endpoints/poller.ts';
import { Sampler } from '../../src/sample/sampler.ts';
import type { NodeSample } from '../../src/sample/types.ts';

let directory = '';
let elapsed = 0;
let node: SimulatedNode;
let sampler: Sampler;
let poller: EndpointPoller;
const client = new HttpClient();
const clock = { now: () => ({ wallMs: 1_795_000_000_000 + elapsed, monotonicMs: 7000 + elapsed }) };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sampled-node-'));
  node = await startSimulatedNode({ directory, clock, host: '127.0.0.1', self: process.pid });
  poller = new EndpointPoller({
    fetch: new EndpointFetch(client, clock, { timeoutMs: 5000, maxBytes: 1 << 24 }),
    clock,
    concurrency: 2,
    plan: { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 10_000 },
  });
  sampler = new Sampler({
    paths: node,
    clock,
    cadences: { slowEvery: 1, rareEvery: 1 },
    rescanEvery: 1,
    poller,
    processes: 'cgroups',
    memory: undefined,
    configured: () => undefined,
  });
}, 60_000);
afterAll(async () => {
  sampler.close();
  client.close();
  await node.close();
  rmSync(directory, { recursive: true });
});

const at = (seconds: number): NodeSample => {
  elapsed = seconds * 1000;
  node.tick();
  return runAtOnce(sampler.take());
};
const byModule = (sample: NodeSample, module: string) =>
  [...sample.go.values()].find((go) => go.build.main?.path.endsWith(module));

it('reads the whole node without trouble, and asks every endpoint there is', async () => {
  at(0);
  await poller.pollAll();
  const sample = at(10);
  expect(sample.misses.filter((miss) => miss.kind !== 'absent')).toEqual([]);
  expect(sample.collectors.map((run) => [run.collector, run.success])).toEqual(
    ['tree', 'processes', 'identities', 'node', 'cgroups', 'sandboxes', 'go'].map((name) => [name, true]),
  );
  expect(sample.hierarchy.mode).toBe('unified');
  const serving = node.workloads.filter((workload) => workload.port !== undefined);
  const asked = [...sample.go.values()].flatMap((go) => go.endpoint?.address ?? []);
  expect(asked.sort()).toEqual(serving.map(({ port }) => `127.0.0.1:${port!}`).sort());
  for (const go of sample.go.values()) {
    expect(go.environment).toBeDefined();
    expect(go.status?.rssAnon).toBeGreaterThan(0);
    expect(sample.cgroups.get(go.cgroupPath)?.memoryCurrent).toBeGreaterThan(0);
    expect(sample.identities.has(go.workloadPath)).toBe(true);
    if (go.endpoint === undefined) expect(go.endpointDetail).toContain('links neither');
    else expect(go.endpointDetail).toBe('');
  }
});

it('names every pod but the one whose names cannot be learnt', () => {
  const sample = at(20);
  const containers = [...sample.identities.values()].filter((one) => one.kind === 'kubernetes' && !one.sandbox);
  const unresolved = containers.filter((one) => one.state === 'unresolved');
  expect(unresolved).toHaveLength(1);
  expect(unresolved[0]).toMatchObject({ namespace: undefined, pod: undefined, container: undefined });
  const pods = containers.filter((one) => one.state === 'resolved').map((one) => `${one.namespace!}/${one.pod!}`);
  const named = node.workloads.filter((one) => /^[a-z]+\/[a-z]/.test(one.subject)).map((one) => one.subject);
  expect(pods.sort()).toEqual(named.sort());
  const sandboxes = [...sample.identities.values()].filter((one) => one.sandbox);
  expect(sandboxes).toHaveLength(containers.length);
});

it('takes the container the kernel killed for another one, and lets go of the old', () => {
  const before = byModule(at(30), 'thumbnailer')!;
  const kept = sampler.keptDescriptors;
  const after = at(150);
  const now = byModule(after, 'thumbnailer')!;
  expect(now.pid).not.toBe(before.pid);
  expect(now.workloadPath).not.toBe(before.workloadPath);
  expect(after.cgroups.has(before.workloadPath)).toBe(false);
  expect(after.identities.has(before.workloadPath)).toBe(false);
  expect(after.identities.get(now.workloadPath)).toMatchObject({ state: 'resolved', container: 'thumbnailer' });
  expect(sampler.keptDescriptors).toBe(kept);
  // The new process has not been asked yet, and what the old one said is not passed for it.
  expect(now.endpoint).toBeUndefined();
});

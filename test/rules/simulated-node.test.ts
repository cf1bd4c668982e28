import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assemble, type Machinery } from '../../src/agent/assemble.ts';
import { runAtOnce } from '../../src/agent/slices.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Finding } from '../../src/rules/types.ts';
import { inThisThread } from '../../src/sample/runtime-memory/resolver.ts';
import type { NodeSample } from '../../src/sample/types.ts';

/*
 * Files and local servers with the real formats, read, modelled and judged as on a node. The clock is the test's, so the story is
 * the same at every run: 26 looks, 5 s apart.
 */

let directory = '';
let elapsed = 0;
let node: SimulatedNode;
let machinery: Machinery;
const fired = new Map<string, Finding>();
const clock = { now: () => ({ wallMs: 1_795_000_000_000 + elapsed, monotonicMs: 7000 + elapsed }) };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'judged-node-'));
  node = await startSimulatedNode({ directory, clock, host: '127.0.0.1', self: 4242 });
  machinery = assemble(node, defaultConfig(), clock, 'once', inThisThread);
  let previous: NodeSample | undefined;
  // Endpoints are found by looking, and can be asked from then on.
  runAtOnce(machinery.sampler.take());
  for (let look = 0; look < 26; look += 1) {
    elapsed = look * 5000;
    node.tick();
    await machinery.poller?.pollAll();
    const sample = runAtOnce(machinery.sampler.take());
    const model = buildModel(sample, previous);
    previous = sample;
    for (const finding of machinery.engine.evaluate(model).findings) {
      const { namespace, pod, container, cgroupPath } = finding.subject;
      const named = namespace !== undefined && pod !== undefined ? `${namespace}/${pod}` : (cgroupPath ?? 'node');
      fired.set(`${finding.rule} ${named} ${container ?? ''}`, finding);
    }
  }
}, 120_000);
afterAll(async () => {
  machinery.close();
  await node.close();
  rmSync(directory, { recursive: true });
});

/** Findings that follow from the same fault as one that a workload is made for. */
const CONSEQUENCES = new Set(['GomaxprocsAboveCpuLimit', 'CpuThrottled']);

it('finds in every workload what it is made to show, and nothing in the healthy ones', () => {
  const wrong: string[] = [];
  for (const { subject, container, expects } of node.workloads) {
    const pod = subject.replace(/^pod /, '');
    const found = new Set([...fired].flatMap(([key, finding]) => (key.includes(pod) ? [finding.rule as string] : [])));
    for (const rule of expects) if (!found.has(rule)) wrong.push(`${container}: no ${rule}`);
    for (const rule of found) {
      const follows = expects.length > 0 && CONSEQUENCES.has(rule);
      if (!expects.includes(rule) && !follows) wrong.push(`${container}: ${rule}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(node.workloads.filter(({ expects }) => expects.length === 0).length).toBeGreaterThan(5);
});

it('shows the numbers of the story', () => {
  const finding = (rule: string) => [...fired].find(([key]) => key.startsWith(rule))?.[1];
  // 2 cores / 16 Ps: 12.5 % of each period.
  expect(finding('GomaxprocsAboveCpuLimit shop/checkout')).toMatchObject({ severity: 'critical' });
  expect(finding('GomaxprocsAboveCpuLimit shop/checkout')?.summary).toContain('after 13 % of each period');
  expect(finding('GomaxprocsMissesAncestorLimit')?.remedy.patch?.set).toEqual({ 'limits.cpu': '2' });
  // 512 MiB - 3 MiB outside Go - 51.2 MiB of headroom = 457.8 MiB.
  expect(finding('GomemlimitMissing payments/invoices')?.remedy.patch?.set).toEqual({ GOMEMLIMIT: '457MiB' });
});

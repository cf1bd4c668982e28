import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import { EvidenceStore } from '../../src/agent/evidence-store.ts';
import { routes } from '../../src/agent/routes.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { type HttpResponse, startServer } from '../../src/io/http-server.ts';
import { buildModel } from '../../src/model/build.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { decodeLine } from '../../src/record/decode.ts';
import type { Finding } from '../../src/rules/types.ts';
import type { NodeSample } from '../../src/sample/types.ts';
import { ID_A, ID_B, POD_A, SmallNode, scope, termination, UID_A } from '../sample/small-node.ts';
import { taking } from '../sample/take.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101, { environment: ['SECRET=hunter2', 'GOMEMLIMIT=128MiB'] });
  node.cgroup(scope(ID_A), { 'memory.max': '67108864\n' });
  node.procs(scope(ID_A), [101]);
  node.cgroup(scope(ID_B));
  node.procs(scope(ID_B), [102]);
  node.process(102, { mounts: [termination('other')] });
  node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
});
afterEach(() => {
  node.close();
});

interface Document {
  readonly id: string;
  readonly finding: Finding;
  readonly model: NodeModel;
  readonly samples: readonly NodeSample[];
}
function opened(gzip: Buffer | undefined): Document {
  const data = decodeLine(gunzipSync(gzip ?? Buffer.alloc(0)).toString('utf8'));
  if (!data.ok) throw new Error(data.miss.detail);
  return data.value as Document;
}

/** A model of the small node and findings about it that say what the test wants. */
function cycles(count: number): { readonly sample: NodeSample; readonly model: NodeModel }[] {
  const { take } = taking(node.paths);
  let previous: NodeSample | undefined;
  return Array.from({ length: count }, () => {
    const sample = take();
    const model = buildModel(sample, previous);
    previous = sample;
    return { sample, model };
  });
}
function finding(model: NodeModel, change: Partial<Finding> = {}, key = model.goProcesses[0]!.key): Finding {
  const process = model.goProcesses[0]!;
  const subject = {
    kind: 'process' as const,
    key,
    namespace: 'shop',
    pod: 'web-0',
    container: 'web',
    cgroupPath: process.cgroupPath,
    pid: process.pid,
    process: process.name,
  };
  const said = { summary: 'too high', evidence: [], remedy: { text: 'lower it' }, sinceUnixMs: 1 };
  return { rule: 'GomemlimitAboveMemoryLimit', severity: 'critical', state: 'firing', subject, ...said, ...change };
}
const evaluation = (...findings: Finding[]) => ({ findings, unjudged: [] });

describe('EvidenceStore', () => {
  it('keeps what a finding rests on when it begins to fire, once', async () => {
    const [one, two, three] = cycles(3);
    const store = new EvidenceStore();
    store.note(evaluation(finding(one!.model, { state: 'pending' })), one!.model, one!.sample);
    await store.settled();
    expect(store.list()).toEqual([]);
    const firing = finding(two!.model);
    store.note(evaluation(firing), two!.model, two!.sample);
    // Nothing is made in the cycle itself.
    expect(store.list()).toEqual([]);
    await store.settled();
    store.note(evaluation(finding(three!.model)), three!.model, three!.sample);
    await store.settled();
    const [entry, ...others] = store.list();
    expect(others).toEqual([]);
    // 1 795 000 000 s, and 10 s for the second sample.
    expect(entry).toMatchObject({
      id: 'GomemlimitAboveMemoryLimit-1795000010-1',
      rule: 'GomemlimitAboveMemoryLimit',
      severity: 'critical',
      summary: 'too high',
      firedAtUnixMs: 1_795_000_010_000,
      bytes: store.get('GomemlimitAboveMemoryLimit-1795000010-1')?.length,
    });
    const document = opened(store.get(entry!.id));
    expect(document.finding).toEqual(firing);
    expect(document.model.goProcesses.map((process) => process.pid)).toEqual([101]);
    expect(document.model.containers.map((container) => container.cgroupPath)).toEqual([scope(ID_A)]);
    expect(document.model.pods.map((pod) => pod.cgroupPath)).toEqual([POD_A]);
    expect(document.samples.map((sample) => sample.at.wallMs)).toEqual([1_795_000_010_000, 1_795_000_000_000]);
    const [newest] = document.samples;
    expect([...newest!.go.keys()]).toEqual([101]);
    expect(newest!.go.get(101)?.environment?.GOMEMLIMIT).toBe('128MiB');
    // The subject, its ancestors, and no neighbour.
    expect([...newest!.cgroups.keys()].sort()).toEqual(['/', '/kubepods.slice', POD_A, scope(ID_A)].sort());
    expect(newest!.cgroups.get(scope(ID_A))).toStrictEqual(two!.sample.cgroups.get(scope(ID_A)));
    expect(gunzipSync(store.get(entry!.id)!).toString('utf8')).not.toContain('hunter');
  });

  it('takes the parts of a container, a pod and the node', async () => {
    const [one] = cycles(1);
    const { model, sample } = one!;
    const container = model.containers.find(({ cgroupPath }) => cgroupPath === scope(ID_B))!;
    const of = (kind: 'container' | 'pod' | 'node', key: string, cgroupPath: string | undefined): Finding => {
      const plain = finding(model);
      return { ...plain, subject: { ...plain.subject, kind, key, cgroupPath, pid: undefined, process: undefined } };
    };
    const store = new EvidenceStore();
    const findings = [
      of('container', container.key, scope(ID_B)),
      of('pod', model.pods[0]!.key, POD_A),
      of('node', 'node', undefined),
    ];
    store.note(evaluation(...findings), model, sample);
    await store.settled();
    const documents = store
      .list()
      .toReversed()
      .map((entry) => opened(store.get(entry.id)));
    expect(documents.map((document) => document.model.goProcesses.map((process) => process.pid))).toEqual([
      [102],
      [101, 102],
      [],
    ]);
    expect(documents.map((document) => [...document.samples[0]!.cgroups.keys()].length)).toEqual([4, 5, 1]);
    expect(documents[2]!.model.node.hostname).toBe('small');
  });

  it('lets the oldest go when there are too many, or they are too large', async () => {
    const [one] = cycles(1);
    const { model, sample } = one!;
    const fire = async (store: EvidenceStore, keys: readonly string[]) => {
      for (const key of keys) {
        store.note(evaluation(finding(model, {}, key)), model, sample);
        await store.settled();
      }
      return store.list().map((entry) => entry.id.replace(/^.*-/, ''));
    };
    expect(await fire(new EvidenceStore({ maxItems: 2 }), ['a', 'b', 'c'])).toEqual(['3', '2']);
    const probe = new EvidenceStore();
    await fire(probe, ['a']);
    const [entry] = probe.list();
    // Room for two and a half.
    expect(await fire(new EvidenceStore({ maxBytes: entry!.bytes * 2.5 }), ['a', 'b', 'c'])).toEqual(['3', '2']);
    expect(await fire(new EvidenceStore({ maxItemBytes: entry!.bytes - 100 }), ['a'])).toEqual([]);
    expect(await fire(new EvidenceStore({ maxItemLength: 100 }), ['a'])).toEqual([]);
  });

  it('leaves out older samples rather than go over its bound', async () => {
    const [one, two] = cycles(2);
    const key = two!.model.goProcesses[0]!.key;
    const full = new EvidenceStore();
    full.note(evaluation(), one!.model, one!.sample);
    full.note(evaluation(finding(two!.model, {}, key)), two!.model, two!.sample);
    await full.settled();
    const length = gunzipSync(full.get(full.list()[0]!.id)!).length;
    const tight = new EvidenceStore({ maxItemLength: length - 1 });
    tight.note(evaluation(), one!.model, one!.sample);
    tight.note(evaluation(finding(two!.model, {}, key)), two!.model, two!.sample);
    await tight.settled();
    expect(opened(tight.get(tight.list()[0]!.id)).samples.map((sample) => sample.at)).toEqual([two!.sample.at]);
  });

  it('prefers the gravest when more begin at once than it keeps', async () => {
    const [one] = cycles(1);
    const { model, sample } = one!;
    const store = new EvidenceStore({ maxItems: 2 });
    const severities = ['info', 'critical', 'info', 'warning'] as const;
    store.note(
      evaluation(...severities.map((severity, index) => finding(model, { severity }, `k${index}`))),
      model,
      sample,
    );
    await store.settled();
    expect(store.list().map((entry) => entry.severity)).toEqual(['warning', 'critical']);
  });

  it('marks findings with what is kept of them', async () => {
    const [one] = cycles(1);
    const { model, sample } = one!;
    const store = new EvidenceStore();
    store.note(evaluation(finding(model)), model, sample);
    await store.settled();
    const [{ id } = { id: '' }] = store.list();
    const other = finding(model, {}, 'other');
    const marked = store.marked(evaluation(finding(model), other, finding(model, { state: 'resolved' })));
    expect(marked.findings.map((entry) => (entry as { evidenceId?: string }).evidenceId)).toEqual([id, undefined, id]);
    store.close();
    expect([store.list(), store.get(id)]).toEqual([[], undefined]);
  });
});

describe('the agent', () => {
  it('tells of each cycle, lists evidence with findings, and hands it out', async () => {
    let elapsed = 0;
    const told: number[] = [];
    const agent = new Agent({
      paths: node.paths,
      config: defaultConfig(),
      clock: { now: () => ({ wallMs: 1_795_000_000_000 + elapsed, monotonicMs: elapsed }) },
      logger: silentLogger,
      resolver: addressResolver(undefined),
      build: { version: '1', revision: '1' },
      onCycle: (sample, cycle) => {
        expect(cycle.snapshot.model.at).toBe(sample.at);
        told.push(sample.at.monotonicMs);
      },
    });
    const table = routes(agent, { telemetryPath: '/metrics', version: '1', report: () => undefined });
    const ask = async (path: string): Promise<HttpResponse> => {
      const handler = table.get(path);
      if (handler === undefined) throw new Error(`nothing at ${path}`);
      return handler({ method: 'GET', url: new URL(`http://agent${path}`), headers: {}, scrapeTimeoutMs: undefined });
    };
    for (; elapsed <= 15_000; elapsed += 15_000) await agent.cycle();
    expect(told).toEqual([0, 15_000]);
    await agent.evidence.settled();
    const { findings } = JSON.parse(String((await ask('/findings')).body)) as {
      findings: (Finding & { evidenceId?: string })[];
    };
    const above = findings.find((one) => one.rule === 'GomemlimitAboveMemoryLimit')!;
    expect(above.evidenceId).toMatch(/^GomemlimitAboveMemoryLimit-1795000015-\d+$/);
    const list = JSON.parse(String((await ask('/evidence/')).body)) as { evidence: { id: string; href: string }[] };
    const { href } = list.evidence.find((entry) => entry.id === above.evidenceId)!;
    const file = await ask(href);
    expect(file).toMatchObject({ status: 200, contentType: 'application/gzip' });
    expect(file.headers?.['content-disposition']).toBe(`attachment; filename="${above.evidenceId!}.json.gz"`);
    expect(opened(file.body as Buffer).finding.rule).toBe('GomemlimitAboveMemoryLimit');
    // Over a real connection, also when the server encodes the answer.
    const server = await startServer({ addresses: ['127.0.0.1:0'], routes: table, logger: silentLogger });
    if (!server.ok) throw new Error(server.miss.detail);
    const answer = await fetch(`${server.value.addresses[0]!.url}${href}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(file.body);
    await server.value.close();
    expect((await ask('/evidence/none')).status).toBe(404);
    for (const path of ['/evidence/a/b', '/evidence/..', '/evidence', `/evidence/${'a'.repeat(129)}`, '/evidence/"'])
      expect(table.get(path), path).toBeUndefined();
    await agent.stop();
  });
});

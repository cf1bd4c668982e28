import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { type HttpsGet, httpsStream } from '../../../src/io/https-stream.ts';
import { pause } from '../../../src/io/pause.ts';
import { ApiPods } from '../../../src/kube/api/api-pods.ts';
import type { PodSourceOptions } from '../../../src/kube/api/pod-source.ts';
import { serverAccess } from '../../../src/kube/api/server-access.ts';
import type { PodFacts } from '../../../src/kube/api/types.ts';
import { Cluster, until } from './cluster.ts';

const [etcd = '', apiserver = '', directory = '', recorded] = process.argv.slice(2);

/** What each request was answered with, in order. */
const answers: { readonly path: string; body: string }[] = [];
const tokenFile = join(directory, 'token');

function source(cluster: Cluster): ApiPods {
  const options: PodSourceOptions = {
    clock: systemClock,
    random: Math.random,
    pause: (ms, signal) => pause(Math.min(ms, 500), signal),
    stream: (get: HttpsGet, taker, signal) => {
      const answer = { path: get.path, body: '' };
      answers.push(answer);
      const take = (piece: Uint8Array): boolean => {
        answer.body += Buffer.from(piece).toString();
        return taker.take(piece);
      };
      return httpsStream(get, { ...taker, take }, signal);
    },
    server: serverAccess(
      { host: '127.0.0.1', port: cluster.port, caFile: cluster.ca, insecureSkipVerify: false, tokenFile },
      new FileReader({ maxBytes: 1 << 20, maxKept: 0 }),
    ),
    nodeName: 'node-1',
    startJitterMs: 0,
  };
  return new ApiPods(options);
}

const POD_PATH = '/api/v1/namespaces/default/pods';
const pod = (name: string, node: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations, labels: { app: 'cart' } },
  spec: {
    nodeName: node,
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:1',
        env: [
          { name: 'GOMEMLIMIT', value: '100MiB' },
          { name: 'PASSWORD', value: 'not-kept' },
        ],
        resources: { requests: { cpu: '0.25', memory: '64Mi' }, limits: { memory: '1e8' } },
      },
    ],
  },
});

async function main(): Promise<void> {
  const began = Date.now();
  const say = (text: string): void => {
    console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  const cluster = new Cluster(etcd, apiserver, directory);
  let pods: ApiPods | undefined;
  const names = (): string =>
    [...(pods?.sample().pods.values() ?? [])]
      .map(({ name }) => name)
      .sort()
      .join();
  const shows = (expected: string) => until(`pods ${expected}, not ${names()}`, () => names() === expected);
  const known = (name: string): PodFacts | undefined =>
    [...(pods?.sample().pods.values() ?? [])].find((one) => one.name === name);
  const told = (): string =>
    pods
      ?.misses()
      .map(({ kind, detail }) => `${kind}: ${detail}`)
      .join() ?? '';
  const lists = (): number => answers.filter(({ path }) => !path.includes('watch=')).length;
  try {
    await cluster.start();
    say('etcd and kube-apiserver run');
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }];
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cgopher-pods' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'cgopher' }];
    await cluster.ask('POST', `${rbac}/clusterroles`, { metadata: { name: 'cgopher-pods' }, rules });
    await cluster.ask('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'cgopher-pods' }, roleRef, subjects });
    await until('the default namespace', async () => (await cluster.ask('GET', '/api/v1/namespaces/default')) === 200);
    for (const name of ['a', 'b']) await cluster.ask('POST', POD_PATH, pod(name, 'node-1'));
    await cluster.ask('POST', POD_PATH, pod('elsewhere', 'node-2'));

    writeFileSync(tokenFile, 'nobody-token');
    pods = source(cluster);
    await until('denied', () => told() === 'denied: HTTP 403');
    say(`without the right: ${told()}`);
    writeFileSync(tokenFile, 'agent-token\n');
    await shows('a,b');
    say(`list with the right and a token replaced meanwhile: ${names()}`);
    const facts = JSON.stringify(known('a'));
    if (facts.includes('not-kept')) throw new Error('kept what is not to be kept');
    say(`kept of a pod: ${facts}`);

    await cluster.ask('POST', POD_PATH, pod('c', 'node-1'));
    await shows('a,b,c');
    const patch = { metadata: { annotations: { 'cgopher.dev/ignore': 'CpuThrottled' } } };
    await cluster.ask('PATCH', `${POD_PATH}/c`, patch, 'application/merge-patch+json');
    await until('the annotation', () => known('c')?.annotations['cgopher.dev/ignore'] === 'CpuThrottled');
    await cluster.ask('DELETE', `${POD_PATH}/a?gracePeriodSeconds=0`);
    await shows('b,c');
    const limits = { spec: { containers: [{ name: 'app', resources: { limits: { memory: '200Mi' } } }] } };
    await cluster.ask('PATCH', `${POD_PATH}/b/resize`, limits, 'application/strategic-merge-patch+json');
    await until('the resize', () => known('b')?.containers[0]?.resources.limits.memory === '200Mi');
    say('watch: added, changed, resized, deleted');
    await until('a bookmark', () => answers.some(({ body }) => body.includes('"BOOKMARK"')), 150);
    say('watch: a bookmark');

    const before = lists();
    await cluster.stopServer();
    await until('the miss', () => told().startsWith('failed: '));
    if (names() !== 'b,c') throw new Error('forgot what it knew');
    say(`server gone: ${told()}; still known: ${names()}`);
    await cluster.startServer();
    await cluster.ask('POST', POD_PATH, pod('d', 'node-1'));
    await shows('b,c,d');
    const expired = answers.some(({ body }) => body.includes('"code":410'));
    say(`server back: ${names()}; ${lists() - before} new list; 410 in a watch: ${expired}`);

    const large = { note: 'x'.repeat(6000) };
    for (let at = 0; at < 60; at += 1) await cluster.ask('POST', POD_PATH, pod(`large-${at}`, 'node-1', large));
    pods.close();
    writeFileSync(tokenFile, 'agent-token-2');
    pods = source(cluster);
    await until('the large list', () => pods?.sample().pods.size === 63);
    say(
      `a list of ${answers.findLast(({ path }) => !path.includes('watch='))?.body.length} bytes: ${pods.sample().pods.size} pods`,
    );
    if (recorded !== undefined) {
      mkdirSync(recorded, { recursive: true });
      const small = answers.filter(({ body }) => body.length > 0 && body.length < 60_000);
      writeFileSync(join(recorded, 'kubernetes-1.35.json'), `${JSON.stringify(small, undefined, 1)}\n`);
      say(`${small.length} answers recorded`);
    }
  } catch (error) {
    console.error(error, told(), readFileSync(join(directory, 'apiserver.log'), 'utf8').slice(-3000));
    process.exitCode = 1;
  } finally {
    pods?.close();
    await cluster.stop();
  }
}

await main();

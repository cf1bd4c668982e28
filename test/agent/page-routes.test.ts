import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import { routes } from '../../src/agent/routes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { defaultConfig } from '../../src/config/config.ts';
import type { HttpResponse } from '../../src/io/http-server.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { expectStrictHtml } from '../page/strict-html.ts';
import { ID_A, POD_A, SmallNode } from '../sample/small-node.ts';

let node: SmallNode;
let agent: Agent;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
  agent = new Agent({
    paths: node.paths,
    config: defaultConfig(),
    clock: systemClock,
    logger: silentLogger,
    resolver: addressResolver(undefined),
    build: { version: '1', revision: '1' },
  });
});
afterEach(async () => {
  await agent.stop();
  node.close();
});

async function ask(path: string): Promise<HttpResponse | undefined> {
  const url = new URL(`http://agent${path}`);
  const handler = routes(agent, { telemetryPath: '/metrics', version: '1', report: () => undefined }).get(url.pathname);
  return handler?.({ method: 'GET', url, headers: {}, scrapeTimeoutMs: undefined });
}

describe('pages for people', () => {
  it('say before the first look that it is under way, and load themselves anew', async () => {
    for (const path of ['/', '/node', '/workload/1@2']) {
      const answer = await ask(path);
      expect(String(answer?.body)).toContain('The first look at the node is under way.');
      expect(String(answer?.body)).toContain('<meta http-equiv="refresh" content="5">');
    }
    expect(String((await ask('/agent'))?.body)).toContain('No cycle has ended yet.');
  });

  it('allow no more than their own style, by its hash', async () => {
    await agent.cycle();
    const answer = await ask('/');
    const body = String(answer?.body);
    const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer?.headers?.['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(answer?.contentType).toBe('text/html; charset=utf-8');
  });

  it('lead from the overview to workload, rule and back to what exists', async () => {
    await agent.cycle();
    await agent.cycle();
    const todo = ['/'];
    const seen = new Set<string>();
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const answer = await ask(path);
      expect([path, answer?.status]).toEqual([path, path === '/report' ? 503 : 200]);
      if (answer?.contentType.startsWith('text/html') !== true) continue;
      const body = String(answer.body);
      expectStrictHtml(body);
      for (const [, href = ''] of body.matchAll(/href="(\.[^"#?]+)"/g)) {
        const { pathname } = new URL(href.replaceAll('&amp;', '&'), `http://agent${path}`);
        todo.push(pathname);
      }
    }
    expect([...seen].some((path) => path.startsWith('/workload/101%40'))).toBe(true);
    expect([...seen].some((path) => path.startsWith('/rule/'))).toBe(true);
  });

  it('give a workload all verdicts the engine has, and the same ones again', async () => {
    await agent.cycle();
    const isProcess = ({ kind }: { readonly kind: string }) => kind === 'process';
    const [judged] = agent.judged(isProcess);
    const expected = catalogue.filter(({ subject }) => subject === 'process').map(({ id }) => id);
    expect(judged?.answers.map(({ rule }) => rule.id)).toEqual(expected);
    expect(agent.judged(isProcess)).toEqual([judged]);
    const body = String((await ask(`/workload/${judged?.subject.key ?? ''}`))?.body);
    for (const id of expected) expect(body).toContain(`<b>${id}</b>`);
  });

  it('find a container by its inode, and say when something is gone', async () => {
    await agent.cycle();
    const key = agent.last!.snapshot.model.containers[0]!.key;
    const answer = await ask(`/workload/cgroup-${key.slice(key.lastIndexOf('#') + 1)}`);
    expect(answer?.status).toBe(200);
    for (const path of ['/workload/1@2', '/workload/cgroup-0', '/workload/%E0%A4', '/rule/None']) {
      const gone = await ask(path);
      expect([path, gone?.status, gone?.contentType]).toEqual([path, 404, 'text/html; charset=utf-8']);
    }
    expect(await ask('/workload/')).toBeUndefined();
    expect(await ask('/workload/..%2fx/y')).toBeUndefined();
  });
});

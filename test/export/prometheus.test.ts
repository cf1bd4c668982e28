import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusProgram } from '../tools/promtool.ts';
import { type RunningDemo, runningDemo } from '../tools/running-demo.ts';
import { parseExposition } from './parse-exposition.ts';

const program = prometheusProgram('prometheus');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface QueryResult {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

describe.skipIf(program === undefined)('a Prometheus server', () => {
  let demo: RunningDemo;
  let directory = '';
  let server: ChildProcess;
  let url = '';
  const query = async (expression: string): Promise<QueryResult['data']['result']> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    return ((await answer.json()) as QueryResult).data.result;
  };

  beforeAll(async () => {
    // An interval that does not come again in this test: what is scraped is what is compared.
    demo = await runningDemo({ intervalMs: 600_000 });
    directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const target = new URL(demo.url).host;
    writeFileSync(
      join(directory, 'prometheus.yml'),
      `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: cgopher\n  static_configs:\n  - targets: ['${target}']\n`,
    );
    server = spawn(
      program!,
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    for (let tries = 0; tries < 300; tries += 1) {
      const up = await query('up == 1').catch(() => []);
      if (up.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('Prometheus never scraped the agent');
  }, 60_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('takes every series of the agent', async () => {
    const { text } = await demo.get('/metrics');
    const parsed = parseExposition(text);
    const [kept] = await query('scrape_samples_post_metric_relabeling');
    const [scraped] = await query('scrape_samples_scraped');
    expect(Number(scraped!.value[1])).toBe(parsed.samples.length);
    expect(kept!.value[1]).toBe(scraped!.value[1]);
    const [stored] = await query('count({job="cgopher",__name__!~"up|scrape_.*"})');
    expect(Number(stored!.value[1])).toBe(parsed.samples.length);
    expect((await query('up'))[0]?.value[1]).toBe('1');
  });

  it('gives back the values and labels that were written', async () => {
    const parsed = parseExposition((await demo.get('/metrics')).text);
    const stored = await query('cgopher_container_memory_current_bytes');
    const written = parsed.find('cgopher_container_memory_current_bytes');
    const plain = (labels: Readonly<Record<string, string>>) =>
      ['namespace', 'pod', 'container'].map((name) => labels[name] ?? '').join('/');
    expect(stored.map(({ metric, value }) => [plain(metric), Number(value[1])]).sort()).toEqual(
      written.map(({ labels, value }) => [plain(labels), value]).sort(),
    );
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A Prometheus server that scrapes every two seconds. */
export interface ScrapingPrometheus {
  readonly url: string;
  /** The values of now. Throws what the server says of a query that it does not take. */
  query(expression: string): Promise<readonly Sample[]>;
  close(): Promise<void>;
}

interface Target {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
}

export async function scrapingPrometheus(program: string, targets: readonly Target[]): Promise<ScrapingPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'scraping-prometheus-'));
  const file = join(directory, 'prometheus.yml');
  // JSON is YAML too.
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s' },
      scrape_configs: [
        {
          job_name: 'cgopher',
          honor_labels: true,
          static_configs: targets.map(({ host, labels }) => ({ targets: [host], labels })),
        },
      ],
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  return {
    url,
    query: async (expression) => {
      const answer = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expression }),
      });
      const { status, error, data } = (await answer.json()) as {
        status: string;
        error?: string;
        data?: { result: Sample[] };
      };
      if (status !== 'success' || data === undefined) throw new Error(`${error ?? status}: ${expression}`);
      return data.result;
    },
    close: async () => {
      server.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** An alert as GET /api/v1/alerts gives it. */
export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface AlertingPrometheus {
  alerts(): Promise<readonly PrometheusAlert[]>;
  close(): Promise<void>;
}

interface Options {
  readonly program: string;
  readonly agent: string;
  readonly alertmanager: string;
  /** Rule files by name. */
  readonly rules: Readonly<Record<string, string>>;
}

/** A real Prometheus that looks each second, with these rules, and tells this Alertmanager. */
export async function alertingPrometheus(options: Options): Promise<AlertingPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'alerting-prometheus-'));
  for (const [name, text] of Object.entries(options.rules)) writeFileSync(join(directory, name), text);
  // JSON is YAML too.
  writeFileSync(
    join(directory, 'prometheus.yml'),
    JSON.stringify({
      global: {
        scrape_interval: '1s',
        scrape_timeout: '1s',
        evaluation_interval: '1s',
        external_labels: { cluster: 'lab' },
      },
      rule_files: Object.keys(options.rules),
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(options.alertmanager).host] }] }] },
      scrape_configs: [
        {
          job_name: 'cgopher',
          honor_labels: true,
          static_configs: [{ targets: [new URL(options.agent).host], labels: { node: 'simulated-node' } }],
        },
      ],
    }),
  );
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(
    options.program,
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  server.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-4000);
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const close = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const get = async (path: string): Promise<string> => (await fetch(url + path)).text();
  try {
    await until('Prometheus that is ready', async () => {
      if (server.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
      const text = await get('/-/ready').catch(() => '');
      return text.includes('is Ready') ? true : undefined;
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    alerts: async () => {
      const { data } = JSON.parse(await get('/api/v1/alerts')) as { data: { alerts: readonly PrometheusAlert[] } };
      return data.alerts;
    },
    close,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

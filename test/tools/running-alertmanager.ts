import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertmanagerProgram } from './amtool.ts';

/** An alert as GET /api/v2/alerts gives it. */
export interface GettableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly status: { readonly state: string };
}

export interface RunningAlertmanager {
  readonly url: string;
  readonly port: number;
  /** Alerts that fire, as the API gives them. */
  readonly alerts: () => Promise<readonly GettableAlert[]>;
  /** Its own metrics. */
  readonly metrics: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface AlertmanagerOptions {
  /** Left out: one the system chooses. */
  readonly port?: number;
  /** alertmanager.yml; left out: a receiver that tells nobody. */
  readonly config?: string;
  readonly arguments?: readonly string[];
  /** Left out: plain HTTP for everybody. */
  readonly secured?: { readonly webConfig: string; readonly ca: string; readonly authorization: string };
  readonly routePrefix?: string;
}

const USUAL_CONFIG = 'route: { receiver: none }\nreceivers: [ { name: none } ]\n';

/** Why there is no Alertmanager to be had here; undefined when there is. With CI=true that is an error. */
export function withoutAlertmanager(): string | undefined {
  const program = alertmanagerProgram('prometheus-alertmanager');
  if (program === undefined) return 'no Alertmanager is to be had';
  const { status, stderr } = spawnSync('unshare', inItsUsr(program, ['--version']), { encoding: 'utf8' });
  if (status === 0) return undefined;
  const reason = `Alertmanager cannot be started in a mount namespace of its own: ${stderr}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return reason;
}

/** Debian's wants its templates below /usr: in a mount namespace of its own the unpacked package lies over it. */
function inItsUsr(program: string, words: readonly string[]): string[] {
  const root = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  if (program.startsWith('/usr/bin/')) return [...root, '--mount', program, ...words];
  const usr = program.slice(0, program.lastIndexOf('/bin/'));
  const over = `mount -t overlay overlay -o lowerdir=${usr}:/usr /usr && exec "$@"`;
  return [...root, '--mount', 'sh', '-c', over, 'sh', program, ...words];
}

/** A real Alertmanager on loopback, alone, that is ready. */
export async function startAlertmanager(options: AlertmanagerOptions = {}): Promise<RunningAlertmanager> {
  const program = alertmanagerProgram('prometheus-alertmanager');
  if (program === undefined) throw new Error('no Alertmanager is to be had');
  const directory = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  writeFileSync(join(directory, 'alertmanager.yml'), options.config ?? USUAL_CONFIG);
  const words = [
    `--config.file=${join(directory, 'alertmanager.yml')}`,
    `--storage.path=${join(directory, 'data')}`,
    '--cluster.listen-address=',
    `--web.listen-address=127.0.0.1:${options.port ?? 0}`,
    ...(options.arguments ?? []),
  ];
  if (options.routePrefix !== undefined) words.push(`--web.route-prefix=${options.routePrefix}`);
  if (options.secured !== undefined) {
    writeFileSync(join(directory, 'web.yml'), options.secured.webConfig);
    words.push(`--web.config.file=${join(directory, 'web.yml')}`);
  }
  const child = spawn('unshare', inItsUsr(program, words), { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const port = await listening(child);
    const scheme = options.secured === undefined ? 'http' : 'https';
    const url = `${scheme}://127.0.0.1:${port}${options.routePrefix ?? ''}`;
    const get = (path: string): Promise<string> => read(`${url}${path}`, options.secured);
    for (let tries = 0; ; tries += 1) {
      const ready = await get('/-/ready').catch((error: unknown) => error);
      if (ready === 'OK') break;
      if (tries === 100) throw new Error(`Alertmanager is not ready: ${String(ready)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return {
      url,
      port,
      alerts: async () => JSON.parse(await get('/api/v2/alerts')) as GettableAlert[],
      metrics: () => get('/metrics'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-8000);
      const port = /"?Listening on"? address=\S+?:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`Alertmanager ended: ${said}`));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function read(url: string, secured: AlertmanagerOptions['secured']): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = secured === undefined ? {} : { authorization: secured.authorization };
    const options = { headers, agent: false } as const;
    const request =
      secured === undefined
        ? httpRequest(url, options)
        : httpsRequest(url, { ...options, ca: secured.ca, servername: 'localhost' });
    request.setTimeout(5000, () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve(text);
      });
    });
    request.end();
  });
}

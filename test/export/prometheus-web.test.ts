import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type RunningAgent, startAgent } from '../../src/cli/agent.ts';
import { openWebConfig } from '../../src/cli/web-config.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { ID_A, POD_A, SmallNode } from '../sample/small-node.ts';
import { hasOpenssl, type IssuedCertificate, TestAuthority } from '../tools/certificates.ts';
import { prometheusProgram } from '../tools/promtool.ts';

const program = prometheusProgram('prometheus');
const possible = program !== undefined && hasOpenssl();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
  readonly lastError: string;
  readonly lastScrape: string;
}

describe.skipIf(!possible)('a Prometheus server that must prove itself', () => {
  let directory = '';
  let node: SmallNode;
  let agent: RunningAgent;
  let server: ChildProcess;
  let url = '';
  let authority: TestAuthority;
  let second: IssuedCertificate;
  const api = async <T>(path: string): Promise<T> => ((await (await fetch(url + path)).json()) as { data: T }).data;
  const targets = async (): Promise<Record<string, Target>> => {
    const { activeTargets } = await api<{ activeTargets: Target[] }>('/api/v1/targets');
    return Object.fromEntries(activeTargets.map((target) => [target.labels.job, target]));
  };
  const until = async <T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> => {
    let last: T | undefined;
    for (let tries = 0; tries < 600; tries += 1) {
      last = await ask().catch(() => undefined);
      if (last !== undefined && holds(last)) return last;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it never held: ${JSON.stringify(last)}`);
  };
  const own = (certificate: IssuedCertificate): void => {
    copyFileSync(certificate.key, join(directory, 'own.key'));
    copyFileSync(certificate.cert, join(directory, 'own.pem'));
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'prometheus-web-'));
    authority = new TestAuthority(directory);
    second = authority.issue('second', 'IP:127.0.0.1', 'serverAuth');
    const scraper = authority.issue('scraper', 'DNS:prometheus', 'clientAuth');
    own(authority.issue('first', 'IP:127.0.0.1', 'serverAuth'));
    const web = join(directory, 'web.yml');
    writeFileSync(
      web,
      `tls_server_config:
  cert_file: own.pem
  key_file: own.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  prometheus: ${hashSync('secret', 10).replace('$2b$', '$2y$')}
`,
    );
    node = new SmallNode();
    node.cgroup(POD_A);
    node.container(ID_A, 101);
    agent = await startAgent({
      paths: node.paths,
      config: { ...defaultConfig(), intervalMs: 600_000 },
      configFile: undefined,
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger: silentLogger,
      clock: systemClock,
      web: await openWebConfig(web),
      exporterMetrics: false,
    });
    const job = (name: string, tls: string, more = ''): string => `- job_name: ${name}
  scheme: https
  tls_config: ${tls}
  static_configs: [{targets: ['${new URL(agent.urls[0]!).host}']}]
${more}`;
    const tls = `{ca_file: ca.pem, cert_file: ${scraper.cert}, key_file: ${scraper.key}}`;
    const user = (password: string): string => `  basic_auth: {username: prometheus, password: ${password}}\n`;
    writeFileSync(
      join(directory, 'prometheus.yml'),
      `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
${job('good', tls, user('secret'))}
${job('some', tls, `${user('secret')}  params: {'collect[]': [memory, findings]}\n`)}
${job('both', tls, `${user('secret')}  params: {'collect[]': [memory], 'exclude[]': [io]}\n`)}
${job('wrong-password', tls, user('guess'))}
${job('no-user', tls)}
${job('no-certificate', '{ca_file: ca.pem}', user('secret'))}
`,
    );
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ];
    server = spawn(program!, flags, { stdio: 'ignore' });
    await until(
      targets,
      (now) => Object.values(now).length === 6 && Object.values(now).every((t) => t.health !== 'unknown'),
    );
  }, 120_000);
  afterAll(async () => {
    if (!possible) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    await agent.stop();
    node.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('scrapes with certificate and password, and is refused without', async () => {
    const now = await until(targets, ({ good, some }) => good?.health === 'up' && some?.health === 'up');
    expect(Object.fromEntries(Object.entries(now).map(([job, { health }]) => [job, health]))).toEqual({
      good: 'up',
      some: 'up',
      both: 'down',
      'wrong-password': 'down',
      'no-user': 'down',
      'no-certificate': 'down',
    });
    expect(now['both']!.lastError).toBe('server returned HTTP status 400 Bad Request');
    expect(now['wrong-password']!.lastError).toBe('server returned HTTP status 401 Unauthorized');
    expect(now['no-user']!.lastError).toBe('server returned HTTP status 401 Unauthorized');
    expect(now['no-certificate']!.lastError).not.toContain('HTTP status');
  }, 90_000);

  it('gets the collectors it asks for, and nothing of the process of the agent', async () => {
    interface Answer {
      readonly result: readonly { readonly metric: Record<string, string> }[];
    }
    const names = async (job: string): Promise<string[]> =>
      (await api<Answer>(`/api/v1/query?query=${encodeURIComponent(`group by (__name__) ({job="${job}"})`)}`)).result
        .map(({ metric }) => metric['__name__']!)
        .sort();
    const some = await until(
      () => names('some'),
      (now) => now.includes('cgopher_container_memory_current_bytes'),
    );
    expect(some.filter((name) => name.startsWith('cgopher_container_cpu') || name.startsWith('cgopher_go_'))).toEqual(
      [],
    );
    expect(some).toContain('cgopher_build_info');
    const good = await until(
      () => names('good'),
      (now) => now.includes('cgopher_container_cpu_usage_seconds_total'),
    );
    expect(good).toContain('cgopher_go_info');
    expect(good.filter((name) => /^(process|nodejs)_/.test(name))).toEqual([]);
  }, 90_000);

  it('goes on scraping when the certificate is another', async () => {
    own(second);
    const changedAt = Date.now();
    // A new connection: Prometheus keeps the one it has.
    const subject = await new Promise<string>((resolve, reject) => {
      const asked = request(`${agent.urls[0]!}/metrics`, { rejectUnauthorized: false, agent: false }, () => undefined);
      asked.on('socket', (socket) => {
        socket.on('secureConnect', () => {
          if (socket instanceof TLSSocket) resolve(String(socket.getPeerCertificate().subject.CN));
        });
      });
      asked.on('error', reject);
      asked.end();
    });
    expect(subject).toBe('second');
    const after = await until(targets, ({ good }) => Date.parse(good!.lastScrape) > changedAt + 1000);
    expect(after['good']!.health).toBe('up');
  }, 90_000);
});

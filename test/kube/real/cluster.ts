import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { TestAuthority } from '../../tools/certificates.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Until `check` gives true; throws after `seconds`. */
export async function until(what: string, check: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** etcd and kube-apiserver on loopback, with an authority of their own, tokens from a file, and RBAC. */
export class Cluster {
  readonly ca: string;
  readonly #directory: string;
  readonly #programs: { readonly etcd: string; readonly apiserver: string };
  #port = 0;
  #etcdPort = 0;
  #etcd: ChildProcess | undefined;
  #apiserver: ChildProcess | undefined;

  constructor(etcd: string, apiserver: string, directory: string) {
    this.#programs = { etcd, apiserver };
    this.#directory = directory;
    const authority = new TestAuthority(directory);
    this.ca = authority.cert;
    authority.issue('server', 'IP:127.0.0.1', 'serverAuth');
    execFileSync('openssl', ['genrsa', '-out', join(directory, 'sa.key'), '2048'], { stdio: 'pipe' });
    const tokens = [
      'admin-token,admin,1,"system:masters"',
      'agent-token,cgopher,2',
      'agent-token-2,cgopher,2',
      'nobody-token,nobody,3',
    ];
    writeFileSync(join(directory, 'tokens.csv'), `${tokens.join('\n')}\n`);
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#etcdPort = await freePort();
    const peer = await freePort();
    this.#etcd = this.#spawn('etcd', [
      `--data-dir=${join(this.#directory, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${this.#etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${this.#etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ]);
    this.#port = await freePort();
    await this.startServer();
  }

  async startServer(): Promise<void> {
    const at = (file: string): string => join(this.#directory, file);
    this.#apiserver = this.#spawn('apiserver', [
      `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`,
      `--secure-port=${this.#port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=10.0.0.1',
      '--endpoint-reconciler-type=none',
      `--tls-cert-file=${at('server.pem')}`,
      `--tls-private-key-file=${at('server.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${at('sa.key')}`,
      `--service-account-signing-key-file=${at('sa.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      `--token-auth-file=${at('tokens.csv')}`,
      '--disable-admission-plugins=ServiceAccount',
      `--cert-dir=${at('certificates')}`,
    ]);
    await until('the API server is ready', async () => (await this.ask('GET', '/readyz').catch(() => 0)) === 200, 240);
  }

  async stopServer(): Promise<void> {
    const server = this.#apiserver;
    if (server === undefined) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    this.#apiserver = undefined;
  }

  async stop(): Promise<void> {
    await this.stopServer();
    const etcd = this.#etcd;
    if (etcd === undefined) return;
    const ended = new Promise((resolve) => etcd.once('exit', resolve));
    etcd.kill('SIGKILL');
    await ended;
  }

  /** As an administrator. The status; throws what the server says when it refuses a body. */
  ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: this.#port,
        path,
        method,
        ca: readFileSync(this.ca),
        headers: { authorization: 'Bearer admin-token', 'content-type': type },
      };
      const asking = request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (body !== undefined && status >= 300) reject(new Error(`${method} ${path}: ${text.slice(0, 500)}`));
          else resolve(status);
        });
      });
      asking.on('error', reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #spawn(name: 'etcd' | 'apiserver', words: readonly string[]): ChildProcess {
    const log = openSync(join(this.#directory, `${name}.log`), 'a');
    return spawn(this.#programs[name], words, { stdio: ['ignore', log, log] });
  }
}

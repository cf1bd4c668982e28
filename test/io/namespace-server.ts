import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

/** Why no network namespace can be made and entered here; undefined where it can. */
export function namespacesImpossible(): string | undefined {
  if (spawnSync('nsenter', ['--version']).status !== 0) return 'nsenter is not installed';
  const made = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (made.status === 0) return undefined;
  return `no network namespace can be made (${(made.error?.message ?? made.stderr).trim()})`;
}

/** An HTTP server on 127.0.0.1:6060 of a network namespace of its own. */
export interface NamespaceServer {
  readonly pid: number;
  readonly namespace: string;
  end(): Promise<void>;
}

const PROGRAM = `
const { createServer } = require('node:http');
createServer((request, response) => {
  if (request.url === '/last') response.setHeader('connection', 'close');
  response.end(String(request.socket.remotePort));
}).listen(6060, '127.0.0.1', () => console.log('listening'));
`;

export async function namespaceServer(): Promise<NamespaceServer> {
  const script = `ip link set lo up && exec "${process.execPath}" -e "$PROGRAM"`;
  const child: ChildProcess = spawn('unshare', ['-n', 'sh', '-c', script], {
    env: { ...process.env, PROGRAM },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout?.once('data', resolve);
    child.once('exit', reject);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    namespace: readlinkSync(`/proc/${pid}/ns/net`),
    end: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit').once('exit', () => {
          resolve();
        });
        child.kill('SIGKILL');
      }),
  };
}

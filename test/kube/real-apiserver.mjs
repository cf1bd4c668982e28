// Runs list and watch against a real kube-apiserver with a real etcd: `node test/kube/real-apiserver.mjs`. Not part of CI: the server takes long
// to build. With RECORD=1 the answers are written to test/kube/recorded, which the tests replay.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (script, ...words) =>
  execFileSync('bash', [join(root, script), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
const apiserver = process.env.KUBE_APISERVER ?? run('test/kube/real/build-apiserver.sh');
const etcd = join(run('test/guest/packages.sh', 'etcd'), 'usr/bin/etcd');

const directory = mkdtempSync(join(tmpdir(), 'cgopher-real-'));
try {
  const outfile = join(directory, 'run.mjs');
  await build({
    entryPoints: [join(root, 'test/kube/real/run.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const recorded = process.env.RECORD === '1' ? [join(root, 'test/kube/recorded')] : [];
  const { status } = spawnSync(process.execPath, [outfile, etcd, apiserver, directory, ...recorded], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

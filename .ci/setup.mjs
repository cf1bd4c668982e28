// What a fresh checkout needs before anything runs: packages as the lock file says, once per lock file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MARK = 'node_modules/.cgopher-installed';

/** Fails early with a clear line on a Node that is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`cgopher needs Node 20.19 or newer; this is ${process.version}`);
    process.exit(2);
  }
}

/** Runs a command with its output shown. Returns its exit status. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Installs packages when the lock file is not the one installed last. */
export function install() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === lock) return;
  console.log('installing packages ...');
  const status = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    console.error('npm ci failed');
    process.exit(status);
  }
  writeFileSync(MARK, lock);
}

/** Builds the bundle. */
export function buildBundle() {
  const status = run(process.execPath, ['.config/build.mjs']);
  if (status !== 0) process.exit(status);
}

import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Where a program is: on PATH, else in a cache, else taken there from a package of Debian for the same machine.
 * Undefined when there is none to be had, so that a test can be skipped in plain sight; with CI=true that is an error instead.
 */
export function debianProgram(packageName: string, name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (directory !== '' && isExecutable(path)) return path;
  }
  const root = process.env['XDG_CACHE_HOME'];
  const cache = join(root === undefined || root === '' ? join(homedir(), '.cache') : root, 'cgopher-tools');
  const cached = join(cache, packageName, 'usr', 'bin', name);
  if (isExecutable(cached)) return cached;
  let reason: string;
  try {
    download(cache, packageName, cached);
    if (isExecutable(cached)) return cached;
    reason = `the ${packageName} package has no ${name}`;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const message = `${name} is neither on PATH nor to be had from apt: ${reason}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`skipped: ${message}`);
  return undefined;
}

/** Unpacks next to its place and moves there in one step: two test files may do this at the same time. */
function download(cache: string, packageName: string, wanted: string): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'unpack-'));
  try {
    const run = (program: string, ...words: readonly string[]): void => {
      execFileSync(program, words, { cwd: work, stdio: 'pipe', timeout: 120_000 });
    };
    try {
      run('apt-get', 'download', packageName);
    } catch {
      // A new machine has no package lists yet.
      run('apt-get', 'update', '-q');
      run('apt-get', 'download', packageName);
    }
    const file = readdirSync(work).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get gave no file');
    run('dpkg', '-x', file, packageName);
    renameSync(join(work, packageName), join(cache, packageName));
  } catch (error) {
    if (!isExecutable(wanted)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

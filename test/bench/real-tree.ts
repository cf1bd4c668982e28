import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'cgopher-bench-';

/** Where cgroup2 is mounted on this machine; undefined without one. */
export function cgroup2Mount(): string | undefined {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount = '', rest = ''] = line.split(' - ');
    if (rest.startsWith('cgroup2 ')) return mount.split(' ')[4];
  }
  return undefined;
}

/** Makes these cgroups below one of its own, `cgopher-bench-PID`, on the real file system. Says why when it cannot. */
export function makeRealTree(paths: readonly string[]): { readonly root: string } | { readonly why: string } {
  const mount = cgroup2Mount();
  if (mount === undefined) return { why: 'no cgroup2 file system is mounted' };
  removeLeftOvers(mount);
  const root = join(mount, `${PREFIX}${process.pid}`);
  try {
    for (const path of paths) mkdirSync(root + path, { recursive: true });
    return { root };
  } catch (error) {
    removeDirectories(root);
    return { why: `${mount} is not writable: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Removes a tree of directories from the leaves up: control files cannot be unlinked and go with their directory. */
export function removeDirectories(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) removeDirectories(join(directory, entry.name));
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A run that was killed outright could not clean up. */
function removeLeftOvers(mount: string): void {
  for (const name of readdirSync(mount)) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length));
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid)) removeDirectories(join(mount, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

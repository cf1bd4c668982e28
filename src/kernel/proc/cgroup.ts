import { utf8 } from './text.ts';
import type { ProcCgroup } from './types.ts';

const DELETED = ' (deleted)';
/** A hybrid node has about a dozen hierarchies. */
const MAX_LINES = 256;

/**
 * Parses /proc/PID/cgroup: lines `ID:CONTROLLERS:PATH`, where the path may hold colons but, by the kernel's own rule, no newline.
 * The path is relative to the READER's cgroup namespace. Named v1 hierarchies (`name=systemd`) bind no controller and are left out.
 * An empty file has no hierarchies and is well formed; undefined when a line is not of the form.
 * Source: Documentation/admin-guide/cgroup-v2.rst "Processes", kernel/cgroup/cgroup.c proc_cgroup_show, Linux 6.12.
 */
export function parseProcCgroup(bytes: Uint8Array, length: number): ProcCgroup | undefined {
  let unifiedPath: string | undefined;
  let deleted = false;
  const v1Controllers: string[] = [];
  for (const line of utf8(bytes, 0, length).split('\n', MAX_LINES)) {
    if (line === '') continue;
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    const id = line.slice(0, Math.max(first, 0));
    const path = line.slice(second + 1);
    if (second < 0 || !/^\d{1,9}$/.test(id) || !path.startsWith('/')) return undefined;
    const controllers = line.slice(first + 1, second);
    if (id === '0' && controllers === '') {
      deleted = path.endsWith(DELETED);
      unifiedPath = deleted ? path.slice(0, -DELETED.length) : path;
    } else {
      for (const name of controllers.split(',')) if (name !== '' && !name.includes('=')) v1Controllers.push(name);
    }
  }
  return { unifiedPath, deleted, v1Controllers };
}

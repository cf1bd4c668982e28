import type { Miss } from '../../base/reading.ts';
import { directoryStat, subdirectories } from '../../io/directory.ts';

/** A cgroup directory. */
export interface CgroupDirectory {
  /** Relative to the walked root, `/` for the root itself, else `/a/b`. */
  readonly path: string;
  readonly inode: number;
  /** The directory's link count: 2 + its child cgroups on cgroupfs. */
  readonly links: number;
}

/** Bounds and wishes of a walk. */
export interface WalkOptions {
  /** Whether to look for cgroups below this one. It is itself in the result in any case. Default: always. */
  readonly descend?: (path: string) => boolean;
  /** Levels below the root. Default 16. */
  readonly maxDepth?: number;
  /** Directories in the result. Default 20,000. */
  readonly maxDirectories?: number;
  /** Takes what could not be read, and one miss for each bound that cut the walk. A directory that vanishes meanwhile is none. */
  readonly onMiss?: (miss: Miss) => void;
}

const READER = 'cgroup_walk';
const MAX_DEPTH = 16;
const MAX_DIRECTORIES = 20_000;

interface Visit extends CgroupDirectory {
  readonly depth: number;
  /** The parent's link count was 2 + its sub-directories, so this file system counts them and 2 means a leaf. */
  readonly countsLinks: boolean;
}

/**
 * Lists the cgroups below `root` with their inodes, level by level, so that a cut loses the deepest. Empty when the root
 * cannot be read, which is told as a miss.
 *
 * A leaf is known by its link count without listing it, where the file system keeps that count (cgroupfs, ext4, tmpfs; not
 * btrfs or a merged overlayfs directory).
 */
export function walkCgroups(root: string, options: WalkOptions = {}): readonly CgroupDirectory[] {
  const { descend, maxDepth = MAX_DEPTH, maxDirectories = MAX_DIRECTORIES, onMiss } = options;
  const stat = directoryStat(root, READER);
  if (!stat.ok) {
    onMiss?.(stat.miss);
    return [];
  }
  const visits: Visit[] = [{ path: '/', ...stat.value, depth: 0, countsLinks: false }];
  let tooDeep = false;
  for (let next = 0; next < visits.length; next++) {
    const parent = visits[next];
    if (parent === undefined || (parent.countsLinks && parent.links === 2)) continue;
    if (next > 0 && descend?.(parent.path) === false) continue;
    const names = subdirectories(directoryOf(root, parent.path), READER);
    if (!names.ok) {
      if (next === 0 || names.miss.kind !== 'absent') onMiss?.(names.miss);
      continue;
    }
    if (names.value.length > 0 && parent.depth === maxDepth) {
      tooDeep = true;
      continue;
    }
    const countsLinks = parent.links === 2 + names.value.length;
    for (const name of names.value) {
      if (visits.length >= maxDirectories) {
        onMiss?.(cut(root, `more than ${maxDirectories} directories`));
        return visits.map(plain);
      }
      const path = parent.path === '/' ? `/${name}` : `${parent.path}/${name}`;
      const child = directoryStat(directoryOf(root, path), READER);
      if (child.ok) visits.push({ path, ...child.value, depth: parent.depth + 1, countsLinks });
      else if (child.miss.kind !== 'absent') onMiss?.(child.miss);
    }
  }
  if (tooDeep) onMiss?.(cut(root, `more than ${maxDepth} levels`));
  return visits.map(plain);
}

function directoryOf(root: string, path: string): string {
  return path === '/' ? root : root + path;
}

function plain({ path, inode, links }: Visit): CgroupDirectory {
  return { path, inode, links };
}

function cut(root: string, detail: string): Miss {
  return { kind: 'failed', reader: READER, source: root, detail };
}

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** Names of the sub-directories of `path`, in the order the kernel gives them. */
export function subdirectories(path: string, reader: string): Reading<string[]> {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) names.push(entry.name);
    return found(names);
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

/** All names in `path`. */
export function entries(path: string, reader: string): Reading<string[]> {
  try {
    return found(readdirSync(path));
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

/** The target of a symbolic link. /proc/PID/ns/net gives `net:[4026531840]`. */
export function linkTarget(path: string, reader: string): Reading<string> {
  try {
    return found(readlinkSync(path));
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

/** Block size of procfs (fs/proc/root.c, proc_fill_super); directories of disks have 4096, and blocks. */
const PROCFS_BLOCK_BYTES = 1024;

/**
 * What stat(2) calls the size of a directory of procfs: of /proc/PID/fd the number of open files since Linux 6.2. `unsupported` for 0,
 * which older kernels say, and for a directory of another file system, whose size is another thing.
 */
export function procDirectorySize(path: string, reader: string): Reading<number> {
  try {
    const { size, blocks, blksize } = statSync(path);
    if (blocks !== 0 || blksize !== PROCFS_BLOCK_BYTES) return missed('unsupported', reader, path, 'not on procfs');
    return size > 0 ? found(size) : missed('unsupported', reader, path, 'no size, as before Linux 6.2');
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

/** Inode number and link count of a directory. A cgroup directory's link count is 2 + its child cgroups. */
export function directoryStat(
  path: string,
  reader: string,
): Reading<{ readonly inode: number; readonly links: number }> {
  try {
    const stat = statSync(path);
    return found({ inode: stat.ino, links: stat.nlink });
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

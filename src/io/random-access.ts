import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** Names one version of a file: the same numbers mean the same bytes. */
export interface FileStamp {
  readonly device: number;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly size: number;
}

/** Reads `length` bytes at `offset`. Gives fewer at the end of the file, and none past it. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/**
 * Opens `path` for reading at any offset, hands it to `use`, and closes it.
 * Errors thrown by `use` that come from the file system become a miss; any other error is the caller's.
 */
export function withRandomAccess<T>(
  path: string,
  reader: string,
  use: (readAt: ReadAt, stamp: FileStamp) => Reading<T>,
): Reading<T> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
  try {
    const stat = fstatSync(fd);
    const readAt: ReadAt = (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    };
    return use(readAt, { device: stat.dev, inode: stat.ino, mtimeMs: stat.mtimeMs, size: stat.size });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return missed(missKindOf(error), reader, path, errorCode(error));
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The stamp of `path` without reading it, for a cache look-up. */
export function stampOf(path: string, reader: string): Reading<FileStamp> {
  return withRandomAccess(path, reader, (_, stamp) => found(stamp));
}

import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** Names one version of a file: the same numbers mean the same bytes. */
export interface FileStamp {
  readonly device: number;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly size: number;
}

/** The stamp in one text. */
export function stampKey({ device, inode, mtimeMs, size }: FileStamp): string {
  return `${device}:${inode}:${mtimeMs}:${size}`;
}

/** Reads `length` bytes at `offset`. Gives fewer at the end of the file, and none past it. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** An open file. */
export interface RandomAccessFile {
  readonly readAt: ReadAt;
  readonly stamp: FileStamp;
  close(): void;
}

/** Opens `path` for reading at any offset. Reading throws what the file system throws; a file that shrinks gives fewer bytes. */
export function openRandomAccess(path: string, reader: string): Reading<RandomAccessFile> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return found(fileOf(fd));
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

/**
 * Opens `path`, hands it to `use`, and closes it.
 * Errors thrown by `use` that come from the file system become a miss; any other error is the caller's.
 */
export function withRandomAccess<T>(
  path: string,
  reader: string,
  use: (readAt: ReadAt, stamp: FileStamp) => Reading<T>,
): Reading<T> {
  const file = openRandomAccess(path, reader);
  if (!file.ok) return file;
  try {
    return use(file.value.readAt, file.value.stamp);
  } catch (error) {
    return readingFailed(error, reader, path);
  } finally {
    file.value.close();
  }
}

/** The miss for what the file system threw. Any other error is a defect, and is thrown on. */
export function readingFailed(error: unknown, reader: string, path: string): Reading<never> {
  if (error instanceof Error && 'code' in error) return missed(missKindOf(error), reader, path, errorCode(error));
  throw error;
}

/** The stamp of `path` without opening it, for a cache look-up. */
export function stampOf(path: string, reader: string): Reading<FileStamp> {
  try {
    return found(stampFrom(statSync(path)));
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
}

function fileOf(fd: number): RandomAccessFile {
  return {
    readAt: (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    },
    stamp: stampFrom(fstatSync(fd)),
    close: () => {
      closeSync(fd);
    },
  };
}

function stampFrom({ dev, ino, mtimeMs, size }: Stats): FileStamp {
  return { device: dev, inode: ino, mtimeMs, size };
}

import { closeSync, openSync, readSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** How far a file was read. */
export interface SlicedRead {
  /** Bytes that lie in the buffer now. */
  readonly length: number;
  /** The file ends there; false when `enough` ended the reading. */
  readonly ended: boolean;
}

/**
 * Reads `path` from its start into `into`, `sliceBytes` at a time, until `enough` says so of the length so far or the file ends.
 * For kernel lists whose rest is dear: the kernel makes rows only as far as a read has room for them. A read that gives less than it
 * has room for was the last, and is not asked to say so again: that would have the kernel look for the end anew. A list keeps to
 * this while a slice and a row fit into a page together (fs/seq_file.c seq_read_iter). A file that does not fit into the buffer is `failed`.
 */
export function readSlices(
  path: string,
  reader: string,
  into: Uint8Array,
  sliceBytes: number,
  enough: (length: number) => boolean,
): Reading<SlicedRead> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    for (let length = 0; length < into.length; ) {
      const room = Math.min(sliceBytes, into.length - length);
      const count = readSync(fd, into, length, room, null);
      length += count;
      if (count > 0 && enough(length)) return found({ length, ended: false });
      if (count < room) return found({ length, ended: true });
    }
    return missed('failed', reader, path, `over ${into.length} bytes`);
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

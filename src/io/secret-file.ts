import { closeSync, openSync, readSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

const MAX_BYTES = 64 * 1024;

/**
 * The text of a file with a secret or a certificate, at most 64 KiB. Read anew each time, because such files are replaced while a
 * program runs. What is in it is never part of a miss.
 */
export function readSecretFile(path: string, reader: string): Reading<string> {
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  try {
    const fd = openSync(path, 'r');
    try {
      for (;;) {
        const count = readSync(fd, bytes, length, bytes.length - length, null);
        length += count;
        if (count === 0 || length === bytes.length) break;
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return missed(missKindOf(error), reader, path, errorCode(error));
  }
  if (length > MAX_BYTES) return missed('failed', reader, path, `over ${MAX_BYTES} bytes`);
  const text = bytes.toString('utf8', 0, length);
  return text.trim() === '' ? missed('malformed', reader, path, 'is empty') : found(text);
}

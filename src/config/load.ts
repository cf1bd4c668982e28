import { closeSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../io/errno.ts';
import { type ConfigResult, parseConfig, type ValidateOptions } from './validate.ts';

const MAX_BYTES = 1024 * 1024;

/** Reads the configuration file at `path`. A file that cannot be read, is over 1 MiB or is not UTF-8 is a problem without a line. */
export function loadConfig(path: string, options: ValidateOptions = {}): ConfigResult {
  const refused = (message: string): ConfigResult => ({
    ok: false,
    problems: [{ file: path, line: undefined, column: undefined, path: '', message }],
  });
  let bytes: Uint8Array;
  try {
    bytes = readUpTo(path, MAX_BYTES + 1);
  } catch (error) {
    return refused(`cannot be read: ${errorCode(error)}`);
  }
  if (bytes.length > MAX_BYTES) return refused('is over 1 MiB');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refused('is not UTF-8 text');
  }
  return parseConfig(text, path, options);
}

// Not by the file's size: it may be a device or a pipe.
function readUpTo(path: string, maxBytes: number): Uint8Array {
  const bytes = Buffer.alloc(maxBytes);
  const fd = openSync(path, 'r');
  try {
    let length = 0;
    while (length < maxBytes) {
      const count = readSync(fd, bytes, length, maxBytes - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

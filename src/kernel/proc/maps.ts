import { found, missed, type Reading } from '../../base/reading.ts';
import { type ReadAt, withRandomAccess } from '../../io/random-access.ts';
import { COLON, DASH, SPACE, wordEnd } from '../cgroup/scan.ts';
import { lineEnd, utf8 } from './text.ts';

/** A process with a million mappings has a file of 70 MB. The executable of a PIE comes after the Go heap, which has few. */
const MAX_BYTES = 1024 * 1024;
const CHUNK = 16 * 1024;

/**
 * Where the loader put the part of `executable` that lies at `fileOffset` in the file, from /proc/PID/maps: the lowest such mapping.
 * Less the link-time address of that part, it is the load bias. `executable` is the target of /proc/PID/exe, as the kernel gives it.
 * Absent when no mapping within the first MiB of the file is of that executable and offset. Reads no further than the match.
 * Source: Documentation/filesystems/proc.rst section 1.1, fs/proc/task_mmu.c show_map_vma, Linux 6.12.
 */
export function readMappingStart(path: string, executable: string, fileOffset: number): Reading<number> {
  return withRandomAccess(path, 'proc.maps', (readAt) => {
    const start = findMappingStart(readAt, executable, fileOffset);
    return start === undefined
      ? missed('absent', 'proc.maps', path, `no mapping of the executable at file offset ${fileOffset}`)
      : found(start);
  });
}

/** {@link readMappingStart} over any source of the file's bytes. Undefined: there is no such line, or the bytes are not of the form. */
export function findMappingStart(readAt: ReadAt, executable: string, fileOffset: number): number | undefined {
  const name = executable.replaceAll('\n', '\\012');
  for (let at = 0; at < MAX_BYTES; ) {
    const chunk = readAt(at, CHUNK);
    // What follows the last newline is read again with what comes after it.
    const whole = chunk.lastIndexOf(0x0a) + 1;
    if (whole === 0) return undefined;
    for (let line = 0; line < whole; ) {
      const end = lineEnd(chunk, line, whole);
      const start = startOf(chunk, line, end, name, fileOffset);
      if (start !== undefined) return start;
      line = end + 1;
    }
    at += whole;
  }
  return undefined;
}

/** The start of a line `START-END PERMISSIONS OFFSET DEVICE INODE   PATH` when its offset and path are the ones looked for. */
function startOf(bytes: Uint8Array, line: number, end: number, name: string, fileOffset: number): number | undefined {
  const dash = bytes.indexOf(DASH, line);
  const space = wordEnd(bytes, line, end);
  if (dash < 0 || dash > space) return undefined;
  const offsetAt = wordEnd(bytes, space + 1, end) + 1;
  const deviceAt = wordEnd(bytes, offsetAt, end) + 1;
  const inodeAt = wordEnd(bytes, deviceAt, end) + 1;
  if (bytes.indexOf(COLON, deviceAt) >= inodeAt) return undefined;
  let nameAt = wordEnd(bytes, inodeAt, end);
  while (nameAt < end && bytes[nameAt] === SPACE) nameAt += 1;
  if (hexadecimal(bytes, offsetAt, deviceAt - 1) !== fileOffset) return undefined;
  return utf8(bytes, nameAt, end) === name ? hexadecimal(bytes, line, dash) : undefined;
}

function hexadecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end <= start || end - start > 16) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

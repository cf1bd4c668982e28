import { LF } from '../cgroup/scan.ts';

/**
 * The file's bytes as UTF-8 text. For paths and names, which Node's file functions take and give as UTF-8.
 * Copies: nothing of the shared buffer is kept.
 */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** The file's bytes as Latin-1 text: one byte, one character. For ASCII files, where it is the cheapest. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Where the line that starts at `start` ends: the index of its newline, or `end`. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(LF, start);
  return at < 0 || at > end ? end : at;
}

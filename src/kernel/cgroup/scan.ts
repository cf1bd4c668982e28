/*
 * Steps over the bytes of a control file. Every step is a pure function of a position, so that a parser makes no garbage but
 * its result. `end` is the file's length: bytes behind it belong to an earlier, longer file in the same buffer.
 */

/** Reads `bytes[0..length)`. Undefined when they are not what the file's format says. Keeps no view into `bytes`. */
export type Parse<T> = (bytes: Uint8Array, length: number) => T | undefined;

/** Line feed. Every line the kernel writes ends with one, so a file that does not was cut. */
export const LF = 0x0a;
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const EQUALS = 0x3d;

/** What {@link decimal} gives for no number. Kernel numbers are never negative, so it cannot be mistaken for one. */
export const NO_NUMBER = -1;

/** The bytes of an ASCII word. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** True when `word` stands at `at`. */
export function startsWith(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (end - at < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** Position behind the digits that start at `at`; `at` itself when there are none. */
export function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && isDigit(bytes[stop])) stop += 1;
  return stop;
}

/** Position behind the printable bytes other than a space that start at `at`. */
export function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && isPrintable(bytes[stop]) && bytes[stop] !== SPACE) stop += 1;
  return stop;
}

/** Position behind the printable bytes, spaces among them, that start at `at`. */
export function printableEnd(bytes: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && isPrintable(bytes[stop])) stop += 1;
  return stop;
}

/** Position behind the spaces that start at `at`. */
export function spacesEnd(bytes: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && bytes[stop] === SPACE) stop += 1;
  return stop;
}

/**
 * The unsigned decimal in `bytes[at..stop)`, digits only. {@link NO_NUMBER} when it is empty, holds anything else, or is over
 * 2^53 - 1, where a double no longer tells neighbours apart.
 */
export function decimal(bytes: Uint8Array, at: number, stop: number): number {
  if (at >= stop) return NO_NUMBER;
  let value = 0;
  for (let i = at; i < stop; i++) {
    const byte = bytes[i];
    if (!isDigit(byte)) return NO_NUMBER;
    value = value * 10 + (byte - 0x30);
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : NO_NUMBER;
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= SPACE && byte < 0x7f;
}

import { ascii, COLON, decimal, digitsEnd, EQUALS, LF, SPACE, startsWith, wordEnd } from './scan.ts';

/** How the kernel names a device that has no number to show: a hidden path of a multipath NVMe disk. */
const UNKNOWN_DEVICE = ascii('(unknown)');
/** An opening bracket, `(`. */
const BRACKET = 0x28;
/** A device number is at most 32 bits in all. */
const MAX_DIGITS = 10;

/** Position behind `MAJ:MIN` or `(unknown)` when that is the whole word at `at`, else `at`. */
export function deviceEnd(bytes: Uint8Array, at: number, end: number): number {
  const colon = digitsEnd(bytes, at, end);
  if (colon === at) {
    const stop = wordEnd(bytes, at, end);
    return isUnknownDevice(bytes, at, stop) ? stop : at;
  }
  if (colon === end || bytes[colon] !== COLON || colon - at > MAX_DIGITS) return at;
  const stop = digitsEnd(bytes, colon + 1, end);
  if (stop === colon + 1 || stop - colon - 1 > MAX_DIGITS) return at;
  return stop === end || bytes[stop] === SPACE || bytes[stop] === LF ? stop : at;
}

/** True when the word is `(unknown)`. */
export function isUnknownDevice(bytes: Uint8Array, at: number, stop: number): boolean {
  return bytes[at] === BRACKET && stop - at === UNKNOWN_DEVICE.length && startsWith(bytes, at, stop, UNKNOWN_DEVICE);
}

/** `MAJ:MIN` of a device that {@link deviceEnd} has found. Built from numbers: cheaper than decoding bytes. */
export function deviceName(bytes: Uint8Array, at: number, end: number): string {
  const colon = digitsEnd(bytes, at, end);
  return `${decimal(bytes, at, colon)}:${decimal(bytes, colon + 1, end)}`;
}

/**
 * Index of the key before the `=` of the word, -1 for one that is not wanted. `expected` is looked at first: the kernel writes
 * keys in one order.
 */
export function keyAt(
  bytes: Uint8Array,
  at: number,
  stop: number,
  keys: readonly Uint8Array[],
  expected: number,
): number {
  for (let i = 0; i < keys.length; i++) {
    const slot = (expected + i) % keys.length;
    const key = keys[slot];
    if (key !== undefined && bytes[at + key.length] === EQUALS && startsWith(bytes, at, stop, key)) return slot;
  }
  return -1;
}

/** Where the value of the word at `at` starts, its key being `keys[slot]`. */
export function valueAt(at: number, slot: number, keys: readonly Uint8Array[]): number {
  return at + (keys[slot]?.length ?? 0) + 1;
}

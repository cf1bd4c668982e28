/*
 * Little-endian words of another process's memory. A number that a double cannot hold exactly is not passed on as if it could:
 * it is undefined, or Infinity where the runtime itself uses the largest numbers for "none".
 */

const HIGH = 2 ** 32;
/** High words from here on make numbers over 2^53 - 1. */
const HIGH_END = 2 ** 21;

/** An unsigned 64-bit number. Undefined when it is over 2^53 - 1. */
export function uint64(bytes: Buffer, at: number): number | undefined {
  const high = bytes.readUInt32LE(at + 4);
  return high < HIGH_END ? high * HIGH + bytes.readUInt32LE(at) : undefined;
}

/** An unsigned 64-bit number, Infinity when it is over 2^53 - 1: for goals and triggers, where ^uint64(0) stands for none. */
export function uint64OrInfinity(bytes: Buffer, at: number): number {
  return uint64(bytes, at) ?? Number.POSITIVE_INFINITY;
}

/** A pointer into user space. Undefined for nil and for what cannot be one. */
export function pointer(bytes: Buffer, at: number): number | undefined {
  const value = uint64(bytes, at);
  return value !== undefined && value >= 4096 && value < 2 ** 47 ? value : undefined;
}

/** A signed 64-bit number. Undefined beyond 2^53 - 1 either way. */
export function int64(bytes: Buffer, at: number): number | undefined {
  const value = bytes.readInt32LE(at + 4) * HIGH + bytes.readUInt32LE(at);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A signed 64-bit counter as the nearest double: for sums of bytes and of CPU time, which pass 2^53 in a busy program's life. */
export function counter(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * HIGH + bytes.readUInt32LE(at);
}

/** Nanoseconds since 1970, too many for a double, as whole Unix milliseconds. Undefined for 0, the runtime's "never". */
export function unixMs(bytes: Buffer, at: number): number | undefined {
  const high = bytes.readUInt32LE(at + 4);
  const low = bytes.readUInt32LE(at);
  // 2^32 is 4294 million and 967,296; what is left over the millions stays below 2^53.
  return high === 0 && low === 0 ? undefined : high * 4294 + Math.floor((high * 967_296 + low) / 1e6);
}

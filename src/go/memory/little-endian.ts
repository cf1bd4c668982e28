/* Little-endian numbers in bytes. What lies outside the bytes reads as 0: callers check bounds. */

export function i32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

export function u32At(bytes: Uint8Array, at: number): number {
  return i32At(bytes, at) >>> 0;
}

/** Above 2^53 inexact: such a value fails every bound. */
export function u64At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at + 4) * 2 ** 32 + u32At(bytes, at);
}

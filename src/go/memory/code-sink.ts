/** How an instruction uses an address that is fixed at link time, one bit each. */
export const ADDRESS_TAKEN = 1;
export const LOADED = 2;
export const STORED = 4;
export const OTHER_USE = 8;

/** What a sweep of machine code tells. Addresses are link-time. */
export interface CodeSink {
  /** A direct call. `receiver` is the fixed address in the register of the first argument, or 0 when that is not known. */
  call(target: number, receiver: number): void;
  /** `size` in bytes of the memory used, 0 when only its address is taken. */
  touch(address: number, size: number, use: number): void;
}

/**
 * Tells a sink what the code in `bytes`, one whole function at `address`, does with fixed addresses. What it makes of bytes that are
 * no code has no meaning, but it ends after at most as many steps as there are bytes.
 */
export type Sweep = (bytes: Uint8Array, start: number, end: number, address: number, sink: CodeSink) => void;

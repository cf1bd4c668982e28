const FIRST_CAPACITY = 16 * 1024;

/**
 * Gathers a body in one growing buffer, up to `maxBytes`. Chunks are copied: a sender of one-byte chunks would otherwise make
 * one Buffer object of about 100 bytes for each byte allowed.
 */
export class CappedBytes {
  readonly #maxBytes: number;
  #bytes: Buffer;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(FIRST_CAPACITY, maxBytes));
  }

  /** Takes a copy of `chunk`. False, with nothing taken, when it would go over the cap. */
  push(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) return false;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(length, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
    return true;
  }

  /** What was taken so far; a view, valid while nothing more is pushed. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

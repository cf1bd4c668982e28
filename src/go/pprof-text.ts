import { BrokenProfile } from './pprof-messages.ts';

const MAX_STRINGS = 400_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_TEXT_BYTES = 1024;

/** The string table of a profile as bytes, of which only what is asked for becomes text. At most 1 KiB of a string is kept. */
export class TextTable {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #used = 0;
  readonly #ends: number[] = [];
  // By index, so that many functions that claim one long name share it.
  readonly #decoded = new Map<number, string>();

  /** Throws {@link BrokenProfile} at over 400,000 strings or 8 MiB. */
  add(text: Uint8Array): void {
    const length = Math.min(text.length, MAX_TEXT_BYTES);
    if (this.#ends.length >= MAX_STRINGS || this.#used + length > MAX_BYTES) throw new BrokenProfile('too much text');
    if (this.#used + length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_BYTES, Math.max(this.#bytes.length * 2, this.#used + length)));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#bytes.set(text.subarray(0, length), this.#used);
    this.#used += length;
    this.#ends.push(this.#used);
  }

  /** The string at an index. Throws {@link BrokenProfile} when there is none. */
  at(index: number): string {
    const known = this.#decoded.get(index);
    if (known !== undefined) return known;
    const end = this.#ends[index];
    if (end === undefined) throw new BrokenProfile('a string is not in the table');
    const text = this.#bytes.toString('utf8', this.#ends[index - 1] ?? 0, end);
    this.#decoded.set(index, text);
    return text;
  }
}

import { u32At, u64At } from './little-endian.ts';

/** What a reader of scattered bytes may use. */
export interface PageLimits {
  /** A power of two. */
  readonly pageBytes: number;
  readonly pages: number;
  /** Page reads until every further one is refused: tables of a hostile file may lead anywhere, again and again. */
  readonly loads: number;
}

/** Bytes at a file offset; fewer, or undefined, when they are not there. */
export type ReadPiece = (offset: number, length: number) => Uint8Array | undefined;

/** Bytes read beyond the end of each page, so that whatever starts in a page and is no longer than this lies in one piece. */
const OVERLAP = 256;
const NONE = new Uint8Array(0);

/** Random access to small things all over a file: a few pages are kept, and a page is read once while it is kept. */
export class PagedFile {
  /** Where `seek` found its bytes: `bytes[at]` is the byte asked for. */
  bytes: Uint8Array = NONE;
  at = 0;
  readonly #read: ReadPiece;
  readonly #size: number;
  readonly #pageBytes: number;
  readonly #numbers: Float64Array;
  readonly #pages: Uint8Array[];
  #loads: number;

  constructor(read: ReadPiece, size: number, limits: PageLimits) {
    this.#read = read;
    this.#size = size;
    this.#pageBytes = limits.pageBytes;
    this.#loads = limits.loads;
    this.#numbers = new Float64Array(limits.pages).fill(-1);
    this.#pages = new Array<Uint8Array>(limits.pages).fill(NONE);
  }

  /** No more pages will be read. */
  get exhausted(): boolean {
    return this.#loads <= 0;
  }

  /** Allows this many page reads from now on. */
  allow(loads: number): void {
    this.#loads = loads;
  }

  /** Brings `length` bytes (at most 256) at a file offset within reach; false when they lie outside the file or the loads are used up. */
  seek(offset: number, length: number): boolean {
    if (!Number.isSafeInteger(offset) || offset < 0 || length > OVERLAP || offset + length > this.#size) return false;
    const number = Math.floor(offset / this.#pageBytes);
    const slot = number % this.#numbers.length;
    if (this.#numbers[slot] !== number) {
      if (this.#loads <= 0) return false;
      this.#loads -= 1;
      const start = number * this.#pageBytes;
      const page = this.#read(start, Math.min(this.#pageBytes + OVERLAP, this.#size - start));
      if (page === undefined) return false;
      this.#numbers[slot] = number;
      this.#pages[slot] = page;
    }
    this.bytes = this.#pages[slot] ?? NONE;
    this.at = offset - number * this.#pageBytes;
    return this.at + length <= this.bytes.length;
  }

  /** -1: out of reach. */
  byte(offset: number): number {
    return this.seek(offset, 1) ? (this.bytes[this.at] ?? 0) : -1;
  }

  /** Little-endian. undefined: out of reach. */
  u32(offset: number): number | undefined {
    return this.seek(offset, 4) ? u32At(this.bytes, this.at) : undefined;
  }

  /** Little-endian; a value above 2^53 comes out inexact and fails every bound. */
  u64(offset: number): number | undefined {
    return this.seek(offset, 8) ? u64At(this.bytes, this.at) : undefined;
  }

  /** Text up to a zero byte, or undefined when it is longer than `most` (at most 4096) or out of reach. */
  text(offset: number, most: number): string | undefined {
    let text = '';
    for (let at = offset; at < offset + most; at += OVERLAP) {
      const wanted = Math.min(OVERLAP, this.#size - at);
      if (wanted <= 0 || !this.seek(at, wanted)) return undefined;
      const piece = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at, wanted);
      const end = piece.indexOf(0);
      text += piece.toString('latin1', 0, end < 0 ? wanted : end);
      if (end >= 0) return text.length <= most ? Buffer.from(text, 'latin1').toString('utf8') : undefined;
    }
    return undefined;
  }
}

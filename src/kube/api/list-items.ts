import { CappedBytes } from '../../io/capped-bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Longer names are none that matters here. */
const MAX_KEY = 64;

export interface ListItemsOptions {
  /** Largest item, and largest `metadata`. */
  readonly maxItemBytes: number;
  /** The bytes of one whole item, valid during the call only. */
  readonly onItem: (json: Buffer) => void;
}

/**
 * Takes a Kubernetes list piece by piece and hands over its items one at a time, so that the whole is never in memory. It looks for
 * brackets and quotes only: whether an item is JSON shows when it is parsed.
 */
export class ListItems {
  readonly #options: ListItemsOptions;
  #captured: CappedBytes | undefined;
  #captures: 'item' | 'metadata' | undefined;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #expectsKey = false;
  #key = '';
  #keyBytes: number[] | undefined;
  #inItems = false;
  #sawItems = false;
  #metadata: Buffer | undefined;

  constructor(options: ListItemsOptions) {
    this.#options = options;
  }

  /** The list was whole, with its items. */
  get complete(): boolean {
    return this.#depth === 0 && this.#sawItems && !this.#inString;
  }

  /** The bytes of the list's own `metadata`; undefined: there was none. */
  get metadata(): Buffer | undefined {
    return this.#metadata;
  }

  /** False: an item is larger than allowed, and the list is of no use. */
  take(piece: Uint8Array): boolean {
    let from = this.#captures === undefined ? -1 : 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (this.#inString) {
        this.#inText(byte);
        continue;
      }
      if (byte === QUOTE) {
        this.#inString = true;
        if (this.#depth === 1 && this.#expectsKey) this.#keyBytes = [];
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#opens(byte)) from = at;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        const ended = this.#closes();
        if (ended !== undefined) {
          if (!this.#keep(piece.subarray(Math.max(from, 0), at + 1))) return false;
          this.#emit(ended);
          from = -1;
        }
      } else if (this.#depth === 1 && byte === COMMA) this.#expectsKey = true;
      else if (this.#depth === 1 && byte === COLON) this.#expectsKey = false;
    }
    return from < 0 || this.#keep(piece.subarray(from));
  }

  #inText(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      if (this.#keyBytes !== undefined) this.#key = String.fromCharCode(...this.#keyBytes);
      this.#keyBytes = undefined;
      return;
    }
    if (this.#keyBytes !== undefined && this.#keyBytes.length < MAX_KEY) this.#keyBytes.push(byte);
  }

  /** True: what begins here is to be kept. */
  #opens(byte: number): boolean {
    this.#depth += 1;
    if (this.#depth === 1) this.#expectsKey = true;
    if (this.#depth === 2 && byte === OPEN_BRACKET && this.#key === 'items') {
      this.#inItems = true;
      this.#sawItems = true;
    }
    if (this.#captures !== undefined || byte !== OPEN_BRACE) return false;
    if (this.#depth === 3 && this.#inItems) this.#captures = 'item';
    else if (this.#depth === 2 && this.#key === 'metadata') this.#captures = 'metadata';
    if (this.#captures === undefined) return false;
    this.#captured = new CappedBytes(this.#options.maxItemBytes);
    return true;
  }

  /** What was being kept and ends here. */
  #closes(): 'item' | 'metadata' | undefined {
    this.#depth -= 1;
    if (this.#depth === 1) this.#inItems = false;
    const ends = this.#captures !== undefined && this.#depth === (this.#captures === 'item' ? 2 : 1);
    return ends ? this.#captures : undefined;
  }

  #keep(part: Uint8Array): boolean {
    return this.#captured?.push(part) !== false;
  }

  #emit(what: 'item' | 'metadata'): void {
    const bytes = this.#captured?.bytes() ?? Buffer.alloc(0);
    this.#captured = undefined;
    this.#captures = undefined;
    if (what === 'item') this.#options.onItem(bytes);
    else this.#metadata = bytes;
  }
}

import { CappedBytes } from '../../io/capped-bytes.ts';

const LINE_FEED = 0x0a;

/** Takes a stream of JSON objects, one a line, and hands over each line when it is whole. */
export class EventLines {
  readonly #maxBytes: number;
  readonly #onLine: (json: Buffer) => void;
  #line: CappedBytes | undefined;

  constructor(maxBytes: number, onLine: (json: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  /** A line has begun and is not whole. */
  get partial(): boolean {
    return this.#line !== undefined;
  }

  /** False: a line is longer than allowed. */
  take(piece: Uint8Array): boolean {
    let from = 0;
    for (;;) {
      const end = piece.indexOf(LINE_FEED, from);
      const part = piece.subarray(from, end < 0 ? undefined : end);
      if (part.length > 0) {
        this.#line ??= new CappedBytes(this.#maxBytes);
        if (!this.#line.push(part)) return false;
      }
      if (end < 0) return true;
      const line = this.#line;
      this.#line = undefined;
      if (line !== undefined) this.#onLine(line.bytes());
      from = end + 1;
    }
  }
}

import { ascii, decimal, LF, NO_NUMBER, printableEnd, SPACE, wordEnd } from './scan.ts';

/** Slot of a line whose key nobody asked for. */
const UNWANTED = -1;
/** Bytes compared at once. A key with its space is at least as long in every file this project reads (`low `, `oom `). */
const WORD = 4;
/** What a template may hold. A file with more is read without one: it is no file this project knows. */
const MAX_WORDS = 4096;

/**
 * Reads flat-keyed files (`KEY VALUE` lines: cpu.stat, memory.stat, memory.events). One instance serves one kind of file.
 *
 * The kernel writes the same keys in the same order every time, so the keys of the last file are remembered as a template
 * and compared instead of looked up. Any difference (a key more, less, elsewhere) is looked up and learnt; a file that ends
 * early at a line still fits, so files with and without a controller's extra keys do not displace each other.
 */
export class FlatKeyed {
  /** The last file's numbers in the order of the wanted keys; {@link NO_NUMBER} for a key it did not have. */
  readonly values: Float64Array;
  readonly #wanted: readonly Uint8Array[];
  /** The template: each line's key and space as four-byte words, their length in bytes, and the slot its value goes to. */
  #words = new Int32Array(0);
  #keyLengths = new Int32Array(0);
  #slots = new Int32Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(keys: readonly string[]) {
    this.#wanted = keys.map(ascii);
    this.values = new Float64Array(keys.length);
  }

  /**
   * Fills {@link values}. False when the file is malformed: cut in a line, not text, no wanted key at all, a wanted key
   * twice or without a number. Keys nobody asked for may hold any text.
   */
  scan(bytes: Uint8Array, length: number): boolean {
    return this.#follow(bytes, length) || this.#learn(bytes, length);
  }

  /** The value in `slot`, undefined when the last file had no such key. */
  at(slot: number): number | undefined {
    const value = this.values[slot];
    return value === NO_NUMBER ? undefined : value;
  }

  /**
   * The fast way: true when the file has the template's keys. The hot loop of the agent, so it calls nothing, and compares
   * keys by four bytes: a key's last four overlap the word before.
   */
  #follow(bytes: Uint8Array, length: number): boolean {
    const values = this.values;
    const words = this.#words;
    const keyLengths = this.#keyLengths;
    const slots = this.#slots;
    const view = this.#viewOf(bytes);
    for (let slot = 0; slot < values.length; slot++) values[slot] = NO_NUMBER;
    let found = 0;
    let at = 0;
    let word = 0;
    for (let line = 0; line < slots.length && at < length; line++) {
      const slot = slots[line] ?? UNWANTED;
      const keyEnd = at + (keyLengths[line] ?? 0);
      if (keyEnd >= length) return false;
      for (; at < keyEnd - WORD; at += WORD) if (view.getInt32(at, true) !== words[word++]) return false;
      if (view.getInt32(keyEnd - WORD, true) !== words[word++]) return false;
      at = keyEnd;
      let value = 0;
      let byte = bytes[at] ?? 0;
      while (byte >= 0x30 && byte <= 0x39) {
        value = value * 10 + (byte - 0x30);
        byte = bytes[++at] ?? 0;
      }
      // Anything but plain digits is rare: the careful way judges it. Bytes behind the file's end are caught here.
      if (byte !== LF || at === keyEnd || at >= length || value > Number.MAX_SAFE_INTEGER) return false;
      at += 1;
      if (slot === UNWANTED) continue;
      values[slot] = value;
      found += 1;
    }
    return at === length && found > 0;
  }

  /** The careful way: looks every key up, and remembers them when the file is sound. */
  #learn(bytes: Uint8Array, length: number): boolean {
    const { values } = this;
    const words: number[] = [];
    const keyLengths: number[] = [];
    const slots: number[] = [];
    values.fill(NO_NUMBER);
    let found = 0;
    let at = 0;
    let plain = true;
    while (at < length) {
      const keyEnd = wordEnd(bytes, at, length);
      const lineEnd = printableEnd(bytes, keyEnd, length);
      if (keyEnd === at || lineEnd === length || bytes[lineEnd] !== LF) return false;
      const slot = this.#slotOf(bytes, at, keyEnd);
      if (slot !== UNWANTED) {
        const value = bytes[keyEnd] === SPACE ? decimal(bytes, keyEnd + 1, lineEnd) : NO_NUMBER;
        if (value === NO_NUMBER || values[slot] !== NO_NUMBER) return false;
        values[slot] = value;
        found += 1;
      }
      const keyLength = keyEnd + 1 - at;
      plain &&= bytes[keyEnd] === SPACE && keyLength >= WORD && words.length < MAX_WORDS;
      if (plain) {
        for (let i = at; i < keyEnd + 1 - WORD; i += WORD) words.push(wordAt(bytes, i));
        words.push(wordAt(bytes, keyEnd + 1 - WORD));
        keyLengths.push(keyLength);
        slots.push(slot);
      }
      at = lineEnd + 1;
    }
    if (found === 0) return false;
    this.#words = Int32Array.from(words);
    this.#keyLengths = Int32Array.from(keyLengths);
    this.#slots = Int32Array.from(slots);
    return true;
  }

  /** A view for four-byte reads, made anew only when the buffer is another one. What it shows is never kept. */
  #viewOf(bytes: Uint8Array): DataView {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }

  #slotOf(bytes: Uint8Array, at: number, keyEnd: number): number {
    for (let slot = 0; slot < this.#wanted.length; slot++) {
      const word = this.#wanted[slot];
      if (word?.length !== keyEnd - at) continue;
      let i = 0;
      while (i < word.length && word[i] === bytes[at + i]) i += 1;
      if (i === word.length) return slot;
    }
    return UNWANTED;
  }
}

/** Four bytes as a little-endian number, as `DataView.getInt32` gives them. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

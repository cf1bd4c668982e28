/**
 * Looks up keys in text made of `Key:<blanks>value` lines (/proc/PID/status, /proc/meminfo).
 * A key that is not there gives undefined; a key whose value is not of the asked form also sets {@link malformed}.
 */
export class ColonFields {
  malformed = false;
  readonly #text: string;

  /** `text` must be the whole file: keys are found at line starts only. */
  constructor(text: string) {
    this.#text = `\n${text}`;
  }

  /** The value without the blanks around it. */
  text(key: string): string | undefined {
    const at = this.#text.indexOf(`\n${key}:`);
    if (at < 0) return undefined;
    const start = at + key.length + 2;
    const end = this.#text.indexOf('\n', start);
    return this.#text.slice(start, end < 0 ? undefined : end).trim();
  }

  /** An unsigned whole number. */
  count(key: string): number | undefined {
    return this.#number(key, /^(\d{1,16})$/, 1);
  }

  /** A `123 kB` value, in bytes (the kernel's kB is 1024). */
  kiloBytes(key: string): number | undefined {
    return this.#number(key, /^(\d{1,16}) kB$/, 1024);
  }

  /** A mask in hexadecimal. */
  mask(key: string): bigint | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (/^[0-9a-fA-F]{1,64}$/.test(text)) return BigInt(`0x${text}`);
    this.malformed = true;
    return undefined;
  }

  #number(key: string, form: RegExp, unit: number): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(form.exec(text)?.[1]) * unit;
    if (Number.isSafeInteger(value)) return value;
    this.malformed = true;
    return undefined;
  }
}

/** A label value as the text format 0.0.4 wants it: backslash, quote and line feed escaped. */
export function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

const MAX_VALUE = 256;

/** A name short enough for a label. What a program calls itself may be a megabyte long and would be repeated in every series. */
export function bounded(value: string): string {
  return value.length <= MAX_VALUE ? value : `${value.slice(0, MAX_VALUE - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `a="1",b="2"`, without braces. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',');
}

interface Entry {
  readonly values: readonly string[];
  readonly bytes: Buffer;
  used: boolean;
}

/** Keeps the label bytes of each subject between scrapes; a subject that was not asked for is forgotten by {@link sweep}. */
export class LabelCache {
  readonly #names: readonly string[];
  readonly #entries = new Map<string, Entry>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The bytes for `key`, made anew when its values changed (a name became known). */
  bytes(key: string, values: readonly string[]): Buffer {
    const known = this.#entries.get(key);
    if (known?.values.every((value, index) => value === values[index])) {
      known.used = true;
      return known.bytes;
    }
    const bytes = Buffer.from(labelText(this.#names, values), 'utf8');
    this.#entries.set(key, { values, bytes, used: true });
    return bytes;
  }

  sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.used) entry.used = false;
      else this.#entries.delete(key);
    }
  }
}

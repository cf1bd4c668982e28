// Enough to see what is wrong with a history.
const MAX_SHOWN = 10;

/** Rows that could not be used: the first are shown, the rest is counted. */
export class SkippedRows {
  count = 0;
  readonly #error: (text: string) => void;

  constructor(error: (text: string) => void) {
    this.#error = error;
  }

  add(where: string, why: string): void {
    this.count += 1;
    if (this.count <= MAX_SHOWN) this.#error(`${where}: ${why}: left out`);
    if (this.count === MAX_SHOWN + 1) this.#error('further rows that are left out are only counted');
  }
}

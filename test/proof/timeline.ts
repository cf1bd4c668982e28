/** What happened when, as a table for people. */
export class Timeline {
  readonly #title: string;
  readonly #rows: (readonly [what: string, atMs: number])[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  /** `atMs`: now, when left out. */
  mark(what: string, atMs: number = Date.now()): void {
    this.#rows.push([what, atMs]);
  }

  print(): void {
    // What is polled for may be seen after what followed from it.
    const rows = this.#rows.toSorted(([, a], [, b]) => a - b);
    const first = rows[0]?.[1] ?? 0;
    const lines = rows.map(([what, atMs], index) => {
      const since = atMs - (rows[index - 1]?.[1] ?? atMs);
      return `  ${what.padEnd(44)} ${seconds(atMs - first)} ${seconds(since)}`;
    });
    process.stderr.write(
      `\n${this.#title}\n  ${''.padEnd(44)} ${'at, s'.padStart(8)} ${'after, s'.padStart(8)}\n${lines.join('\n')}\n`,
    );
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1).padStart(8);
}

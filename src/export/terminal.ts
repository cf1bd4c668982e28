/** How the terminal is. */
export interface TableStyle {
  readonly columns: number;
  readonly color: boolean;
}

const CODES = { bold: 1, dim: 2, red: 31, yellow: 33, cyan: 36 } as const;

/** Text in a colour or weight, when the terminal has any. */
export function paint(text: string, style: keyof typeof CODES, { color }: TableStyle): string {
  return color ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}

/** Other people's names may hold control characters, which a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** A name as one cell of a table: plain, and not wider than a table can be. */
export function cellName(text: string, width: number): string {
  const name = plain(text);
  return name.length <= width ? name : `${name.slice(0, width - 3)}...`;
}

/** Columns as wide as their widest cell, two blanks apart. Columns named in `right` are set to the right. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => (right.has(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks text at blanks to `width`, each line after the first with `indent` blanks in front. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width - indent)) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}

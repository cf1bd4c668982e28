import { shown } from './numbers.ts';

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Not above this; undefined for a figure that is only shown. */
  readonly goal?: number;
  /** Above this the check fails, when BENCH_ENFORCE=1. */
  readonly limit?: number;
  readonly note?: string;
  /** How many times slower than where the goals come from the machine was meanwhile: `measured` is divided by it. */
  readonly slowness?: number;
}

/** What is compared with goal and limit. */
export function judgedOf({ measured, slowness }: Row): number {
  return measured / (slowness ?? 1);
}

export type Verdict = 'met' | 'MISSED' | 'LIMIT' | '-';

export function verdictOf(row: Row): Verdict {
  const { goal, limit } = row;
  const measured = judgedOf(row);
  if (limit !== undefined && !(measured <= limit)) return 'LIMIT';
  if (goal === undefined) return '-';
  return measured <= goal ? 'met' : 'MISSED';
}

/** The rows as aligned text: ratios first, for they mean the same on every machine. */
export function tableText(rows: readonly Row[]): string {
  const ordered = [...rows.filter((row) => row.unit === 'x'), ...rows.filter((row) => row.unit !== 'x')];
  const cells = [
    ['what', 'measured', 'judged', 'goal', 'limit', '', ''],
    ...ordered.map((row) => [
      row.what,
      amount(row.measured, row.unit),
      row.slowness === undefined ? '' : amount(judgedOf(row), row.unit),
      row.goal === undefined ? '' : `<= ${amount(row.goal, row.unit)}`,
      row.limit === undefined ? '' : `<= ${amount(row.limit, row.unit)}`,
      verdictOf(row),
      row.note ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 || column > 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function amount(value: number, unit: string): string {
  return unit === 'x' ? `${shown(value)} x` : `${shown(value)} ${unit}`;
}

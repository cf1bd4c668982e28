import { CONTESTANTS } from './contestants.ts';
import { type Outcome, scoreOf } from './score.ts';

/** What all contestants made of all series. */
export type Results = ReadonlyMap<string, readonly Outcome[]>;

const ratio = (value: number): string => value.toFixed(3);

function span(seconds: number | undefined): string {
  if (seconds === undefined) return '-';
  if (seconds < 7200) return `${(seconds / 60).toFixed(0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function share(value: number | undefined): string {
  return value === undefined ? '-' : `${(value * 100).toFixed(0)} %`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line for each contestant. */
export function contestantTable(results: Results): string {
  const head = ['', 'precision', 'recall', 'F1', 'wrong alarms', 'late or never', 'median time to alarm'];
  return table([
    head,
    ...[...results].map(([name, outcomes]) => {
      const score = scoreOf(outcomes);
      return [
        name,
        ratio(score.precision),
        ratio(score.recall),
        ratio(score.f1),
        String(score.wrong),
        String(score.missed),
        span(score.medianSeconds),
      ];
    }),
  ]);
}

/** One line for each family: the detector in full, the others by their errors. */
export function familyTable(results: Results): string {
  const own = results.get(CONTESTANTS[0]?.name ?? '') ?? [];
  const others = [...results.keys()].slice(1);
  const families = [...new Set(own.map(({ family }) => family))];
  const errors = (name: string, family: string): string =>
    String(
      (results.get(name) ?? []).filter(
        (outcome) => outcome.family === family && (outcome.wrong || (outcome.leak && !outcome.inTime)),
      ).length,
    );
  return table([
    ['', 'series', 'precision', 'recall', 'F1', 'wrong', 'late', 'median', 'latest', '|', ...others],
    ...families.map((family) => {
      const outcomes = own.filter((outcome) => outcome.family === family);
      const score = scoreOf(outcomes);
      const leak = outcomes.some((outcome) => outcome.leak);
      return [
        family,
        String(score.series),
        leak ? ratio(score.precision) : '-',
        leak ? ratio(score.recall) : '-',
        leak ? ratio(score.f1) : '-',
        String(score.wrong),
        leak ? String(score.missed) : '-',
        span(score.medianSeconds),
        share(score.latestShare),
        '|',
        ...others.map((name) => errors(name, family)),
      ];
    }),
  ]);
}

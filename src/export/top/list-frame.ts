import { paint } from '../terminal.ts';
import { fit, folded, type Screen, shown } from './cell-text.ts';
import { fittingColumns, listName, SEVERITY_COLOUR } from './list-columns.ts';
import type { TopWorkload } from './top-look.ts';

const GAP = '  ';

/** The table: a head, and one line for each workload; `at` has the cursor. */
export function listLines(workloads: readonly TopWorkload[], at: number | undefined, screen: Screen): string[] {
  const { name, columns } = fittingColumns(Math.max(0, screen.columns - GAP.length));
  const first = Math.min(screen.columns, GAP.length + name);
  const head = columns.map((column) => fit(column.head, column.width, column.side));
  return [
    paint([fit(`${GAP}WORKLOAD`, first), ...head].join(GAP).trimEnd(), 'dim', screen),
    ...workloads.map(({ row }, index) => {
      const here = index === at;
      const label = fit((here ? '> ' : GAP) + fit(listName(row, screen), name), first);
      const cells = columns.map(({ text, width, side, colour }) => {
        const cell = fit(text(row, screen), width, side);
        const style = colour?.(row);
        return style === undefined ? cell : paint(cell, style, screen);
      });
      return [here ? paint(label, 'bold', screen) : label, ...cells].join(GAP).trimEnd();
    }),
  ];
}

/** What fires for the workload under the cursor, in exactly two lines. */
export function aboutLines(workload: TopWorkload | undefined, screen: Screen): [string, string] {
  const worst = workload?.findings[0];
  if (worst === undefined)
    return [workload === undefined ? '' : fit('Nothing fires for it.', screen.columns).trimEnd(), ''];
  const more =
    workload === undefined || workload.findings.length < 2 ? '' : ` (and ${workload.findings.length - 1} more)`;
  const title = `${worst.severity.toUpperCase()} ${shown(worst.rule, screen)}${more}:`;
  const lines = folded(`${title} ${shown(worst.summary, screen)}`, screen.columns);
  const [first = '', second = '', third] = lines;
  // The whole is on the page of details.
  const rest = third === undefined ? second : fit(`${second} ${third}`, screen.columns).trimEnd();
  const painted = first.startsWith(title)
    ? paint(title, SEVERITY_COLOUR[worst.severity], screen) + first.slice(title.length)
    : first;
  return [painted, rest];
}

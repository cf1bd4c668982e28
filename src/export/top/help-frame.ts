import { columns, paint } from '../terminal.ts';
import { barGlyphs, MARKS } from './bar-glyphs.ts';
import { folded, type Screen } from './cell-text.ts';

/** Keys, columns and what the bars are drawn with. */
export function helpLines(screen: Screen): string[] {
  const glyphs = barGlyphs(screen.unicode);
  const block = (title: string, rows: readonly (readonly [string, string])[]): string[] => [
    ...folded(title, screen.columns).map((line) => paint(line, 'bold', screen)),
    ...columns(rows, new Set()).flatMap((line) => folded(`  ${line}`, screen.columns, 4)),
    '',
  ];
  return [
    ...block('Keys', [
      ['arrows, j, k', 'move; PageUp, PageDown, Home and End too'],
      ['Enter, d', 'the workload under the cursor: figures, findings, what to change'],
      ['s', 'sort by the next: worst, name, memory, cpu, throttled, goroutines, gc'],
      ['w c m g', 'sort by worst finding, CPU, memory (share of its limit), goroutines'],
      ['/', 'filter: words of namespace, pod, container, process or rule; Enter keeps it, Esc drops what was typed'],
      ['Esc', 'back; in the list, no filter'],
      ['q, Ctrl-C', 'quit'],
    ]),
    ...block('Memory bar: from 0 to the largest of these', [
      [glyphs.full, 'live heap'],
      [glyphs.half, 'memory.current of the container beyond that'],
      [MARKS.goal, 'heap goal: the next collection ends there'],
      [MARKS.gomemlimit, 'GOMEMLIMIT; not drawn when it is more than 4 times all else'],
      [MARKS.high, 'memory.high'],
      [glyphs.limit, 'memory.max'],
      [MARKS.beyond, 'beyond memory.max'],
    ]),
    ...block('CPU bar: from 0 to the limit; without one, to GOMAXPROCS', [
      [glyphs.full, 'cores in use by the container'],
      [MARKS.throttled, 'share of periods in which it was stopped, of the whole bar'],
      [MARKS.gomaxprocs, 'GOMAXPROCS, where it is not the limit; in the last cell also when it lies beyond'],
      [glyphs.limit, 'CPU limit'],
    ]),
    ...folded('FIRING is the worst that fires and how many do. ? is not known, - is none.', screen.columns),
  ];
}

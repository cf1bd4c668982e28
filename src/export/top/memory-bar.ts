import type { MemoryFigures } from '../workload-rows.ts';
import { barGlyphs, cellAt, emptyBar, filledCells, MARKS } from './bar-glyphs.ts';

/** GOMEMLIMIT may be anything: one farther out than so many times all else would press the rest to the left edge. */
const FARTHEST = 4;

/**
 * Live heap, memory.current, heap goal, GOMEMLIMIT, memory.high and memory.max in one line of `width` cells, from zero to the largest
 * of them. What is not known is not drawn. Cells beyond memory.max are `!`, so that a goal out there is seen to be. With nothing to
 * hold the memory against the bar is `?`, or `-` where there is known to be no limit.
 */
export function memoryBar(memory: MemoryFigures, width: number, unicode: boolean): string {
  const live = memory.heapLive?.value;
  const { current } = memory;
  const goal = numberOf(memory.heapGoal?.value);
  const high = numberOf(memory.high?.limit);
  const max = numberOf(memory.max?.limit);
  const others = [live, current, goal, high, max].filter((value) => value !== undefined);
  const largest = Math.max(0, ...others);
  const told = numberOf(memory.gomemlimit?.value);
  const gomemlimit = told === undefined || told > FARTHEST * largest ? undefined : told;
  const scale = Math.max(largest, gomemlimit ?? 0);
  if (scale <= 0 || [goal, gomemlimit, high, max].every((value) => value === undefined))
    return emptyBar(memory.max?.limit === 'max' ? '-' : '?', width);

  const glyphs = barGlyphs(unicode);
  const cells = Array.from({ length: width }, () => glyphs.free);
  const beyond = max === undefined || max >= scale ? width : cellAt(max, scale, width) + 1;
  cells.fill(MARKS.beyond, beyond);
  if (current !== undefined) cells.fill(glyphs.half, 0, filledCells(current, scale, width));
  if (live !== undefined) cells.fill(glyphs.full, 0, filledCells(live, scale, width));
  // Later ones cover earlier ones where they share a cell: the hard limit is never hidden.
  const marks: readonly (readonly [number | undefined, string])[] = [
    [high, MARKS.high],
    [gomemlimit, MARKS.gomemlimit],
    [goal, MARKS.goal],
    [max, glyphs.limit],
  ];
  for (const [value, glyph] of marks) if (value !== undefined) cells[cellAt(value, scale, width)] = glyph;
  return cells.join('');
}

function numberOf(value: number | 'off' | 'max' | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

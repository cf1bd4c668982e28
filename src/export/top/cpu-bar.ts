import type { CpuFigures } from '../workload-rows.ts';
import { barGlyphs, cellAt, emptyBar, filledCells, MARKS } from './bar-glyphs.ts';

/**
 * Cores in use against the limit in one line of `width` cells; without a limit, against GOMAXPROCS. GOMAXPROCS is a `P`, in the last
 * cell also where it lies beyond the scale. `x` stands for the share of periods that were throttled: of the whole bar, from the right
 * end of what is filled. With no use known, or nothing to hold it against, the bar is `?`.
 */
export function cpuBar(
  { usageCores, gomaxprocs, limitCores, throttledRatio }: CpuFigures,
  width: number,
  unicode: boolean,
): string {
  const limit = typeof limitCores?.limit === 'number' ? limitCores.limit : undefined;
  const against = limit ?? gomaxprocs?.value;
  if (usageCores === undefined || against === undefined || against <= 0) return emptyBar('?', width);
  const scale = Math.max(against, usageCores);
  const glyphs = barGlyphs(unicode);
  const cells = Array.from({ length: width }, () => glyphs.free);
  const filled = filledCells(usageCores, scale, width);
  cells.fill(glyphs.full, 0, filled);
  if (throttledRatio !== undefined && throttledRatio > 0)
    cells.fill(MARKS.throttled, Math.max(0, filled - filledCells(throttledRatio, 1, width)), filled);
  if (limit !== undefined) cells[cellAt(limit, scale, width)] = glyphs.limit;
  if (gomaxprocs !== undefined && gomaxprocs.value !== limit)
    cells[cellAt(gomaxprocs.value, scale, width)] = MARKS.gomaxprocs;
  return cells.join('');
}

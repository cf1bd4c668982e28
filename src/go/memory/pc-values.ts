import type { FileRange } from '../pclntab.ts';
import type { PagedFile } from './paged-file.ts';

const MAX_STEPS = 16 * 1024;

/**
 * The value that list `list` has at `distance` bytes from the start of its function: pairs of differences, of the value and of the
 * pc in units of `quantum`. undefined: the list ends before, or is damaged. -1 is what a list begins with and means "none".
 * Source: Go runtime/symtab.go pcvalue, step.
 */
export function valueAt(
  pages: PagedFile,
  lists: FileRange,
  list: number,
  quantum: number,
  distance: number,
): number | undefined {
  if (list === 0 || list >= lists.length) return undefined;
  const end = lists.offset + lists.length;
  let cursor = lists.offset + list;
  const next = (): number => {
    let number = 0;
    for (let shift = 0; shift <= 28 && cursor < end; shift += 7) {
      const byte = pages.byte(cursor);
      if (byte < 0) return NaN;
      cursor += 1;
      number += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return number;
    }
    return NaN;
  };
  let value = -1;
  let pc = 0;
  for (let count = 0; count < MAX_STEPS; count++) {
    const difference = next();
    // A pair that changes nothing ends the list; only the first may.
    if (Number.isNaN(difference) || (difference === 0 && count > 0)) return undefined;
    value += difference % 2 === 1 ? -(difference + 1) / 2 : difference / 2;
    pc += next() * quantum;
    if (Number.isNaN(pc)) return undefined;
    if (distance < pc) return value;
  }
  return undefined;
}

/** Characters a bar is drawn with, one cell each. */
export interface BarGlyphs {
  /** Live heap, or CPU in use. */
  readonly full: string;
  /** What else the cgroup holds. */
  readonly half: string;
  readonly free: string;
  readonly limit: string;
}

/** Marks are letters in both: a legend can name them. */
export const MARKS = { goal: 'G', gomemlimit: 'L', high: 'H', gomaxprocs: 'P', throttled: 'x', beyond: '!' } as const;

export function barGlyphs(unicode: boolean): BarGlyphs {
  return unicode ? { full: '█', half: '▒', free: '·', limit: '┃' } : { full: '#', half: '=', free: '.', limit: '|' };
}

/** Cells from the start that a value takes of a scale, at least one where there is something at all. */
export function filledCells(value: number, scale: number, width: number): number {
  const cells = Math.round((value / scale) * width);
  return Math.min(width, Math.max(value > 0 ? 1 : 0, cells));
}

/** The cell that a mark falls into. A value at the end of the scale is in the last one. */
export function cellAt(value: number, scale: number, width: number): number {
  return Math.min(width - 1, Math.max(0, Math.floor((value / scale) * width)));
}

/** No bar: `?` where too little is known, `-` where there is nothing to hold the use against. */
export function emptyBar(why: '?' | '-', width: number): string {
  return why.padEnd(width);
}

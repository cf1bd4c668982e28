/** A kernel limit: a number in the file's own unit, or `max` for none. Never -1, never a large number standing for none. */
export type Limit = number | 'max';

/** The tighter of two limits. */
export function tighter(a: Limit, b: Limit): Limit {
  if (a === 'max') return b;
  if (b === 'max') return a;
  return Math.min(a, b);
}

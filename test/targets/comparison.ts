/** What a source said of one quantity, held against what the program said of itself just before and just after. */
export interface Comparison {
  readonly quantity: string;
  readonly outcome: 'equal' | 'not told' | 'different';
  /** For `different`: what was said and what would have been right. */
  readonly detail: string;
}

/** `told` must lie between the two, or outside by no more than `slack`. */
export function between(
  quantity: string,
  told: number | undefined,
  before: number | undefined,
  after: number | undefined,
  slack = 0,
): Comparison {
  if (told === undefined) return { quantity, outcome: 'not told', detail: '' };
  // The runtime of this version does not say it itself.
  if (before === undefined || after === undefined) return { quantity, outcome: 'not told', detail: '' };
  const [low, high] = [Math.min(before, after) - slack, Math.max(before, after) + slack];
  const outcome = low <= told && told <= high ? 'equal' : 'different';
  return { quantity, outcome, detail: outcome === 'equal' ? '' : `${told}, not ${before}..${after}` };
}

/** `told` must be the very value. */
export function same<T>(quantity: string, told: T | undefined, truth: T | undefined): Comparison {
  if (told === undefined) return { quantity, outcome: 'not told', detail: '' };
  const outcome = told === truth ? 'equal' : 'different';
  return { quantity, outcome, detail: outcome === 'equal' ? '' : `${String(told)}, not ${String(truth)}` };
}

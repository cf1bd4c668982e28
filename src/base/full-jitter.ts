/** How long to wait between attempts that fail. */
export interface JitterBounds {
  /** Longest wait after the first failure. */
  readonly firstMs: number;
  /** Longest wait of all. */
  readonly maxMs: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/**
 * Milliseconds to wait after the `failures`th failure in a row, counted from 1: anything from 0 to twice as much each time, up to the bound.
 * Full jitter keeps the agents of a cluster from coming back in one beat.
 */
export function fullJitter(failures: number, { firstMs, maxMs, random }: JitterBounds): number {
  return random() * Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
}

const FIRST_MS = 1000;

/**
 * Milliseconds to wait after the `failures`th failure in a row: anything from 0 to twice as much each time, up to `capMs`. Full jitter keeps
 * the agents of a cluster from coming back in one beat. `random` gives 0 to 1.
 */
export function retryDelay(failures: number, capMs: number, random: () => number): number {
  return random() * Math.min(capMs, FIRST_MS * 2 ** Math.min(failures - 1, 30));
}

/** Random numbers that are the same for the same seed. */
export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  between(low: number, high: number): number;
  /** Evenly over orders of magnitude. */
  spread(low: number, high: number): number;
  whole(low: number, high: number): number;
  /** Normal distribution, mean 0 and deviation 1. */
  normal(): number;
  pick<T>(list: readonly T[]): T;
}

/** A generator with 32 bits of state (the one known as mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + (high - low) * next();
  return {
    next,
    between,
    spread: (low, high) => low * (high / low) ** next(),
    whole: (low, high) => Math.floor(between(low, high + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (list) => list[Math.floor(next() * list.length)]!,
  };
}

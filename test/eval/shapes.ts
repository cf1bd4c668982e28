import type { Random } from './random.ts';

/** Goroutines at a time, seconds after the begin of the series. */
export type Shape = (seconds: number) => number;

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;

/** Traffic of days: low at night, high by day, lower at the weekend, and no day like the other. */
export function daily(random: Random, low: number, high: number): Shape {
  const phase = random.between(0, DAY);
  const weekend = random.between(0.6, 1);
  const firstDay = random.whole(0, 6);
  const sharpness = random.between(0.8, 2);
  const mood = Array.from({ length: 10 }, () => 1 + 0.06 * random.normal());
  return (seconds) => {
    const at = seconds + phase;
    const day = Math.floor(at / DAY);
    const within = at / DAY - day;
    const moodOf = (of: number): number => (mood[of % 10] ?? 1) * ((of + firstDay) % 7 >= 5 ? weekend : 1);
    // From night to night, so that one day turns into the next without a jump.
    const today = moodOf(day) * (1 - within) + moodOf(day + 1) * within;
    const height = ((1 - Math.cos(2 * Math.PI * within)) / 2) ** sharpness;
    return (low + (high - low) * height) * today;
  };
}

/** A batch that adds work until it is done, again and again. */
export function sawTooth(random: Random, low: number, high: number, periodSeconds: number): Shape {
  const phase = random.between(0, periodSeconds);
  const heights = Array.from({ length: 16 }, () => random.between(0.75, 1));
  const idle = random.between(0, 0.4);
  return (seconds) => {
    const turn = (seconds + phase) / periodSeconds;
    const within = turn - Math.floor(turn);
    if (within < idle) return low;
    return low + (high - low) * (heights[Math.floor(turn) % 16] ?? 1) * ((within - idle) / (1 - idle));
  };
}

/** From `from` to `to`: fast at first, then slower, or straight. */
export function rampUp(random: Random, to: number, seconds: number): Shape {
  const from = to * random.between(0.02, 0.3);
  const straight = random.next() < 0.4;
  return (at) => {
    if (at < 0) return from;
    const share = straight ? Math.min(1, at / seconds) : 1 - Math.exp((-4 * at) / seconds);
    return from + (to - from) * share;
  };
}

/** Up within minutes, there for a while, and back. */
export function burst(random: Random, height: number): Shape {
  const start = random.between(0, 1);
  const rise = random.between(20, 5 * MINUTE);
  const hold = random.between(0, 25 * MINUTE);
  const decay = random.between(30, 10 * MINUTE);
  return (at) => {
    const seconds = at - start;
    if (seconds < 0) return 0;
    if (seconds < rise) return (height * seconds) / rise;
    if (seconds < rise + hold) return height;
    return height * Math.exp(-(seconds - rise - hold) / decay);
  };
}

/** What varies from look to look: requests under way, and slower ups and downs. The deviation is a share of the level. */
export function noise(random: Random, share: number, memorySeconds: number, intervalSeconds: number): () => number {
  const keep = memorySeconds === 0 ? 0 : Math.exp(-intervalSeconds / memorySeconds);
  let slow = random.normal();
  return () => {
    slow = keep * slow + Math.sqrt(1 - keep * keep) * random.normal();
    return share * slow;
  };
}

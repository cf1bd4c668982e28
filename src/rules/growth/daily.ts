import { COARSEST, LEVELS } from './levels.ts';
import { median } from './trend.ts';
import type { GrowthState } from './types.ts';

/** Growth from day to day under traffic that rises and falls. */
export interface DailyGrowth {
  /** The median difference to the same hours of the day before. */
  readonly perDay: number;
  /** Share of the hours that are above, by a fair part of that. */
  readonly agreement: number;
  /** The median count of the first day. */
  readonly fromGoroutines: number;
  /** What became of it by the end. */
  readonly toGoroutines: number;
  /** Median growth of memory in the same hours, bytes a day; undefined when not read. */
  readonly memoryBytesPerDay: number | undefined;
  readonly fromSeconds: number;
  readonly seconds: number;
  /** The part of it that was held against the day before. */
  readonly comparedSeconds: number;
}

const WIDTH = LEVELS[COARSEST].widthSeconds;
const DAY = 86_400 / WIDTH;
// More than a day against the time a day earlier: a single step raises a whole day, but never more than one.
const COMPARED = DAY * 1.5;
const SPAN = COMPARED + DAY;
const MIN_HOURS = COMPARED * 0.8;
// Leaked goroutines are there by night as by day; busier days raise the busy hours most.
const FAIR_PART = 0.6;

/** Compares each two hours with the same two hours of the day before; undefined with too few days after `fromSeconds`. */
export function dailyGrowth(state: GrowthState, fromSeconds: number): DailyGrowth | undefined {
  const level = state.levels[COARSEST];
  if (level === undefined || level.troughs.length < SPAN) return undefined;
  const begin = (level.bucket - SPAN) * WIDTH;
  if (begin < fromSeconds) return undefined;
  const differences = dayDifferences(level.troughs);
  const perDay = median(differences.slice());
  const before = median(Float64Array.from(level.troughs.slice(-SPAN, -SPAN + DAY).filter((value) => value !== null)));
  if (differences.length < MIN_HOURS || perDay === undefined || before === undefined) return undefined;
  const fair = differences.filter((difference) => difference > 0 && difference >= perDay * FAIR_PART).length;
  const memory = dayDifferences(level.memoryKib);
  const memoryKib = memory.length < MIN_HOURS ? undefined : median(memory);
  return {
    perDay,
    agreement: fair / differences.length,
    fromGoroutines: before,
    toGoroutines: before + perDay * (SPAN / DAY),
    memoryBytesPerDay: memoryKib === undefined ? undefined : memoryKib * 1024,
    fromSeconds: begin,
    seconds: SPAN * WIDTH,
    comparedSeconds: COMPARED * WIDTH,
  };
}

function dayDifferences(list: readonly (number | null)[]): Float64Array {
  const differences: number[] = [];
  for (let index = list.length - COMPARED; index < list.length; index += 1) {
    const value = list[index] ?? null;
    const before = list[index - DAY] ?? null;
    if (value !== null && before !== null) differences.push(value - before);
  }
  return Float64Array.from(differences);
}

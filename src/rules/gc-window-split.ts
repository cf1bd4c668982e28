import type { GcWindow, GcWindows } from './gc-windows.ts';
import { round } from './quantity.ts';

/** Windows taken together. */
interface GcHalf {
  readonly windows: number;
  readonly periods: number;
  /** Share of the periods that was throttled, 0 to 1. */
  readonly ratio: number;
  readonly collectionsPerSecond: number;
  readonly collectionsPerWindow: number;
  /** Means; undefined where one window does not tell. */
  readonly containerCores: number | undefined;
  readonly processCores: number | undefined;
}

/** The windows in two parts: those with more collections and those with fewer, or with none. */
export interface GcSplit {
  readonly more: GcHalf;
  readonly fewer: GcHalf;
  readonly all: GcHalf;
  /** Of all pairs of one window with more and one with fewer, the share in which the former was throttled more; a tie is half a pair. */
  readonly inStep: number;
}

/** How many windows had a collection, and how many had none. */
export function kindsOf({ windows }: GcWindows): { readonly collecting: number; readonly without: number } {
  const without = windows.filter(({ collections }) => collections === 0).length;
  return { collecting: windows.length - without, without };
}

/** Half as many again: looks that are a little late do not make up that much. */
const CLEARLY_MORE = 1.5;

/**
 * Windows without a collection against all others, where there are `least` of both; else cut in two where the numbers of collections lie
 * furthest apart. Throttling plays no part in where the cut is. Undefined when all windows have about as many collections.
 */
export function splitByCollections({ windows }: GcWindows, least: number): GcSplit | undefined {
  const sorted = windows.toSorted((a, b) => rate(a) - rate(b));
  const none = sorted.findIndex(({ collections }) => collections > 0);
  if (none >= least && sorted.length - none >= least) return splitAt(sorted, none);
  let best: GcSplit | undefined;
  let furthest = 0;
  for (let cut = least; cut <= sorted.length - least; cut++) {
    const split = splitAt(sorted, cut);
    const { more, fewer } = split;
    const { collectionsPerSecond } = fewer;
    // Too few windows with a collection for a part of their own are not made more by some without.
    if (collectionsPerSecond === 0 || more.collectionsPerSecond < CLEARLY_MORE * collectionsPerSecond) continue;
    // Variance between the two parts (Otsu).
    const apart = cut * (sorted.length - cut) * (more.collectionsPerSecond - collectionsPerSecond) ** 2;
    if (apart > furthest) [best, furthest] = [split, apart];
  }
  return best;
}

function rate({ collections, seconds }: GcWindow): number {
  return collections / seconds;
}

function splitAt(sorted: readonly GcWindow[], cut: number): GcSplit {
  const fewer = sorted.slice(0, cut);
  const more = sorted.slice(cut);
  let inStep = 0;
  for (const a of more)
    for (const b of fewer) {
      const difference = a.throttledPeriods / a.periods - b.throttledPeriods / b.periods;
      inStep += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
    }
  return { more: together(more), fewer: together(fewer), all: together(sorted), inStep: inStep / (more.length * cut) };
}

function together(windows: readonly GcWindow[]): GcHalf {
  const sum = (of: (window: GcWindow) => number): number => windows.reduce((total, window) => total + of(window), 0);
  const mean = (of: (window: GcWindow) => number | undefined): number | undefined =>
    windows.some((window) => of(window) === undefined)
      ? undefined
      : sum((window) => (of(window) ?? 0) * window.seconds) / sum(({ seconds }) => seconds);
  const periods = sum((window) => window.periods);
  const collections = sum((window) => window.collections);
  return {
    windows: windows.length,
    periods,
    ratio: Math.min(1, sum(({ throttledPeriods }) => throttledPeriods) / periods),
    collectionsPerSecond: collections / sum(({ seconds }) => seconds),
    collectionsPerWindow: collections / windows.length,
    containerCores: mean(({ containerCores }) => containerCores),
    processCores: mean(({ processCores }) => processCores),
  };
}

/** The share that would be throttled without collections, on the line through both parts. Exact where one part has none. */
export function withoutCollections({ more, fewer }: GcSplit): number {
  const perCollection = (more.ratio - fewer.ratio) / (more.collectionsPerSecond - fewer.collectionsPerSecond);
  return Math.min(1, Math.max(0, fewer.ratio - perCollection * fewer.collectionsPerSecond));
}

/** Whether the CPU used more while it collects more is for the most part other work, which collects and is throttled as load comes. */
export function isLoad({ more, fewer, all }: GcSplit, gcCpuRatio: number): boolean {
  if (more.containerCores === undefined || fewer.containerCores === undefined || all.processCores === undefined)
    return false;
  const collecting = gcCpuRatio * all.processCores;
  const apart = (more.collectionsPerSecond - fewer.collectionsPerSecond) / all.collectionsPerSecond;
  return 2 * collecting * apart < more.containerCores - fewer.containerCores;
}

/** How the two parts are called, and how the summary tells them apart: with how many collections each window had, where both had some. */
export function namesOf({ more, fewer }: GcSplit): {
  readonly more: string;
  readonly fewer: string;
  readonly told: readonly [more: string, fewer: string];
} {
  if (fewer.collectionsPerWindow === 0)
    return {
      more: 'windows with a collection',
      fewer: 'windows without one',
      told: ['windows with a collection', 'without'],
    };
  const each = (half: GcHalf): string => `(${round(half.collectionsPerWindow, 1)} each)`;
  return {
    more: 'windows with more collections',
    fewer: 'windows with fewer collections',
    told: [`windows with more collections ${each(more)}`, `in those with fewer ${each(fewer)}`],
  };
}

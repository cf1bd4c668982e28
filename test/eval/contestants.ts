import { judgeGrowth } from '../../src/rules/growth/judge.ts';
import { observeGrowth } from '../../src/rules/growth/observe.ts';
import { DEFAULT_GROWTH_OPTIONS, type GrowthOptions } from '../../src/rules/growth/options.ts';
import type { GrowthSample, GrowthState } from '../../src/rules/growth/types.ts';

/** Looks at one sample after the other and says at each whether it would call someone. */
export type Watcher = (sample: GrowthSample) => boolean;

export interface Contestant {
  readonly name: string;
  readonly start: (intervalSeconds: number) => Watcher;
}

/** The detector of this project. */
export function detector(options: GrowthOptions = DEFAULT_GROWTH_OPTIONS): Contestant {
  return {
    name: 'cgopher',
    start: () => {
      let state: GrowthState | undefined;
      return (sample) => {
        state = observeGrowth(state, sample);
        return judgeGrowth(state, options).kind === 'growing';
      };
    },
  };
}

/** Slope of the samples of a window by least squares, as `deriv` of Prometheus; undefined for fewer than two. */
function derivative(window: readonly GrowthSample[]): number | undefined {
  const first = window[0];
  if (first === undefined || window.length < 2) return undefined;
  let [x, y, xx, xy] = [0, 0, 0, 0];
  for (const { atSeconds, goroutines } of window) {
    const at = atSeconds - first.atSeconds;
    x += at;
    y += goroutines;
    xx += at * at;
    xy += at * goroutines;
  }
  return (window.length * xy - x * y) / (window.length * xx - x * x);
}

/** `deriv(go_goroutines[5m]) > 10/60`, held for so long. */
export function derivAlert(name: string, forSeconds: number): Contestant {
  return {
    name,
    start: (intervalSeconds) => {
      // Five minutes hold one sample of a series of five minutes: a rule over it takes the usual four steps.
      const range = Math.max(300, 4 * intervalSeconds);
      const window: GrowthSample[] = [];
      let since: number | undefined;
      return (sample) => {
        window.push(sample);
        while ((window[0]?.atSeconds ?? 0) <= sample.atSeconds - range) window.shift();
        if ((derivative(window) ?? 0) > 10 / 60) since ??= sample.atSeconds;
        else since = undefined;
        return since !== undefined && sample.atSeconds - since >= forSeconds;
      };
    },
  };
}

/** `go_goroutines > bound`. */
export function fixedThreshold(bound: number): Contestant {
  return { name: `above ${bound}`, start: () => (sample) => sample.goroutines > bound };
}

/**
 * The rule of mosn/holmes, by its read-me: after ten samples, more than `min`, and either more than `diff` percent above the mean of
 * the ten before or more than `abs`.
 */
export function ringOfTen(min: number, diff: number, abs: number): Contestant {
  return {
    name: `holmes ${min}/${diff}/${abs}`,
    start: () => {
      const ring: number[] = [];
      return ({ goroutines }) => {
        const full = ring.length === 10;
        const mean = ring.reduce((sum, value) => sum + value, 0) / 10;
        ring.push(goroutines);
        if (ring.length > 10) ring.shift();
        return full && goroutines > min && (goroutines > mean * (1 + diff / 100) || goroutines > abs);
      };
    },
  };
}

/** Everyone who takes part. */
export const CONTESTANTS: readonly Contestant[] = [
  detector(),
  derivAlert('deriv[5m] > 10/60', 0),
  derivAlert('deriv[5m], for 15m', 900),
  fixedThreshold(10_000),
  ringOfTen(10, 25, 2000),
  ringOfTen(500, 25, 20_000),
];

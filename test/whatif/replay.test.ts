import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GOAL } from './report.ts';
import { type Measured, type Trial, trialsOf } from './trial.ts';

/** Runs of real programs, measured by main.ts; docs/what-if.md tells how. */
const { programs } = JSON.parse(readFileSync(new URL('measured.json', import.meta.url), 'utf8')) as {
  readonly programs: readonly Measured[];
};
const trials = trialsOf(programs);

const errors = (some: readonly Trial[]): number[] =>
  some.flatMap(({ error }) => (error === undefined ? [] : [Math.abs(error)])).sort((a, b) => a - b);
const within = (some: readonly Trial[]): number =>
  errors(some).filter((error) => error <= GOAL).length / errors(some).length;
const of = (...names: readonly string[]): Trial[] =>
  trials.filter(({ program }) => names.some((name) => program.startsWith(name)));

describe('predictions against measured runs', () => {
  it('are made for nearly all pairs of settings', () => {
    // 42 + 42 + 30 + 20 + 20 + 20.
    expect(trials).toHaveLength(174);
    expect(errors(trials).length).toBeGreaterThanOrEqual(165);
  });

  it('are within 25 % for five of six pairs, and within 10 % in the middle', () => {
    expect(within(trials)).toBeGreaterThan(5 / 6);
    expect(errors(trials)[Math.floor(errors(trials).length / 2)]).toBeLessThan(0.11);
  });

  it('are within 25 % for nearly all pairs of busy programs with heaps of pointers, out of a spiral, too', () => {
    const busy = of('small objects in lists, allocating', 'maps', 'trees', 'one P');
    expect(within(busy)).toBeGreaterThan(0.95);
    const spiral = busy.filter(({ from }) => from.own.gcCpuRatio > 0.5);
    expect(spiral.length).toBeGreaterThan(10);
    expect(within(spiral)).toBe(1);
  });
});

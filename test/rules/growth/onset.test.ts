import { describe, expect, it } from 'vitest';
import { beganAt } from '../../../src/rules/growth/onset.ts';
import { BEGIN, series, stateOf } from './series.ts';

/** 100 goroutines for so long, and then two more a second for three minutes. */
const after = (quietSeconds: number, step: number) =>
  beganAt(
    stateOf(series(quietSeconds + 180, step, (at) => 100 + 2 * Math.max(0, at - quietSeconds))),
    BEGIN + quietSeconds,
  );

describe('where growth began', () => {
  it('is told from a minute of quiet before it', () => {
    // Two a second are 7200 an hour.
    expect(after(60, 5)).toEqual({ kind: 'began', before: 100, perHour: 7200 });
    expect(after(60, 3)).toMatchObject({ kind: 'began', before: 100 });
  });

  it('is not told from less: four looks in 20 seconds are no quiet', () => {
    for (const seconds of [20, 40, 55]) expect(after(seconds, 5), `${seconds} s`).toEqual({ kind: 'unknown' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../../src/rules/growth/levels.ts';
import { BEGIN, DAY, firstAlarm, HOUR, judged, memory, series, stateOf } from './series.ts';

const steps = fc.constantFrom(15, 60, 120, 300);

describe('for any series', () => {
  it('a constant count never fires, whatever it is and however it is looked at', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), steps, fc.boolean(), (count, step, known) => {
        const samples = series(step * 600, step, () => count, known ? memory : undefined);
        expect(firstAlarm(samples)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('a count that never rises never fires', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 500, maxLength: 500 }),
        steps,
        (falls, step) => {
          let count = 30_000;
          const samples = series(step * 500, step, (at) => {
            count -= falls[at / step] ?? 0;
            return count;
          });
          expect(firstAlarm(samples)).toBeUndefined();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('time is relative: the same history at another time gives the same verdict', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), (weeks) => {
        const samples = series(30 * HOUR, 300, (at) => 100 + at / 30, memory);
        const moved = samples.map((sample) => ({ ...sample, atSeconds: sample.atSeconds + weeks * 7 * DAY }));
        const [here, there] = [judged(samples), judged(moved)];
        expect(there.reason).toBe(here.reason);
        expect(here.kind).toBe('growing');
      }),
      { numRuns: 20 },
    );
  });

  it('scales: k times the count at a k-th of the cost is growth at the same time, at k times the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), (factor) => {
        const count = (at: number): number => 200 + Math.floor(at / 20);
        const cost = (goroutines: number) => ({
          memoryCurrentBytes: 100_000_000 + goroutines * 65_536,
          memoryLimitBytes: 1_000_000_000,
        });
        const small = series(DAY, 300, count, cost);
        const large = series(
          DAY,
          300,
          (at) => factor * count(at),
          (goroutines) => cost(goroutines / factor),
        );
        expect(firstAlarm(large)).toBe(firstAlarm(small));
        const [one, many] = [judged(small), judged(large)];
        if (one.kind !== 'growing' || many.kind !== 'growing') throw new Error('not growing');
        expect(many.perHour / one.perHour).toBeCloseTo(factor, 3);
      }),
      { numRuns: 10 },
    );
  });

  it('hostile samples give a verdict with finite numbers', () => {
    const sample = fc.record(
      {
        atSeconds: fc.oneof(fc.double(), fc.integer({ min: BEGIN, max: BEGIN + 30 * DAY })),
        goroutines: fc.oneof(fc.double(), fc.nat(), fc.maxSafeInteger()),
        memoryCurrentBytes: fc.double(),
        memoryLimitBytes: fc.double(),
        stackInuseBytes: fc.double(),
        uptimeSeconds: fc.double(),
      },
      { requiredKeys: ['atSeconds', 'goroutines'] },
    );
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), (samples) => {
        const verdict = judged(samples);
        expect(verdict.reason).not.toMatch(/NaN|Infinity|undefined/);
        for (const [index, { troughs }] of stateOf(samples).levels.entries())
          expect(troughs.length).toBeLessThanOrEqual(LEVELS[index]?.capacity ?? 0);
      }),
      { numRuns: 300 },
    );
  });
});

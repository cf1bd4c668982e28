import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runAtOnce, runInSlices } from '../../src/agent/slices.ts';

function* counting(steps: number, done: number[]): Generator<void, string> {
  for (let step = 0; step < steps; step += 1) {
    done.push(step);
    yield;
  }
  return 'done';
}

it('gives way each time the slice is used up, and not before', async () => {
  let now = 0;
  const done: number[] = [];
  const pauses: number[] = [];
  const steps = counting(10, done);
  // Each look at the clock is 2 ms later, and there is one after each step: five steps make 10 ms.
  const result = await runInSlices(
    steps,
    10,
    () => (now += 2),
    () => {
      pauses.push(done.length);
      return Promise.resolve();
    },
  );
  expect(result).toBe('done');
  expect(done).toHaveLength(10);
  expect(pauses).toEqual([5, 10]);
});

it('lets other work run in between', async () => {
  let other = 0;
  let now = 0;
  const seen: number[] = [];
  const count = setInterval(() => {
    other += 1;
  });
  function* work(): Generator<void, void> {
    for (let step = 0; step < 5; step += 1) {
      seen.push(other);
      yield;
    }
  }
  await runInSlices(
    work(),
    1,
    () => (now += 1),
    async () => {
      const before = other;
      while (other === before) await turn();
    },
  );
  clearInterval(count);
  expect(new Set(seen).size).toBe(5);
});

it('hands an error on', async () => {
  function* broken(): Generator<void, void> {
    throw new Error('broken');
  }
  await expect(runInSlices(broken(), 10, () => 0)).rejects.toThrow('broken');
  expect(() => {
    runAtOnce(broken());
  }).toThrow('broken');
});

it('runs all steps at once for a command', () => {
  const done: number[] = [];
  expect(runAtOnce(counting(3, done))).toBe('done');
  expect(done).toEqual([0, 1, 2]);
});

/** Turns of the event loop, as an argument. */
export type GiveWay = () => Promise<void>;

/** Lets timers and I/O run. */
export const giveWay: GiveWay = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * Runs small steps one after the other and gives way to the event loop whenever `sliceMs` have passed, so that a scrape that arrives
 * in the middle waits for a slice and not for the whole cycle.
 */
export async function runInSlices<T>(
  steps: Generator<void, T>,
  sliceMs: number,
  monotonicMs: () => number,
  way: GiveWay = giveWay,
): Promise<T> {
  let begin = monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (monotonicMs() - begin >= sliceMs) {
      await way();
      begin = monotonicMs();
    }
  }
}

/** Runs all steps at once: for a command that has nothing else to do. */
export function runAtOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

import { baseOf, type Family } from './healthy-families.ts';
import type { Random } from './random.ts';
import { healthySeries, leakSeries, type Setting } from './record.ts';
import { HOUR, MINUTE, rampUp, type Shape } from './shapes.ts';

// What is minutes away is looked at every few seconds.
const INTERVALS = [3, 5, 10, 15] as const;
/** As in the other families. What takes twice as much of its free memory in a straight line is not told from a leak. */
export const MOST_STRAIGHT = 0.12;
export const MOST = 0.45;

/** A container of 128 MiB to 4 GiB; always with a limit, without which nothing is urgent. */
export function quickSetting(random: Random, seconds: number): Setting {
  const limitBytes = 2 ** random.between(27, 32);
  const baseBytes = limitBytes * random.between(0.1, 0.5);
  const bytesPerGoroutine = random.spread(3 * 1024, 24 * 1024);
  const capacity = (limitBytes - baseBytes) / bytesPerGoroutine;
  return {
    random,
    intervalSeconds: random.pick(INTERVALS),
    seconds,
    limitBytes,
    baseBytes,
    bytesPerGoroutine,
    capacity,
  };
}

/** A leak that reaches the limit in 8 to 30 minutes. */
function quickLeak(random: Random, from: number, to: number, warmUp: boolean): ReturnType<Family> {
  const way = random.spread(8 * MINUTE, 30 * MINUTE);
  const startSeconds = random.between(from, to);
  const setting = quickSetting(random, startSeconds + way * 1.1);
  const base = baseOf(setting);
  const ramp = rampUp(random, base, random.spread(MINUTE, 10 * MINUTE));
  return leakSeries(
    setting,
    { healthy: warmUp ? ramp : () => base },
    startSeconds,
    (setting.capacity - base) / way,
    base,
  );
}

/** Up at once, ever slower or in a straight line; there for some minutes; and back. */
function shortBurst({ random, capacity }: Setting): Shape {
  const straight = random.next() < 0.5;
  const height = capacity * (straight ? random.between(0.03, MOST_STRAIGHT) : random.between(0.05, MOST));
  const rise = straight ? random.spread(MINUTE, 8 * MINUTE) : random.spread(5, 4 * MINUTE);
  const hold = random.between(0, 10 * MINUTE);
  const decay = random.between(20, 3 * MINUTE);
  const up = (seconds: number): number =>
    height * (straight ? Math.min(1, seconds / rise) : 1 - Math.exp((-4 * seconds) / rise));
  return (seconds) => {
    if (seconds < 0) return 0;
    return seconds < rise + hold ? up(seconds) : up(rise + hold) * Math.exp(-(seconds - rise - hold) / decay);
  };
}

/** All connections break, and come back within minutes: some more than there were, until the dead ones are noticed. */
function storm({ random }: Setting, usual: number): Shape {
  const left = random.between(0.02, 0.4);
  const pause = random.spread(5, 3 * MINUTE);
  const back = rampUp(random, usual * (1 - left), random.spread(30, 9 * MINUTE));
  const more = usual * random.between(0, 0.1);
  const noticed = random.between(5 * MINUTE, 15 * MINUTE);
  return (seconds) => {
    if (seconds < 0) return 0;
    if (seconds < pause) return usual * (left - 1);
    const since = seconds - pause;
    return usual * (left - 1) + back(since) + more * Math.min(1, since / noticed) * Math.exp(-since / noticed);
  };
}

/** Programs without a fault that do within minutes what a very fast leak does. */
export const QUICK_HEALTHY_FAMILIES: Readonly<Record<string, Family>> = {
  'start-up to thousands': (random) => {
    const setting = quickSetting(random, random.spread(HOUR / 2, 3 * HOUR));
    const to = setting.capacity * random.between(0.1, MOST);
    const quiet = random.next() < 0.5 ? 0 : random.between(0, 3 * MINUTE);
    const ramp = rampUp(random, to, random.spread(MINUTE, 10 * MINUTE - quiet));
    return healthySeries(setting, { healthy: (at) => ramp(at - quiet) });
  },
  'short burst': (random) => {
    const setting = quickSetting(random, random.spread(HOUR, 4 * HOUR));
    const base = baseOf(setting) / 2;
    const start = random.between(0, setting.seconds - 10 * MINUTE);
    const more = shortBurst(setting);
    return healthySeries(setting, { healthy: (at) => base + more(at - start) });
  },
  'reconnect storm': (random) => {
    const setting = quickSetting(random, random.spread(HOUR, 4 * HOUR));
    const usual = setting.capacity * random.between(0.1, MOST);
    const start = random.between(MINUTE, setting.seconds - 10 * MINUTE);
    const change = storm(setting, usual);
    return healthySeries(setting, { healthy: (at) => usual + change(at - start) });
  },
};

/** Leaks that leave minutes, looked at every 3 to 15 seconds. */
export const QUICK_LEAK_FAMILIES: Readonly<Record<string, Family>> = {
  'very fast leak': (random) => quickLeak(random, 10 * MINUTE, 2 * HOUR, false),
  'very fast leak after warm-up': (random) => quickLeak(random, 10 * MINUTE, HOUR, true),
  'very fast leak from the start': (random) => {
    const { leak, ...series } = quickLeak(random, 0, 10 * MINUTE, random.next() < 0.5);
    if (leak === undefined) throw new Error('a leak family without a leak');
    // Until then it is a start-up like others.
    return { ...series, leak: { ...leak, inTimeShare: 0.75 } };
  },
};

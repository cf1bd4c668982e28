import type { Random } from './random.ts';
import { anySetting, gaps, healthySeries, type Setting } from './record.ts';
import type { Series } from './series.ts';
import { burst, DAY, daily, HOUR, MINUTE, rampUp, type Shape, sawTooth } from './shapes.ts';

/** Makes one series of a family. */
export type Family = (random: Random) => Omit<Series, 'id' | 'family'>;

/** Programs use a small part of their memory for goroutines; the most that is made here is an eighth. */
const MOST = 0.12;

/** Goroutines of a quiet program. */
export function baseOf({ random, capacity }: Setting): number {
  return Math.min(random.spread(20, 5000), capacity * 0.08);
}

/** Goroutines of the same program when there is much to do. */
export function peakOf({ random, capacity }: Setting, base: number): number {
  return Math.min(base * random.spread(1.5, 12), capacity * MOST);
}

function bursts(setting: Setting, base: number): Shape {
  const { random, seconds } = setting;
  const list = Array.from({ length: random.whole(1, 4) }, () => ({
    start: random.between(0, seconds),
    shape: burst(random, peakOf(setting, base) - base),
  }));
  return (at) => base + list.reduce((sum, { start, shape }) => sum + shape(at - start), 0);
}

function teeth(setting: Setting): Shape {
  const base = baseOf(setting);
  const period = setting.random.spread(5 * MINUTE, 8 * HOUR);
  return sawTooth(setting.random, base, peakOf(setting, base), period);
}

function traffic(setting: Setting): Shape {
  const base = baseOf(setting);
  return daily(setting.random, base, peakOf(setting, base));
}

/** Programs without a fault. An alarm in one of them is wrong. */
export const HEALTHY_FAMILIES: Readonly<Record<string, Family>> = {
  constant: (random) => {
    const setting = anySetting(random, HOUR, 7 * DAY);
    const base = baseOf(setting);
    return healthySeries(setting, { healthy: () => base, noiseShare: 0 });
  },
  noise: (random) => {
    const setting = anySetting(random, HOUR, 7 * DAY);
    const base = baseOf(setting);
    const noiseMemorySeconds = random.spread(10, 2 * HOUR);
    return healthySeries(setting, { healthy: () => base, noiseShare: random.between(0.05, 0.25), noiseMemorySeconds });
  },
  'warm-up ramp': (random) => {
    const setting = anySetting(random, HOUR, DAY);
    const to = peakOf(setting, baseOf(setting));
    return healthySeries(setting, { healthy: rampUp(random, to, random.spread(MINUTE, 30 * MINUTE)) });
  },
  plateau: (random) => {
    const setting = anySetting(random, 6 * HOUR, 7 * DAY);
    const to = peakOf(setting, baseOf(setting));
    const start = random.between(0, setting.seconds / 3);
    const ramp = rampUp(random, to, random.spread(10 * MINUTE, 2 * HOUR));
    return healthySeries(setting, { healthy: (at) => ramp(at - start) });
  },
  'deploy step': (random) => {
    const setting = anySetting(random, HOUR, 7 * DAY);
    const base = baseOf(setting);
    const to = peakOf(setting, base);
    const start = random.between(0.1, 0.9) * setting.seconds;
    const rolled = random.between(0, 10 * MINUTE);
    return healthySeries(setting, {
      healthy: (at) => base + (to - base) * Math.min(1, Math.max(0, (at - start) / Math.max(1, rolled))),
    });
  },
  'daily traffic': (random) => {
    const setting = anySetting(random, 12 * HOUR, 7 * DAY);
    return healthySeries(setting, { healthy: traffic(setting), noiseShare: random.between(0.02, 0.15) });
  },
  'saw-tooth batch': (random) => {
    const setting = anySetting(random, 2 * HOUR, 7 * DAY);
    return healthySeries(setting, { healthy: teeth(setting) });
  },
  burst: (random) => {
    const setting = anySetting(random, HOUR, 7 * DAY);
    return healthySeries(setting, { healthy: bursts(setting, baseOf(setting)) });
  },
  restarts: (random) => {
    const setting = anySetting(random, 3 * HOUR, 7 * DAY);
    const restarts = Array.from({ length: random.whole(1, 8) }, () => random.between(0, setting.seconds)).sort(
      (left, right) => left - right,
    );
    const to = peakOf(setting, baseOf(setting));
    const ramp = rampUp(random, to, random.spread(MINUTE, 20 * MINUTE));
    const healthy: Shape = (at) => {
      const restart = restarts.findLast((time) => time <= at);
      return restart === undefined ? to : ramp(at - restart);
    };
    return healthySeries(setting, random.next() < 0.5 ? { healthy, restarts } : { healthy });
  },
  'missing samples': (random) => {
    const setting = anySetting(random, 12 * HOUR, 7 * DAY);
    const healthy = random.pick([traffic, teeth])(setting);
    return healthySeries(setting, { healthy, missing: gaps(random, setting.seconds) });
  },
};

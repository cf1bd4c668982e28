import { baseOf, type Family, peakOf } from './healthy-families.ts';
import type { Random } from './random.ts';
import { anySetting, gaps, leakSeries, type Recorded, type Setting } from './record.ts';
import { burst, DAY, daily, HOUR, MINUTE, rampUp, type Shape, sawTooth } from './shapes.ts';

interface Leak {
  readonly setting: Setting;
  readonly startSeconds: number;
  readonly perSecond: number;
  readonly base: number;
}

/** A leak that reaches the limit within hours. */
function fast(random: Random): Leak {
  const way = random.spread(48 * MINUTE, 12 * HOUR);
  const startSeconds = random.between(20 * MINUTE, 4 * HOUR);
  const seconds = startSeconds + way * 1.1;
  let setting = anySetting(random, seconds, seconds);
  // In a quarter of the way there must be something to see.
  if (setting.intervalSeconds > way / 64) setting = { ...setting, intervalSeconds: way < 90 * MINUTE ? 30 : 60 };
  const base = baseOf(setting);
  if (setting.limitBytes === undefined) {
    setting = { ...setting, seconds: startSeconds + 8 * HOUR };
    return { setting, startSeconds, perSecond: random.spread(2, 20), base };
  }
  return { setting, startSeconds, perSecond: (setting.capacity - base) / way, base };
}

/** A leak of about one a minute, watched for days. */
function slow(random: Random): Leak {
  const setting = anySetting(random, 3 * DAY, 7 * DAY);
  const startSeconds = random.between(0.01, 0.15) * setting.seconds;
  return { setting, startSeconds, perSecond: random.spread(0.5, 2) / 60, base: Math.min(1500, baseOf(setting)) };
}

function leaking(
  { setting, startSeconds, perSecond, base }: Leak,
  recorded: Partial<Recorded> = {},
): ReturnType<Family> {
  return leakSeries(setting, { healthy: () => base, ...recorded }, startSeconds, perSecond, base);
}

/** Programs with a fault: goroutines that never end. */
export const LEAK_FAMILIES: Readonly<Record<string, Family>> = {
  'slow leak': (random) => leaking(slow(random)),
  'fast leak': (random) => leaking(fast(random)),
  'medium leak': (random) => {
    const setting = anySetting(random, 2 * DAY, 5 * DAY);
    const base = baseOf(setting);
    const perSecond = Math.min(random.spread(5, 60) / 60, setting.capacity / (3 * HOUR));
    return leaking({ setting, startSeconds: random.between(0.02, 0.3) * setting.seconds, perSecond, base });
  },
  'leak after a spike': (random) => {
    const leak = random.pick([slow, fast])(random);
    const spike = burst(random, peakOf(leak.setting, leak.base));
    const before = Math.max(0, leak.startSeconds - random.between(10 * MINUTE, 2 * HOUR));
    return leaking(leak, { healthy: (at) => leak.base + spike(at - before) });
  },
  'leak after warm-up': (random) => {
    const leak = random.pick([slow, fast])(random);
    return leaking(leak, { healthy: rampUp(random, leak.base, random.spread(MINUTE, 15 * MINUTE)) });
  },
  'leak in daily traffic': (random) => {
    const setting = anySetting(random, 5 * DAY, 7 * DAY);
    const base = Math.min(1000, baseOf(setting));
    const perSecond = random.spread(1, 10) / 60;
    const healthy = daily(random, base, peakOf(setting, base));
    return leaking({ setting, startSeconds: random.between(0, 1.5 * DAY), perSecond, base }, { healthy });
  },
  'fast leak in daily traffic': (random) => {
    const leak = fast(random);
    const startSeconds = leak.startSeconds + random.between(DAY, 3 * DAY);
    const seconds = leak.setting.seconds + startSeconds - leak.startSeconds;
    const healthy = daily(random, leak.base, peakOf(leak.setting, leak.base));
    return leaking({ ...leak, startSeconds, setting: { ...leak.setting, seconds } }, { healthy });
  },
  'leak under saw-tooth': (random) => {
    const leak = slow(random);
    const high = peakOf(leak.setting, leak.base);
    return leaking(leak, { healthy: sawTooth(random, leak.base, high, random.spread(5 * MINUTE, 8 * HOUR)) });
  },
  'leak in noise': (random) =>
    leaking(random.pick([slow, fast])(random), {
      noiseShare: random.between(0.05, 0.2),
      noiseMemorySeconds: random.spread(10, HOUR),
    }),
  'leak with gaps': (random) => {
    const leak = slow(random);
    return leaking(leak, { missing: gaps(random, leak.setting.seconds) });
  },
  'leak after restarts': (random) => {
    const leak = fast(random);
    const restarts = Array.from({ length: random.whole(1, 3) }, () => random.between(0, leak.startSeconds)).sort(
      (left, right) => left - right,
    );
    const ramp = rampUp(random, leak.base, random.spread(MINUTE, 5 * MINUTE));
    const healthy: Shape = (at) => {
      const restart = restarts.findLast((time) => time <= at);
      return restart === undefined ? leak.base : ramp(at - restart);
    };
    return leaking(leak, { healthy, restarts });
  },
};

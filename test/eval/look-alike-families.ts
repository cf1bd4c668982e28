import { baseOf, type Family } from './healthy-families.ts';
import { MOST, MOST_STRAIGHT, quickSetting } from './quick-families.ts';
import { healthySeries } from './record.ts';
import { HOUR, MINUTE } from './shapes.ts';

/** Programs without a fault in which two things come together that a leak has too. */
export const LOOK_ALIKE_FAMILIES: Readonly<Record<string, Family>> = {
  'cache and traffic ramp': (random) => {
    const setting = quickSetting(random, random.spread(HOUR, 4 * HOUR));
    const { capacity, limitBytes = 0, baseBytes } = setting;
    const base = baseOf(setting) / 4;
    const more = Math.max(150, capacity * random.spread(0.002, MOST_STRAIGHT));
    const start = random.between(10 * MINUTE, setting.seconds - 20 * MINUTE);
    const rise = random.spread(2 * MINUTE, 8 * MINUTE);
    // The cache fills with the traffic, or was about it before.
    const cacheStart = random.next() < 0.5 ? start : start - random.between(0, 10 * MINUTE);
    const cacheBytes = (limitBytes - baseBytes) * random.between(0.1, 0.6);
    const filling = random.spread(3 * MINUTE, HOUR);
    return healthySeries(setting, {
      healthy: (at) => base + more * Math.min(1, Math.max(0, at - start) / rise),
      otherBytes: (at) => cacheBytes * Math.min(1, Math.max(0, at - cacheStart) / filling),
    });
  },
  'long start-up': (random) => {
    const setting = quickSetting(random, random.spread(HOUR, 3 * HOUR));
    const minutes = random.between(12, 20);
    // From what a start-up of ten minutes may take down to what any climb may.
    const most = MOST - ((MOST - MOST_STRAIGHT) * (minutes - 10)) / 10;
    const to = setting.capacity * random.between(0.05, most);
    return healthySeries(setting, { healthy: (at) => to * Math.min(1, 0.02 + at / (minutes * MINUTE)) });
  },
};

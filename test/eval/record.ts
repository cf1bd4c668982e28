import type { GrowthSample } from '../../src/rules/growth/types.ts';
import type { Random } from './random.ts';
import type { Series } from './series.ts';
import { DAY, HOUR, MINUTE, noise, type Shape } from './shapes.ts';

// Somewhere in 2025: a series starts at any time of the day.
const EPOCH = 1_750_000_000;

/** A program and how it is watched. */
export interface Setting {
  readonly random: Random;
  readonly intervalSeconds: number;
  readonly seconds: number;
  readonly limitBytes: number | undefined;
  readonly baseBytes: number;
  readonly bytesPerGoroutine: number;
  /** Goroutines until the memory limit is reached. */
  readonly capacity: number;
}

/** A setting from the ranges one meets: 128 MiB to 8 GiB, 3 to 24 KiB for a goroutine; one in seven without limit or memory figures. */
export function anySetting(random: Random, shortest: number, longest: number): Setting {
  const seconds = random.spread(shortest, longest);
  // Not more than some 10,000 looks: who looks for a week does not look every ten seconds.
  const intervals = [10, 15, 30, 60, 120, 300].filter(
    (interval) => seconds / interval <= 12_000 && seconds / interval >= 100,
  );
  const limit = 2 ** random.between(27, 33);
  const baseBytes = limit * random.between(0.1, 0.5);
  const bytesPerGoroutine = random.spread(3 * 1024, 24 * 1024);
  const intervalSeconds = random.pick(intervals);
  return {
    random,
    intervalSeconds,
    seconds,
    limitBytes: random.next() < 0.15 ? undefined : limit,
    baseBytes,
    bytesPerGoroutine,
    capacity: (limit - baseBytes) / bytesPerGoroutine,
  };
}

export interface Recorded {
  readonly healthy: Shape;
  /** Leaked goroutines: added without noise, for they do nothing. */
  readonly leaked?: Shape;
  /** Memory that has nothing to do with goroutines, bytes: a cache. */
  readonly otherBytes?: Shape;
  readonly noiseShare?: number;
  readonly noiseMemorySeconds?: number;
  /** Whether a look at this time gave nothing. */
  readonly missing?: (seconds: number) => boolean;
  /** Times at which the process was replaced, rising; whether samples tell so. */
  readonly restarts?: readonly number[];
}

/** Looks at the shape from begin to end, or to the time the process dies at its limit. */
export function record(setting: Setting, recorded: Recorded): GrowthSample[] {
  const { random, intervalSeconds, limitBytes, baseBytes, bytesPerGoroutine } = setting;
  const slow = noise(random, recorded.noiseShare ?? 0.04, recorded.noiseMemorySeconds ?? 90, intervalSeconds);
  const ageAtBegin = random.next() < 0.5 ? 0 : random.spread(HOUR, 30 * DAY);
  const stackShare = random.between(0.3, 0.8);
  const begin = EPOCH + random.whole(0, 7 * DAY);
  const samples: GrowthSample[] = [];
  for (let step = 0; step * intervalSeconds < setting.seconds; step += 1) {
    const seconds = step * intervalSeconds;
    const level = Math.max(2, recorded.healthy(seconds));
    const busy = Math.max(2, level * (1 + slow()) + Math.sqrt(level) * random.normal());
    const goroutines = Math.round(busy + (recorded.leaked?.(seconds) ?? 0));
    // Garbage of up to a fifth of the heap comes and goes.
    const held = goroutines * bytesPerGoroutine + (recorded.otherBytes?.(seconds) ?? 0);
    const memory = baseBytes * (1 + 0.2 * random.next()) + held;
    if (limitBytes !== undefined && memory > limitBytes && recorded.leaked !== undefined) break;
    if (recorded.missing?.(seconds) === true) continue;
    const jitter = random.between(-0.03, 0.03) * intervalSeconds;
    const restart = recorded.restarts?.findLast((time) => time <= seconds);
    samples.push({
      atSeconds: Math.round((begin + seconds + jitter) * 1000) / 1000,
      goroutines,
      ...(limitBytes === undefined
        ? {}
        : {
            memoryCurrentBytes: Math.round(Math.min(memory, limitBytes)),
            memoryLimitBytes: Math.round(limitBytes),
            stackInuseBytes: Math.round(goroutines * bytesPerGoroutine * stackShare),
          }),
      ...(recorded.restarts === undefined
        ? {}
        : { uptimeSeconds: restart === undefined ? ageAtBegin + seconds + HOUR : seconds - restart }),
    });
  }
  return samples;
}

/** A healthy series. */
export function healthySeries(setting: Setting, recorded: Recorded): Omit<Series, 'id' | 'family'> {
  return { intervalSeconds: setting.intervalSeconds, samples: record(setting, recorded) };
}

/** A series that leaks `perSecond` from `startSeconds` on; `from`: goroutines without the leak. */
export function leakSeries(
  setting: Setting,
  recorded: Recorded,
  startSeconds: number,
  perSecond: number,
  from: number,
): Omit<Series, 'id' | 'family'> {
  const leaked: Shape = (seconds) => Math.max(0, seconds - startSeconds) * perSecond;
  const samples = record(setting, { ...recorded, leaked });
  const begin = (samples[0]?.atSeconds ?? 0) + startSeconds;
  const way = Math.max(0, setting.capacity - from) / perSecond;
  return {
    intervalSeconds: setting.intervalSeconds,
    samples,
    leak: { startSeconds: begin, limitSeconds: setting.limitBytes === undefined ? undefined : begin + way },
  };
}

/** Some looks fail on their own, some for a while. */
export function gaps(random: Random, seconds: number): (at: number) => boolean {
  const alone = random.between(0.02, 0.3);
  const holes = Array.from({ length: random.whole(1, 4) }, () => {
    const start = random.between(0, seconds);
    return [start, start + random.spread(3 * MINUTE, Math.max(4 * MINUTE, seconds / 8))] as const;
  });
  return (at) => random.next() < alone || holes.some(([from, to]) => at >= from && at < to);
}

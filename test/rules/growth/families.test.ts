import { describe, expect, it } from 'vitest';
import { DAY, firstAlarm, HOUR, judged, MINUTE, memory, series } from './series.ts';

const wave = (seconds: number): number => (1 - Math.cos((2 * Math.PI * seconds) / DAY)) / 2;

describe('healthy programs stay silent', () => {
  const healthy: Readonly<Record<string, [seconds: number, step: number, count: (seconds: number) => number]>> = {
    constant: [DAY, 60, () => 500],
    'warm-up that levels out in half an hour': [6 * HOUR, 30, (at) => 3000 * (1 - Math.exp(-at / (10 * MINUTE)))],
    'straight warm-up of 20 minutes': [6 * HOUR, 15, (at) => Math.min(4000, 100 + (at / (20 * MINUTE)) * 3900)],
    'deploy step': [DAY, 60, (at) => (at < 9 * HOUR ? 300 : 1500)],
    'three steps in a day': [2 * DAY, 120, (at) => 300 + 400 * Math.floor(at / (12 * HOUR))],
    'plateau after two hours': [
      2 * DAY,
      60,
      (at) => 200 + 2000 * Math.min(1, Math.max(0, (at - 6 * HOUR) / (2 * HOUR))),
    ],
    'daily traffic, from its lowest point': [7 * DAY, 300, (at) => 300 + 3000 * wave(at)],
    'saw-tooth of an hour': [DAY, 60, (at) => 200 + 2000 * ((at % HOUR) / HOUR)],
    'saw-tooth of seven hours': [5 * DAY, 120, (at) => 200 + 3000 * ((at % (7 * HOUR)) / (7 * HOUR))],
    'burst of twenty minutes': [DAY, 15, (at) => (at > 5 * HOUR && at < 5 * HOUR + 20 * MINUTE ? 5000 : 200)],
    'every other look is higher': [DAY, 60, (at) => (at % 120 === 0 ? 400 : 800)],
    'a fall': [DAY, 60, (at) => 20_000 - at / 5],
  };

  it.each(Object.entries(healthy))('%s', (_, [seconds, step, count]) => {
    expect(firstAlarm(series(seconds, step, count, memory))).toBeUndefined();
  });
});

describe('leaks are told', () => {
  // 400 MiB are free, and 100 goroutines in use take 0.8 MiB of them: 51,100 more fit. A fifth of that is 10,220.
  it('60 a second, 14.2 minutes to the limit: not before 15 % of the way, which a burst may take, and before a quarter', () => {
    const alarm = firstAlarm(series(HOUR + 850, 15, (at) => 100 + Math.max(0, at - HOUR) * 60, memory));
    // 51,100 / 60 a second = 852 s.
    expect(alarm).toBeGreaterThan(HOUR + 128);
    expect(alarm).toBeLessThan(HOUR + 213);
  });

  it('3 a second, 4.7 hours to the limit: within 71 minutes', () => {
    const alarm = firstAlarm(series(5 * HOUR, 15, (at) => 100 + Math.max(0, at - HOUR) * 3, memory));
    expect(alarm).toBeGreaterThan(HOUR + 30 * MINUTE);
    expect(alarm).toBeLessThan(HOUR + 71 * MINUTE);
  });

  it('one a minute: within a day and two hours', () => {
    const alarm = firstAlarm(series(3 * DAY, 60, (at) => 200 + at / 60, memory));
    expect(alarm).toBeGreaterThan(12 * HOUR);
    expect(alarm).toBeLessThan(26 * HOUR);
  });

  it('one a minute after a spike of twenty times', () => {
    const spike = (at: number): number => (at > HOUR && at < HOUR + 15 * MINUTE ? 4000 : 0);
    const alarm = firstAlarm(series(3 * DAY, 60, (at) => 200 + spike(at) + Math.max(0, at - 2 * HOUR) / 60, memory));
    expect(alarm).toBeGreaterThan(2 * HOUR);
    expect(alarm).toBeLessThan(30 * HOUR);
  });

  it('two a minute under daily traffic: by the hours of three days', () => {
    const samples = series(3 * DAY, 120, (at) => 300 + 2000 * wave(at) + at / 30, memory);
    const verdict = judged(samples);
    expect(verdict).toMatchObject({ kind: 'growing', evidence: { test: 'daily', agreement: 1 } });
    // Two a minute are 120 an hour; the traffic is the same each day.
    expect(verdict.kind === 'growing' && verdict.perHour).toBeCloseTo(120, 0);
  });

  it('under a batch of every half hour', () => {
    const batch = (at: number): number => 1500 * ((at % (30 * MINUTE)) / (30 * MINUTE));
    expect(firstAlarm(series(3 * DAY, 60, (at) => 200 + batch(at) + at / 60, memory))).toBeLessThan(36 * HOUR);
  });

  it('with a look only every five minutes and a third of them missing', () => {
    const samples = series(3 * DAY, 300, (at) => 200 + at / 60, memory).filter((_, index) => index % 3 !== 1);
    expect(firstAlarm(samples)).toBeLessThan(30 * HOUR);
  });

  it('without any memory figure, later', () => {
    // 100,000 stand for the limit: (100,000 - n) / 2 a second x 0.27 is 2.9 hours at n = 22,000.
    const alarm = firstAlarm(series(8 * HOUR, 60, (at) => 100 + at * 2));
    expect(alarm).toBeGreaterThan(2 * HOUR);
    expect(alarm).toBeLessThan(4 * HOUR);
  });

  it('not again when the process came back from the like before', () => {
    // Three hours up and back at once, each day; the fourth climb is as long and as high.
    const climb = (at: number): number =>
      200 + 2000 * Math.min(1, (at % DAY) / (3 * HOUR)) * (at % DAY < 4 * HOUR ? 1 : 0);
    expect(firstAlarm(series(4 * DAY, 60, climb, memory))).toBeUndefined();
  });
});

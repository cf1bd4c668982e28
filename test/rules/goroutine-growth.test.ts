import { describe, expect, it } from 'vitest';
import type { GoroutineSiteModel } from '../../src/model/go-runtime-types.ts';
import type { EffectiveLimit } from '../../src/model/limit-types.ts';
import { goroutineGrowth } from '../../src/rules/goroutine-growth.ts';
import type { Verdict } from '../../src/rules/types.ts';
import {
  evidence,
  goProcess,
  holds,
  limitAt,
  MIB,
  memory,
  missing,
  processContext,
  told,
  container as usual,
  whyClear,
} from './models.ts';

const START = 1_700_000_000;

interface Life {
  /** Goroutines so many seconds after the start of the process. */
  readonly count: (seconds: number) => number | undefined;
  readonly hours: number;
  readonly everySeconds?: number;
  readonly sites?: readonly GoroutineSiteModel[];
  readonly limit?: EffectiveLimit;
  /** Of the container itself. */
  readonly own?: number | 'max';
  /** How far the wall clock is set forward at that time, seconds. */
  readonly clockStep?: (seconds: number) => number;
}

/** What the rule says at the end of a life it has watched from the start. */
function judge({ count, hours, everySeconds = 60, sites, limit, own, clockStep }: Life): Verdict {
  let state: unknown;
  let verdict: Verdict | undefined;
  for (let seconds = 0; seconds <= hours * 3600; seconds += everySeconds) {
    const goroutines = count(seconds);
    const process = goProcess({
      uptimeSeconds: seconds,
      effective: { memoryMaxBytes: limit ?? limitAt(512 * MIB) },
      runtime: { goroutines: goroutines === undefined ? undefined : told(goroutines), goroutineSites: sites },
    });
    const at = { wallMs: (START + seconds + (clockStep?.(seconds) ?? 0)) * 1000, monotonicMs: seconds * 1000 };
    const base = processContext(process);
    // Each goroutine more is 20 KiB of the 512 MiB there are.
    const workingSetBytes = 100 * MIB + (goroutines ?? 0) * 20 * 1024;
    const container = usual({ memory: memory({ workingSetBytes, maxBytes: own ?? 512 * MIB }) });
    const context = { ...base, container, at };
    state = goroutineGrowth.subject === 'process' ? goroutineGrowth.observe?.(state, context) : undefined;
    verdict = goroutineGrowth.subject === 'process' ? goroutineGrowth.detect(context, state) : undefined;
  }
  return verdict!;
}

const site = (over: Partial<GoroutineSiteModel>): GoroutineSiteModel => ({
  count: 1000,
  site: 'main.work (/a.go:3)',
  createdBy: undefined,
  cause: 'chan send',
  waitSeconds: undefined,
  growth: undefined,
  growthSeconds: 3600,
  from: 'memory',
  ageSeconds: 0,
  ...over,
});

describe('GoroutineGrowth', () => {
  const leak = { count: (seconds: number) => 100 + seconds, hours: 2 };

  it('fires on one a second, says how fast and how long there is', () => {
    const verdict = holds(judge(leak));
    // 3600 an hour; 512 - 100 MiB less 7300 x 20 KiB are 269 MiB, or 13,800 goroutines: just under four hours.
    expect(evidence(verdict, 'goroutines added an hour')).toBeCloseTo(3600, -2);
    expect(verdict.severity).toBe('warning');
    const left = evidence(verdict, 'time to the memory limit');
    expect(left).toBeGreaterThan(12_000);
    expect(left).toBeLessThan(16_000);
  });

  it('counts no time to a limit that others share', () => {
    // Without a time left it takes longer to believe.
    const left = (limit: EffectiveLimit, own: number | 'max' = 'max', hours = 8) =>
      evidence(holds(judge({ ...leak, hours, limit, own })), 'time to the memory limit');
    for (const level of ['kubepods', 'qos', 'slice', 'node'] as const)
      expect(left(limitAt(512 * MIB, level))).toBeUndefined();
    // What the container holds is not what the pod's limit is of, unless the limit is the container's too.
    expect(left(limitAt(512 * MIB, 'pod'))).toBeUndefined();
    expect(left(limitAt(512 * MIB, 'pod'), 512 * MIB, 2)).toBeGreaterThan(12_000);
  });

  it('is not misled by a wall clock that is set', () => {
    const set = judge({ ...leak, clockStep: (seconds) => (seconds > 3600 ? -86_400 : 0) });
    expect(set).toEqual(judge(leak));
  });

  it('names the place that grew, and that its goroutines never leave', () => {
    const sites = [site({ growth: 3000, waitSeconds: 1800, createdBy: 'main.main (/a.go:9)' }), site({ growth: 200 })];
    const verdict = holds(judge({ ...leak, sites }));
    expect(
      evidence(verdict, 'more at main.work (/a.go:3), started at main.main (/a.go:9), chan send for 30 min or longer'),
    ).toBe(3000);
    // 3000 of 3200.
    expect(verdict.remedy.text).toContain('93.8 % of what grew is at main.work');
    expect(verdict.remedy.text).toContain('give the wait an end');
  });

  it('blames no place where several grow', () => {
    const sites = [site({ growth: 100 }), site({ growth: 90, site: 'main.other' })];
    expect(holds(judge({ ...leak, sites })).remedy.text).toContain('No single place grows alone');
    expect(holds(judge(leak)).remedy.text).toContain('--goroutines');
  });

  it('is silent on a plateau, and on traffic that comes and goes', () => {
    expect(whyClear(judge({ count: () => 500, hours: 3 }))).toMatch(/growth/);
    const wave = (seconds: number) => Math.round(500 + 300 * Math.sin((seconds / 1200) * 2 * Math.PI));
    expect(judge({ count: wave, hours: 3 }).outcome).toBe('clear');
  });

  it('is unknown without a count, and before it has been watched for some minutes', () => {
    expect(missing(judge({ count: () => undefined, hours: 0.1 }))).toBe('number of goroutines');
    expect(missing(judge({ count: (seconds) => 100 + seconds, hours: 0.1 }))).toContain(
      'goroutines over a longer time',
    );
  });

  it('judges by what it has seen when a look has no count', () => {
    const gaps = (seconds: number) => (seconds % 300 === 120 ? undefined : 100 + seconds);
    expect(judge({ count: gaps, hours: 2 }).outcome).toBe('holds');
  });
});

import { describe, expect, it } from 'vitest';
import type { GoroutineSiteModel } from '../../src/model/go-runtime-types.ts';
import { goroutineLeak } from '../../src/rules/goroutine-leak.ts';
import { observeSites } from '../../src/rules/site-history.ts';
import type { Verdict } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  MIB,
  memory,
  missing,
  processContext,
  told,
  whyClear,
} from './models.ts';

const COUNTED_EVERY = 300;

const site = (over: Partial<GoroutineSiteModel>): GoroutineSiteModel => ({
  count: 0,
  site: 'main.wait (/a.go:3)',
  createdBy: 'main.serve (/a.go:9)',
  cause: 'chan receive',
  waitSeconds: undefined,
  growth: undefined,
  growthSeconds: undefined,
  from: 'memory',
  ageSeconds: 0,
  ...over,
});

interface Life {
  readonly total?: (seconds: number) => number;
  /** Places at the last count, made every five minutes; undefined: none is made. */
  readonly places: ((seconds: number) => readonly GoroutineSiteModel[]) | undefined;
  readonly leaked?: number;
  readonly hours?: number;
}

/** One a second, from 100 on. */
const leak = (seconds: number) => 100 + seconds;

/** What the rule says after two hours, looked at every minute; the profile is not asked for, unless it says how many it found. */
function judge({ total = leak, places, leaked, hours = 2 }: Life): Verdict {
  if (goroutineLeak.subject !== 'process') throw new Error('a rule about processes');
  let state: unknown;
  let verdict: Verdict | undefined;
  for (let seconds = 0; seconds <= hours * 3600; seconds += 60) {
    const counted = seconds - (seconds % COUNTED_EVERY);
    const goroutineSites = places?.(counted).map((of) => ({ ...of, ageSeconds: seconds - counted }));
    const process = goProcess({
      uptimeSeconds: seconds,
      runtime: {
        goroutines: told(total(seconds)),
        goroutineSites,
        leakedGoroutines: leaked === undefined ? undefined : told(leaked),
      },
    });
    const own = container({ memory: memory({ workingSetBytes: 100 * MIB + total(seconds) * 20 * 1024 }) });
    const at = { wallMs: seconds * 1000, monotonicMs: seconds * 1000 };
    const context = { ...processContext(process), container: own, at };
    state = goroutineLeak.observe?.(state, context);
    verdict = goroutineLeak.detect(context, state);
  }
  return verdict!;
}

/** 50 at the start and then nine of ten that are added; all that were there at the start wait since then. */
const onePlace = (seconds: number) => [
  site({ count: 50 + Math.floor(seconds * 0.9), growth: Math.floor(seconds * 0.9), waitSeconds: seconds }),
];

describe('GoroutineLeak by places', () => {
  it('fires when one place accounts for the growth and nobody leaves it', () => {
    const verdict = holds(judge({ places: onePlace }));
    expect(verdict.severity).toBe('warning');
    // Followed from the first count with growth, at 300 s, to the last at 7200 s: 24 counts in 6900 s, each 270 more.
    expect(verdict.summary).toContain(
      'of the goroutines added in 115 min are at main.wait (/a.go:3), started at main.serve',
    );
    expect(verdict.summary).toContain('in 24 counts none of them left');
    expect(evidence(verdict, 'most that left between two counts')).toBe(0);
    // 0.9 x 6900 of 6900.
    expect(evidence(verdict, 'share of all goroutines added')).toBeCloseTo(0.9, 5);
    expect(evidence(verdict, 'longest wait there')).toBe(7200);
    expect(verdict.remedy.text).toContain('At main.wait (/a.go:3), make sure that the other end');
  });

  it('fires by profiles too, which tell no waits, and beside a profile that proves nothing', () => {
    const profiles = (seconds: number) =>
      onePlace(seconds).map((of) => ({ ...of, waitSeconds: undefined, from: 'endpoint' as const }));
    expect(judge({ places: profiles }).outcome).toBe('holds');
    expect(judge({ places: onePlace, leaked: 0 }).outcome).toBe('holds');
  });

  it('takes no bounded wait for a leak: idle connections, timers, system calls', () => {
    for (const cause of [
      'IO wait',
      'sleep',
      'network read',
      'HTTP idle connection',
      'gRPC transport',
      'syscall',
      'running',
      undefined,
    ])
      expect(judge({ places: (s) => onePlace(s).map((of) => ({ ...of, cause })), leaked: 0 }).outcome).toBe('clear');
    expect(
      whyClear(judge({ places: (s) => onePlace(s).map((of) => ({ ...of, cause: 'IO wait' })), leaked: 0 })),
    ).toContain('a wait that can end by itself');
  });

  it('is clear when goroutines leave, when none waits long, and when several places grow', () => {
    // Every third count 40 of some hundreds are gone.
    const leaving = (s: number) => onePlace(s).map((of) => ({ ...of, count: of.count - (s % 900 === 0 ? 400 : 0) }));
    expect(whyClear(judge({ places: leaving, leaked: 0 }))).toContain('some of them leave');
    const young = (s: number) => onePlace(s).map((of) => ({ ...of, waitSeconds: 20 }));
    expect(whyClear(judge({ places: young, leaked: 0 }))).toContain('none has waited for longer than 20 s');
    const half = (s: number) => [
      site({ count: 50 + s / 2, growth: s / 2, waitSeconds: s }),
      site({ count: 50 + s / 2, growth: s / 2, waitSeconds: s, site: 'main.other (/b.go:7)' }),
    ];
    expect(whyClear(judge({ places: half, leaked: 0 }))).toContain('no single place');
  });

  it('is clear when the count does not grow', () => {
    expect(whyClear(judge({ places: onePlace, total: () => 500, leaked: 0 }))).toContain('does not grow');
  });

  it('is unknown without places, with too few counts of them, and without the profile where no place stands out', () => {
    expect(missing(judge({ places: undefined, leaked: 0 }))).toContain('where goroutines are');
    const late = (s: number) => (s < 6600 ? [site({ count: 5 })] : onePlace(s));
    expect(missing(judge({ places: late, leaked: 0 }))).toContain('4 counts of a place');
    expect(missing(judge({ places: onePlace, total: () => 500 }))).toContain('goroutineleak profile');
    expect(missing(judge({ places: undefined }))).toMatch(/goroutineleak profile.*; where goroutines are/);
  });
});

describe('places followed', () => {
  const look = (seconds: number, sites: readonly GoroutineSiteModel[]) => ({
    process: goProcess({ runtime: { goroutineSites: sites } }),
    at: { wallMs: 0, monotonicMs: seconds * 1000 },
  });

  it('are the few that grew most, and a count is taken in once', () => {
    const sites = Array.from({ length: 30 }, (_, index) =>
      site({ site: `main.f${index}`, count: index, growth: index }),
    );
    const once = observeSites(undefined, look(100, sites))!;
    expect(once.followed.map(({ firstCount }) => firstCount)).toEqual([29, 28, 27, 26, 25, 24, 23, 22]);
    // The same count ten seconds later.
    expect(
      observeSites(
        once,
        look(
          110,
          sites.map((of) => ({ ...of, ageSeconds: 10 })),
        ),
      ),
    ).toBe(once);
    expect(observeSites(once, look(400, sites))!.followed[0]).toMatchObject({ looks: 2, sinceMs: 100_000, fell: 0 });
    expect(observeSites(once, look(400, []))).toBe(once);
  });
});

import { describe, expect, it } from 'vitest';
import { cpuThrottledByGc } from '../../src/rules/cpu-throttled-by-gc.ts';
import { gcPauseStretchedByThrottling } from '../../src/rules/gc-pause-stretched-by-throttling.ts';
import { schedulerLatencyHigh } from '../../src/rules/scheduler-latency-high.ts';
import { staleCpuLimit } from '../../src/rules/stale-cpu-limit.ts';
import type { ProcessContext, Verdict } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  limitAt,
  missing,
  processContext,
  throttled,
  told,
  waiting,
  whyClear,
} from './models.ts';
import { overTime, times } from './over-time.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
/** One look at the usual program with this share of 100 periods throttled. */
const look = (over: Over = {}, ratio: number | 'unread' = 0, more: Partial<ProcessContext> = {}): ProcessContext => ({
  ...processContext(goProcess(over)),
  container: container({ throttling: ratio === 'unread' ? undefined : throttled(ratio) }),
  ...more,
});

describe('CpuThrottledByGc', () => {
  const busyGc = { gcCpuRatio: told(0.3) };
  /** Looks with these counts of collections; the window before each count has this share throttled. */
  const series = (windows: readonly (readonly [cycles: number, ratio: number])[], over: Over = {}) =>
    windows.map(([cycles, ratio]) =>
      look({ ...over, runtime: { ...busyGc, ...over.runtime, gcCycles: { ...told(cycles), ageSeconds: 0 } } }, ratio),
    );
  const judge = (looks: readonly ProcessContext[]): Verdict => overTime(cpuThrottledByGc, looks);
  /** First look, then three windows with a collection (40 %) and three without (4 %), in turn. */
  const coincident = [
    [1, 0],
    [2, 0.4],
    [2, 0.04],
    [3, 0.4],
    [3, 0.04],
    [4, 0.4],
    [4, 0.04],
  ] as const;

  it('fires when throttling comes with collections', () => {
    const verdict = holds(judge(series(coincident)));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toBe(
      'throttling comes with the collector: 40 % of the periods in windows with a collection, 4 % without; it takes 30 % of the CPU time',
    );
    expect(evidence(verdict, 'throttled periods in windows with a collection')).toBeCloseTo(0.4);
    expect(evidence(verdict, 'throttled periods in windows without one')).toBeCloseTo(0.04);
    // 2 Ps fit 2 cores: half a limit more.
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'limits.cpu': '3' } });
    expect(verdict.remedy.text).toContain('Or collect less often: raise GOGC (now 100) where memory allows');
  });

  it('advises GOMAXPROCS first when there are too many Ps', () => {
    const verdict = holds(judge(series(coincident, { settings: { gomaxprocs: told(8) } })));
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
    expect(verdict.remedy.text).toContain('8 Ps let it burst to 8 cores');
  });

  it('asks for as many cores as there are Ps, for a collection takes them all', () => {
    const small = series(coincident, { effective: { cpuCores: limitAt(0.3) } });
    const verdict = holds(judge(small));
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'limits.cpu': '2' } });
    expect(verdict.remedy.text).toContain('2 Ps burst to 2 cores');
    expect(verdict.remedy.text).toContain('raise the limit of 300m to 2, or remove it');
    // On a mask of one CPU they take turns.
    const one = holds(judge(series(coincident, { effective: { cpuCores: limitAt(0.3) }, affinityCpus: 1 })));
    expect(one.remedy.patch?.set).toEqual({ 'limits.cpu': '1' });
    expect(one.remedy.text).toContain('one P bursts to 1 core');
  });

  it('needs enough windows of both kinds', () => {
    expect(missing(judge(series(coincident.slice(0, 6))))).toBe(
      '3 windows with a collection and 3 without (so far 3 and 2)',
    );
    // A collection in every window: nothing to compare with.
    const always = Array.from({ length: 20 }, (_, index) => [index, 0.4] as const);
    expect(missing(judge(series(always)))).toContain('(so far 19 and 0)');
  });

  it('is silent when load throttles as much as the collector', () => {
    const even = [
      [1, 0],
      [2, 0.3],
      [2, 0.2],
      [3, 0.3],
      [3, 0.2],
      [4, 0.3],
      [4, 0.2],
    ] as const;
    expect(whyClear(judge(series(even)))).toBe(
      'throttled about as much without a collection (20 %) as with one (30 %)',
    );
    const rare = [
      [1, 0],
      [2, 0.03],
      [2, 0],
      [3, 0.03],
      [3, 0],
      [4, 0.03],
      [4, 0],
    ] as const;
    expect(whyClear(judge(series(rare)))).toBe('3 % of the periods are throttled while it collects');
    expect(whyClear(judge(series(coincident, { runtime: { gcCpuRatio: told(0.05) } })))).toContain('takes 5 %');
    expect(whyClear(judge(series(coincident, { effective: { cpuCores: limitAt('max') } })))).toBe(
      'no CPU limit at any level',
    );
  });

  it('does not count windows whose collections were read at another time, or of another count', () => {
    const old = coincident.map(([cycles, ratio]) =>
      look({ runtime: { ...busyGc, gcCycles: { ...told(cycles), ageSeconds: 8 } } }, ratio),
    );
    expect(missing(judge(old))).toContain('collections counted in two looks');
    expect(
      missing(
        judge(
          series([
            [9, 0],
            [1, 0.4],
          ]),
        ),
      ),
    ).toContain('collections counted');
  });

  describe('when it collects in every window', () => {
    /** Looks after windows with so many collections, this share throttled, and CPU used by the program, alone in its container. */
    const every = (
      windows: readonly (readonly [collections: number, ratio: number, cores?: number, seconds?: number])[],
    ) => {
      let cycles = 1;
      return [[0, 0] as const, ...windows].map(([collections, ratio, usageCores = 1, windowSeconds = 15]) => {
        cycles += collections;
        const throttling = { ...throttled(ratio, 10 * windowSeconds), windowSeconds };
        return look({ runtime: { ...busyGc, gcCycles: { ...told(cycles), ageSeconds: 0 } }, usageCores }, 0, {
          windowSeconds,
          container: container({ throttling, cpu: { ...container().cpu, usageCores } }),
        });
      });
    };
    /** Three times one collection with a share of `one` throttled, and two with `two`. */
    const inTurn = (one: number, two: number) => every(times(3, [[1, one] as const, [2, two] as const]).flat());

    it('compares more with fewer, as a fault every ten seconds shows in windows of 15 s', () => {
      const verdict = holds(judge(inTurn(0.1, 0.2)));
      expect(verdict.severity).toBe('warning');
      expect(verdict.summary).toBe(
        'throttling comes with the collector: 20 % of the periods in windows with more collections (2 each), 10 % in those with fewer (1 each); it takes 30 % of the CPU time',
      );
      // A tenth for each collection: nothing without.
      expect(evidence(verdict, 'throttled periods expected without a collection')).toBeCloseTo(0, 10);
      expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'limits.cpu': '3' } });
    });

    it('fires while half or more comes with collections', () => {
      // 0.051 for each, so 0.098 without, less than half of 0.2. Then 0.04 for each, so 0.12.
      expect(evidence(holds(judge(inTurn(0.149, 0.2))), 'throttled periods expected without a collection')).toBeCloseTo(
        0.098,
        10,
      );
      expect(missing(judge(inTurn(0.16, 0.2)))).toBe(
        '3 windows without a collection: with fewer there is less throttling, but not clearly',
      );
    });

    it('is silent when throttling does not follow', () => {
      // All pairs tied.
      expect(whyClear(judge(inTurn(0.2, 0.2)))).toBe(
        'throttling does not follow the collections: 20 % of the periods in those with fewer (1 each), 20 % in windows with more collections (2 each), and only in 50 % of the pairs was it more there',
      );
      expect(whyClear(judge(inTurn(0.2, 0.1)))).toContain('only in 0 % of the pairs');
    });

    it('wants most windows to agree, not the sum alone', () => {
      const pairs = (...more: number[]) =>
        judge(
          every([
            ...[0.1, 0.1, 0.1, 0.4].map((ratio) => [1, ratio] as const),
            ...more.map((ratio) => [2, ratio] as const),
          ]),
        );
      // Of 16 pairs 8, though 0.275 is far above the 0.075 that the means leave without a collection.
      expect(whyClear(pairs(0.05, 0.05, 0.5, 0.5))).toContain('only in 50 % of the pairs');
      // 9 and 3 ties, 10.5 of 16; 12; then 14.
      expect(missing(pairs(0.05, 0.4, 0.4, 0.4))).toContain('not clearly');
      expect(missing(pairs(0.05, 0.5, 0.5, 0.5))).toContain('not clearly');
      expect(pairs(0.3, 0.3, 0.5, 0.5).outcome).toBe('holds');
    });

    it('says that there is nothing to compare where all are alike', () => {
      expect(missing(judge(every(times(20, [1, 0.4] as const))))).toBe(
        '3 windows with a collection and 3 without (so far 20 and 0), or with half as many again against the rest: all had about as many',
      );
      // 4 and 5 are not half as many again; and two in a window twice as long are one in each.
      expect(missing(judge(every(times(5, [[4, 0.1] as const, [5, 0.4] as const]).flat())))).toContain('all had about');
      expect(missing(judge(every(times(5, [[1, 0.1, 1, 15] as const, [2, 0.4, 1, 30] as const]).flat())))).toContain(
        'all had about',
      );
    });

    it('does not make up a part of too few windows', () => {
      const rare = [...times(20, [0, 0] as const), ...times(2, [1, 0.4] as const)];
      expect(missing(judge(every(rare)))).toBe('3 windows with a collection and 3 without (so far 2 and 20)');
    });

    it('is silent when other work comes with the collections', () => {
      const busier = (low: number, high: number) =>
        judge(every(times(3, [[5, 0.02, low] as const, [10, 0.3, high] as const]).flat()));
      // 30 % of 0.6 cores collect, two thirds of that apart: 0.12 of the 0.4 cores more. Of 0.1 more it is 0.11.
      expect(whyClear(busier(0.4, 0.8))).toContain('it is load that throttles');
      expect(busier(0.5, 0.6).outcome).toBe('holds');
    });
  });

  it('is a note while the container uses less than a tenth of the limit', () => {
    const uses = (usageCores: number | undefined) =>
      holds(
        judge(
          series(coincident).map((one) => ({
            ...one,
            container: container({ throttling: one.container?.throttling, cpu: { ...container().cpu, usageCores } }),
          })),
        ),
      ).severity;
    // A tenth of 2 cores.
    expect([uses(0.19), uses(0.2), uses(undefined)]).toEqual(['info', 'critical', 'critical']);
  });

  it('does not compare what ran for a few periods only', () => {
    const periods = (count: number) =>
      series(coincident).map((one, index) => ({
        ...one,
        container: container({ throttling: throttled(coincident[index]?.[1] ?? 0, count) }),
      }));
    // Three windows of each kind: 18 periods, then 21, against 20.
    expect(missing(judge(periods(6)))).toBe('enough CPU periods with and without collections');
    expect(judge(periods(7)).outcome).toBe('holds');
  });

  it('forgets what is older than forty windows', () => {
    const quiet = Array.from({ length: 45 }, (_, index) => [10 + (index >> 1), 0] as const);
    expect(whyClear(judge(series([...coincident, ...quiet])))).toContain('0 % of the periods');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(series(coincident, { effective: { cpuCores: undefined } })))).toContain('cpu.max');
    expect(
      missing(judge(series(coincident, { effective: { cpuCores: limitAt('max', 'container', false) } }))),
    ).toContain('ancestor');
    expect(missing(judge(series(coincident, { runtime: { gcCpuRatio: undefined } })))).toBe(
      'share of CPU time spent collecting',
    );
    expect(missing(judge([look({ runtime: busyGc }, 'unread')]))).toContain('two samples');
    expect(missing(judge([look({ runtime: { ...busyGc, gcCycles: undefined } })]))).toContain('collections counted');
  });
});

describe('GcPauseStretchedByThrottling', () => {
  const judge = (...looks: readonly ProcessContext[]) => overTime(gcPauseStretchedByThrottling, looks);
  const long = { runtime: { gcPauseP99Seconds: told(0.04) } };

  it('fires when pauses are long and periods throttled', () => {
    const verdict = holds(judge(look(long, 0.3)));
    expect(verdict.severity).toBe('warning');
    // 40 of 100 ms.
    expect(verdict.summary).toContain(
      'for 40 ms at the 99th percentile, 40 % of the enforcement period, while 30 % of the periods are throttled',
    );
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'limits.cpu': '3' } });
    expect(holds(judge(look({ runtime: { gcPauseP99Seconds: told(0.05) } }, 0.3))).severity).toBe('critical');
  });

  it('is a note while the container uses less than a tenth of the limit', () => {
    const uses = (usageCores: number) => {
      const cpu = { ...container().cpu, usageCores };
      return holds(judge(look(long, 0.3, { container: container({ throttling: throttled(0.3), cpu }) }))).severity;
    };
    expect([uses(0.19), uses(0.2)]).toEqual(['info', 'warning']);
  });

  it('takes a tenth of a short period for its bound', () => {
    const short = { runtime: { gcPauseP99Seconds: told(0.003) } };
    expect(judge(look(short, 0.3)).outcome).toBe('clear');
    expect(judge(look({ ...short, effective: { cpuPeriodSeconds: 0.02 } }, 0.3)).outcome).toBe('holds');
  });

  it('counts throttling as long as the window of the pauses', () => {
    expect(judge(look(long, 0.3), ...times(12, look(long, 0))).outcome).toBe('holds');
    expect(whyClear(judge(look(long, 0.3), ...times(13, look(long, 0))))).toContain('nothing was throttled');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(look({}, 0.3)))).toBe('pauses are short: p99 0.5 ms');
    expect(whyClear(judge(look(long, 0)))).toContain('another cause');
    expect(whyClear(judge(look({ ...long, effective: { cpuCores: limitAt('max') } })))).toBe(
      'no CPU limit at any level',
    );
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(look({ runtime: { gcPauseP99Seconds: undefined } }, 0.3)))).toContain(
      'pauses of the collector',
    );
    expect(missing(judge(look(long, 'unread')))).toContain('two samples');
    expect(missing(judge(look({ ...long, effective: { cpuCores: limitAt(2, 'container', false) } }, 0)))).toContain(
      'ancestor',
    );
    expect(missing(judge(look({ ...long, effective: { cpuCores: undefined } }, 0.3)))).toContain('cpu.max');
  });
});

describe('SchedulerLatencyHigh', () => {
  const slow = { schedulerLatencyP99Seconds: told(0.05) };
  const judge = (over: Over = {}, ratio: number | 'unread' = 0, more: Partial<ProcessContext> = {}) =>
    overTime(schedulerLatencyHigh, [look({ ...over, runtime: { ...slow, ...over.runtime } }, ratio, more)]);
  const waited = (ratio: number) => ({
    container: container({
      throttling: throttled(0),
      pressure: { cpu: waiting(ratio), memory: undefined, io: undefined, irq: undefined },
    }),
  });

  it('blames its own limit first', () => {
    const verdict = holds(judge({ settings: { gomaxprocs: told(8) } }, 0.3));
    expect(verdict.summary).toBe(
      'goroutines that are ready wait 50 ms for a P at the 99th percentile: the CPU limit throttled 30 % of the periods (see CpuThrottled)',
    );
    // CpuThrottled warns of it.
    expect(verdict.severity).toBe('info');
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
  });

  it('then too few Ps', () => {
    const verdict = holds(judge({ usageCores: 1.9, effective: { cpuCores: limitAt(4) } }));
    expect(verdict.summary).toContain('all 2 Ps are busy, and 4 would fit');
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '4' } });
  });

  it('then the neighbours', () => {
    const verdict = holds(judge({}, 0, waited(0.25)));
    expect(verdict.summary).toContain('waited for a CPU 25 % of the time though its limit did not hold it back');
    // 1 core used x 1.2.
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'requests.cpu': '1200m' } });
    const near = holds(judge({ usageCores: 1.75 }, 0, waited(0.25)));
    // Not above the limit of 2.
    expect(near.remedy.patch?.set).toEqual({ 'requests.cpu': '2' });
    expect(holds(judge({ usageCores: undefined }, 0, waited(0.25))).remedy.patch).toBeUndefined();
  });

  it('then its own work, and else nothing it knows', () => {
    expect(holds(judge({ usageCores: 1.9 })).summary).toContain('no more fit its CPU limit or mask');
    const open = holds(judge());
    expect([open.severity, open.remedy.text.includes('execution trace')]).toEqual(['info', true]);
    expect(holds(judge({}, 'unread')).summary).toContain('(throttling is not known: two samples of cpu.stat');
  });

  it('is silent below the bound and unknown without the latency', () => {
    expect(whyClear(judge({ runtime: { schedulerLatencyP99Seconds: told(0.009) } }))).toContain('wait 9 ms');
    expect(missing(judge({ runtime: { schedulerLatencyP99Seconds: undefined } }))).toContain('scheduler latency');
    expect(schedulerLatencyHigh.forSeconds).toBe(60);
  });

  it('believes a percentile of many waits only', () => {
    const of = (observations: number) =>
      judge({ runtime: { schedulerLatencyWindow: { observations, upToSeconds: undefined } } });
    expect(whyClear(of(499))).toBe(
      'only 499 waits for a P were recorded in the window, fewer than the 500 a 99th percentile needs',
    );
    expect(evidence(holds(of(500)), 'waits for a P in the window')).toBe(500);
    expect(missing(judge({ runtime: { schedulerLatencyWindow: undefined } }))).toContain('number of waits');
  });

  it('goes by the lower bound of a wide bucket, and says no more than that', () => {
    const between = (schedulerLatencyP99Seconds: number, upToSeconds: number | 'unbounded') =>
      judge({
        runtime: {
          schedulerLatencyP99Seconds: told(schedulerLatencyP99Seconds),
          schedulerLatencyWindow: { observations: 10_000, upToSeconds },
        },
      });
    // Powers of ten, against a bound of 10 ms.
    const verdict = holds(between(0.01, 0.1));
    expect(verdict.summary).toContain('wait 10 ms or more for a P');
    expect(evidence(verdict, 'scheduler latency p99, at least')).toBe(0.01);
    expect(whyClear(between(0.001, 0.01))).toBe('goroutines wait 10 ms or less for a P at the 99th percentile');
    // The bound lies inside.
    expect(missing(between(0.005, 0.05))).toContain('finer buckets');
    expect(missing(between(0.001, 'unbounded'))).toContain('from 0.001 s to no end');
  });
});

describe('StaleCpuLimit', () => {
  const at = (cores: number | 'max', procs: number, over: Over = {}): ProcessContext =>
    look({ ...over, settings: { gomaxprocs: told(procs), ...over.settings }, effective: { cpuCores: limitAt(cores) } });
  const judge = (...looks: readonly ProcessContext[]) => overTime(staleCpuLimit, looks, 30_000);

  it('fires a minute after a limit was lowered and GOMAXPROCS stayed', () => {
    const verdict = holds(judge(at(4, 4), at(2, 4), at(2, 4), at(2, 4)));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'the CPU limit changed from 4 cores to 2 cores, and GOMAXPROCS is still 4: the quota is used up in bursts',
    );
    expect(evidence(verdict, 'time since the change')).toBe(60);
    // A restart is enough, and a variable would keep Go 1.25 from following the next change.
    expect(verdict.remedy.patch).toBeUndefined();
    expect(verdict.remedy.text).toContain(
      'Restart the container: the value is taken once, at start, and is then 2. Set no GOMAXPROCS for it.',
    );
  });

  it('names a value where the environment sets one, and not where only a restart is missing', () => {
    const by = (setBy: 'environment' | 'automaxprocs' | 'runtime' | undefined) => {
      const over = { expectedGomaxprocs: { setBy } };
      return holds(judge(at(4, 4, over), ...times(3, at(2, 4, over)))).remedy;
    };
    expect(by('environment').patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
    expect([by('automaxprocs').patch, by('runtime').patch, by(undefined).patch]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(by(undefined).text).toContain('if the environment has one (it is not known), take it out');
  });

  it('tells of a limit that was raised, as a note', () => {
    const verdict = holds(judge(at(2, 2), ...times(3, at(6, 2))));
    expect(verdict.severity).toBe('info');
    expect(verdict.remedy.text).toContain('and is then 6.');
    const fixed = { expectedGomaxprocs: { setBy: 'environment' as const } };
    const { remedy } = holds(judge(at(2, 2, fixed), ...times(3, at(6, 2, fixed))));
    expect(remedy.patch?.set).toEqual({ GOMAXPROCS: '6' });
    expect(remedy.text).toContain('restart it with GOMAXPROCS=6, or without the variable');
  });

  it('keeps to the limit that GOMAXPROCS came from through a second change', () => {
    const verdict = holds(judge(at(8, 8), at(4, 8), ...times(3, at(2, 8))));
    expect(verdict.summary).toContain('from 8 cores to 2 cores');
    expect(whyClear(judge(at(4, 4), at(2, 4), ...times(3, at(4, 4))))).toContain('has not changed');
  });

  it('takes what the environment sets for meant, also when it is the number of CPUs', () => {
    const fixed = { expectedGomaxprocs: { containerAware: false as const, setBy: 'environment' as const } };
    // The node of the models has 16 CPUs.
    expect(holds(judge(at(16, 16, fixed), ...times(3, at(2, 16, fixed)))).summary).toContain('GOMAXPROCS is still 16');
  });

  it('trusts what automaxprocs set at the start, not what it would set now', () => {
    const inferred = (cores: number, procs: number) =>
      at(cores, procs, {
        settings: { gomaxprocs: { value: procs, from: 'inferred' } },
        expectedGomaxprocs: { setBy: 'automaxprocs' },
      });
    expect(evidence(holds(judge(inferred(4, 4), ...times(3, inferred(2, 2)))), 'GOMAXPROCS')).toBe(4);
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(at(4, 4), at(4, 4)))).toBe('the CPU limit has not changed since the process was first seen');
    expect(whyClear(judge(at(4, 4), ...times(3, at(2, 2))))).toBe('GOMAXPROCS fits the limit as it is now');
    expect(whyClear(judge(at(4, 4), at(2, 4), at(2, 4)))).toBe(
      'the limit changed 30 s ago: the runtime may still follow',
    );
    // 16 Ps never came from a limit of 4.
    expect(whyClear(judge(at(4, 16), ...times(3, at(2, 16))))).toContain('did not come from the limit');
    const unaware = { expectedGomaxprocs: { containerAware: false as const, setBy: 'runtime' as const } };
    expect(whyClear(judge(at(16, 16, unaware), ...times(3, at(2, 16, unaware))))).toBe(
      'GOMAXPROCS is the number of CPUs and did not come from the limit',
    );
  });

  it('is unknown for each missing input', () => {
    const without = look({ effective: { cpuCores: undefined } });
    expect(missing(judge(without))).toContain('cpu.max');
    expect(missing(judge(look({ effective: { cpuCores: limitAt(2, 'container', false) } })))).toContain('ancestor');
    const mute = { settings: { gomaxprocs: undefined } };
    expect(missing(judge(at(4, 4), ...times(3, at(2, 4, mute))))).toBe('GOMAXPROCS');
    const guess = { settings: { gomaxprocs: { value: 2, from: 'inferred' as const } } };
    expect(missing(judge(at(4, 4, guess), ...times(3, at(2, 2, guess))))).toContain('as the process itself tells it');
    const unread = { expectedGomaxprocs: { containerAware: false as const, setBy: undefined } };
    expect(missing(judge(at(16, 16, unread), ...times(3, at(2, 16, unread))))).toContain(
      'environment, to know whether',
    );
  });
});

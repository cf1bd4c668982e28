import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoMetrics } from '../../src/go/go-metrics.ts';
import { endpoint } from './fixtures.ts';

const metrics = (...lines: string[]) => parseGoMetrics(Buffer.from(`${lines.join('\n')}\n`));

describe('parseGoMetrics', () => {
  it('reads a Prometheus server (client_golang 1.14, Go 1.19)', () => {
    const got = parseGoMetrics(endpoint('prometheus-2.42/metrics.txt'))!;
    expect(got.goVersion).toBe('go1.19.8');
    expect(got.processStartTimeSeconds).toBeGreaterThan(1_795_000_000);
    expect(got.goroutines).toBeGreaterThan(20);
    // This client does not export them, which says nothing about the program.
    expect([got.gomaxprocs, got.gogc, got.gomemlimit, got.heapLive, got.cpuGcTotalSeconds]).toEqual(
      Array(5).fill(undefined),
    );
    const { memStats } = got;
    expect(memStats.heapIdle! + memStats.heapInuse!).toBe(memStats.heapSys);
    expect(memStats.numGc).toBe(got.gcPauseCount);
    expect(memStats.recentPausesNs).toEqual([]);
    const absent = Object.entries(memStats)
      .filter(([, value]) => value === undefined)
      .map(([name]) => name);
    expect(absent).toEqual(['numForcedGc', 'gcCpuFraction']);
  });

  it('reads the settings that client_golang 1.20 added', () => {
    expect(
      metrics(
        'go_info{version="go1.26.4-X:jsonv2"} 1',
        'go_gc_gogc_percent 50',
        'go_gc_gomemlimit_bytes 4.8234496e+08',
        'go_sched_gomaxprocs_threads 16',
        'go_memstats_next_gc_bytes 4.194304e+06',
        'go_memstats_last_gc_time_seconds 1.7952110495e+09',
      ),
    ).toMatchObject({
      goVersion: 'go1.26.4-X:jsonv2',
      gogc: 50,
      gomemlimit: 482344960,
      gomaxprocs: 16,
      memStats: { nextGc: 4194304, lastGcUnixMs: 1795211049500 },
    });
  });

  it('knows how off looks in each', () => {
    expect(
      metrics(
        'go_goroutines 1',
        'go_gc_gogc_percent 1.8446744073709552e+19',
        'go_gc_gomemlimit_bytes 9.223372036854776e+18',
        'go_memstats_next_gc_bytes 9.223372036854776e+18',
        'go_memstats_last_gc_time_seconds 0',
        'go_memstats_gc_cpu_fraction 0',
      ),
    ).toMatchObject({
      gogc: 'off',
      gomemlimit: 'off',
      memStats: { nextGc: 'off', lastGcUnixMs: undefined, gcCpuFraction: undefined },
    });
  });

  it('reads the opt-in runtime metrics', () => {
    expect(
      metrics(
        'go_memstats_sys_bytes 5',
        'go_gc_heap_live_bytes 3e6',
        'go_gc_limiter_last_enabled_gc_cycle 7',
        'go_cpu_classes_gc_total_cpu_seconds_total 1.5',
        'go_cpu_classes_idle_cpu_seconds_total 20',
        'go_cpu_classes_total_cpu_seconds_total 30',
        'go_gc_cycles_forced_gc_cycles_total 2',
      ),
    ).toMatchObject({
      heapLive: 3e6,
      limiterLastEnabledCycle: 7,
      cpuGcTotalSeconds: 1.5,
      cpuIdleSeconds: 20,
      cpuTotalSeconds: 30,
      memStats: { sys: 5, numForcedGc: 2 },
    });
  });

  describe('histograms', () => {
    const buckets = (name: string, ...counts: readonly (readonly [string, number])[]) =>
      counts.map(([le, count]) => `${name}_bucket{le="${le}"} ${count}`);
    const SOME = [
      ['1e-05', 3],
      ['0.0001', 5],
      ['+Inf', 6],
    ] as const;
    const READ = { bounds: [1e-5, 1e-4, Number.POSITIVE_INFINITY], counts: [3, 5, 6] };

    it.each([
      ['go_sched_latencies_seconds', 'schedulerLatency'],
      // client_golang 1.12.0 and 1.12.1.
      ['go_sched_latencies_seconds_total', 'schedulerLatency'],
      ['go_sched_pauses_total_gc_seconds', 'gcPauses'],
      ['go_gc_pauses_seconds', 'gcPauses'],
      ['go_gc_pauses_seconds_total', 'gcPauses'],
    ] as const)('reads %s', (name, field) => {
      const got = metrics(
        'go_goroutines 1',
        `# TYPE ${name} histogram`,
        ...buckets(name, ...SOME),
        `${name}_sum 1`,
        `${name}_count 6`,
      )!;
      expect(got[field]).toEqual(READ);
    });

    it('takes the new name of the pauses where both are there, buckets in any order, and constant labels', () => {
      const got = metrics(
        'go_goroutines 1',
        ...buckets('go_gc_pauses_seconds', ['+Inf', 99]),
        'go_sched_pauses_total_gc_seconds_bucket{app="a",le="+Inf"} 6',
        'go_sched_pauses_total_gc_seconds_bucket{app="a",le="0.0001"} 5',
        'go_sched_pauses_total_gc_seconds_bucket{le="1e-05",app="a"} 3',
      )!;
      expect(got.gcPauses).toEqual(READ);
    });

    it.each([
      ['no +Inf', buckets('go_sched_latencies_seconds', ['0.1', 3])],
      [
        'two series',
        [...buckets('go_sched_latencies_seconds', ...SOME), 'go_sched_latencies_seconds_bucket{app="b",le="0.0001"} 5'],
      ],
      ['counts that fall', buckets('go_sched_latencies_seconds', ['0.1', 7], ['+Inf', 6])],
      ['a bound that is no number', buckets('go_sched_latencies_seconds', ['x', 1], ['+Inf', 6])],
      ['no bound', ['go_sched_latencies_seconds_bucket 5', ...buckets('go_sched_latencies_seconds', ...SOME)]],
      [
        'broken labels',
        ['go_sched_latencies_seconds_bucket{le=} 5', ...buckets('go_sched_latencies_seconds', ...SOME)],
      ],
      ['a count that is no number', buckets('go_sched_latencies_seconds', ['0.1', Number.NaN], ['+Inf', 6])],
      [
        'too many buckets',
        buckets('go_sched_latencies_seconds', ...Array.from({ length: 2000 }, (_, index) => [`${index}`, 1] as const), [
          '+Inf',
          1,
        ]),
      ],
    ])('makes nothing of %s', (_, lines) => {
      expect(metrics('go_goroutines 1', ...lines)).toMatchObject({ goroutines: 1, schedulerLatency: undefined });
    });

    it('has none in a plain exposition', () => {
      expect(metrics('go_goroutines 1')).toMatchObject({ schedulerLatency: undefined, gcPauses: undefined });
    });
  });

  it('accepts constant labels, but not the metrics of several programs', () => {
    expect(metrics('go_goroutines{app="a"} 5')?.goroutines).toBe(5);
    expect(
      metrics('go_goroutines{app="a"} 5', 'go_goroutines{app="b"} 6', 'go_goroutines{app="c"} 7')?.goroutines,
    ).toBeUndefined();
    expect(metrics('go_goroutines{app="a"} 5', 'go_goroutines 6', 'go_goroutines{app="b"} 7')?.goroutines).toBe(6);
    expect(metrics('go_info{version="go1.20"} 1', 'go_info{version="go1.21"} 1')?.goVersion).toBeUndefined();
  });

  it('leaves out values that cannot be', () => {
    expect(
      metrics('go_goroutines NaN', 'go_threads -1', 'go_gc_gogc_percent NaN', 'process_open_fds +Inf'),
    ).toMatchObject({
      goroutines: undefined,
      threads: undefined,
      gogc: undefined,
      processOpenFds: undefined,
    });
  });

  it('is undefined for a program that is not Go', () => {
    expect(metrics('process_cpu_seconds_total 5', 'nodejs_version_info{version="v20"} 1')).toBeUndefined();
    expect(parseGoMetrics(Buffer.from('<html>'))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (labels, value) => {
        expect(() => metrics(`go_info{${labels}} ${value}`, `go_goroutines{${labels}} ${value}`)).not.toThrow();
      }),
    );
  });
});

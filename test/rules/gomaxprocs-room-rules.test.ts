import { describe, expect, it } from 'vitest';
import { fractionalCpuLimit } from '../../src/rules/fractional-cpu-limit.ts';
import { gomaxprocsBelowCpuLimit } from '../../src/rules/gomaxprocs-below-cpu-limit.ts';
import { gomaxprocsIgnoresCpuset } from '../../src/rules/gomaxprocs-ignores-cpuset.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeProcess,
  limitAt,
  missing,
  throttled,
  told,
  whyClear,
} from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
const free = container({ throttling: throttled(0) });

describe('GomaxprocsBelowCpuLimit', () => {
  /** 2 Ps, all busy, under 4 cores. */
  const busy = (over: Over = {}) =>
    goProcess({ usageCores: 1.9, ...over, effective: { cpuCores: limitAt(4), ...over.effective } });
  const judge = (over: Over = {}, of = free) => judgeProcess(gomaxprocsBelowCpuLimit, busy(over), { container: of });

  it('fires when all Ps are busy, more would fit and nothing is throttled', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe(
      'GOMAXPROCS is 2 and all of it is in use (1.9 cores), while the limit is 4 cores and nothing is throttled',
    );
    expect(verdict.remedy).toEqual({
      text: 'Set GOMAXPROCS=4; if 2 is meant, lower the CPU limit and request to it instead.',
      patch: { kind: 'env', set: { GOMAXPROCS: '4' } },
    });
    expect(evidence(verdict, 'CPU used by the process')).toBe(1.9);
    expect(gomaxprocsBelowCpuLimit.forSeconds).toBe(60);
  });

  it('warns when goroutines wait for it', () => {
    expect(holds(judge({ runtime: { schedulerLatencyP99Seconds: told(0.02) } })).severity).toBe('warning');
  });

  it('takes whole cores of the limit, and no more than the CPUs of the mask', () => {
    expect(holds(judge({ effective: { cpuCores: limitAt(3.9) } })).remedy.patch?.set).toEqual({ GOMAXPROCS: '3' });
    expect(whyClear(judge({ effective: { cpuCores: limitAt(2.9) } }))).toBe('GOMAXPROCS 2 covers the CPU it may use');
    expect(whyClear(judge({ affinityCpus: 2 }))).toBe('GOMAXPROCS 2 covers every CPU it may use');
    expect(holds(judge({ affinityCpus: 3 })).remedy.patch?.set).toEqual({ GOMAXPROCS: '3' });
    const unlimited = holds(judge({ effective: { cpuCores: limitAt('max') } }));
    expect([unlimited.severity, unlimited.remedy.patch?.set]).toEqual(['info', { GOMAXPROCS: '16' }]);
    expect(unlimited.remedy.text).toContain('or less where others need the node');
    expect(holds(judge({ expectedGomaxprocs: { setBy: 'environment' } })).remedy.text).toContain(
      'Change GOMAXPROCS=2 in the environment to 4',
    );
  });

  it('is silent while Ps are idle, and while it is throttled', () => {
    // 1.7 of 2: 85 %.
    expect(whyClear(judge({ usageCores: 1.7 }))).toBe('uses 85 % of its 2 Ps: more of them would not help now');
    expect(whyClear(judge({}, container({ throttling: throttled(0.02) })))).toBe(
      '2 % of the periods were throttled: more Ps would be throttled more',
    );
  });

  it('tells one P that goroutines wait for, but leaves small helpers alone', () => {
    const one = (over: Over) => judge({ settings: { gomaxprocs: told(1) }, usageCores: 0.4, ...over });
    const waits = { schedulerLatencyP99Seconds: told(0.02) };
    const verdict = holds(one({ runtime: waits, effective: { cpuCores: limitAt(1) } }));
    expect(verdict.summary).toContain('GOMAXPROCS is 1: goroutines wait for the only P');
    expect(verdict.remedy.patch?.set).toEqual({ GOMAXPROCS: '2' });
    expect(one({ runtime: waits, usageCores: 0.1 }).outcome).toBe('clear');
    // Half a core has no room for a second P.
    expect(whyClear(one({ runtime: waits, effective: { cpuCores: limitAt(0.5) } }))).toContain('covers the CPU');
    expect(one({ runtime: waits, effective: { cpuCores: limitAt('max') } }).outcome).toBe('holds');
    expect(one({ runtime: { schedulerLatencyP99Seconds: told(0.001) } }).outcome).toBe('clear');
    expect(missing(one({ runtime: { schedulerLatencyP99Seconds: undefined } }))).toContain('scheduler latency');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ settings: { gomaxprocs: undefined } }))).toBe('GOMAXPROCS');
    expect(missing(judge({ usageCores: undefined }))).toContain('CPU used');
    expect(missing(judge({ effective: { cpuCores: undefined } }))).toContain('cpu.max');
    expect(missing(judge({ effective: { cpuCores: limitAt(4, 'container', false) } }))).toBe('cpu.max of an ancestor');
    expect(missing(judge({ affinityCpus: undefined, effective: { cpusetCpus: undefined } }))).toContain('affinity');
    expect(missing(judge({}, container({ throttling: undefined })))).toContain('two samples');
  });
});

describe('GomaxprocsIgnoresCpuset', () => {
  const judge = (over: Over) => judgeProcess(gomaxprocsIgnoresCpuset, goProcess(over));

  it('fires when there are more Ps than CPUs', () => {
    const verdict = holds(judge({ settings: { gomaxprocs: told(3) }, affinityCpus: 2 }));
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toContain('GOMAXPROCS is 3, but the process may use only 2 CPUs');
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
    expect(holds(judge({ settings: { gomaxprocs: told(4) }, affinityCpus: 2 })).severity).toBe('warning');
  });

  it('does not advise more than the limit feeds', () => {
    const verdict = judge({ settings: { gomaxprocs: told(16) }, affinityCpus: 8, effective: { cpuCores: limitAt(3) } });
    expect(holds(verdict).remedy.patch?.set).toEqual({ GOMAXPROCS: '3' });
    const env = judge({
      settings: { gomaxprocs: told(16) },
      affinityCpus: 8,
      expectedGomaxprocs: { offBecause: 'env-gomaxprocs' },
    });
    expect(holds(env).remedy.text).toContain('Change GOMAXPROCS=16 in the environment to 2, or remove it');
  });

  it('is silent when they fit, and unknown without its inputs', () => {
    expect(whyClear(judge({}))).toBe('GOMAXPROCS 2 is no more than the 16 CPUs it may use');
    expect(missing(judge({ settings: { gomaxprocs: undefined } }))).toBe('GOMAXPROCS');
    expect(missing(judge({ affinityCpus: undefined }))).toBe('CPU affinity of the process');
    expect(missing(judge({ affinityCpus: undefined, effective: { cpusetCpus: undefined } }))).toContain('affinity');
    // The cpuset alone can show that there are fewer.
    expect(judge({ affinityCpus: undefined, effective: { cpusetCpus: 1 } }).outcome).toBe('holds');
  });
});

describe('FractionalCpuLimit', () => {
  const judge = (cores: number, procs: number, ratio = 0.2, over: Over = {}) =>
    judgeProcess(
      fractionalCpuLimit,
      goProcess({
        settings: { gomaxprocs: told(procs) },
        ...over,
        effective: { cpuCores: limitAt(cores), ...over.effective },
      }),
      { container: container({ throttling: throttled(ratio) }) },
    );

  it('fires when the rounded-up Ps overrun the limit', () => {
    const verdict = holds(judge(2.5, 3));
    expect(verdict.summary).toContain('the CPU limit of 2.5 cores is no whole number: GOMAXPROCS 3 is its round-up');
    // 100 ms x (1 - 2.5 / 3) = 16.7 ms.
    expect(evidence(verdict, 'stall per period with all Ps busy')).toBeCloseTo(0.0167, 4);
    expect(verdict.remedy).toEqual({
      text: 'Take a whole limit: 3 is 0.5 cores more and feeds all 3 Ps all the time. 2 costs 0.5 cores of the limit and takes a P away with them.',
      patch: { kind: 'resources', set: { 'limits.cpu': '3' } },
    });
    const low = holds(judge(1.5, 2));
    expect(low.remedy.text).toContain('2 is 0.5 cores more');
    expect(low.remedy.text).toContain('Below that the runtime keeps two Ps');
  });

  it('gives no patch for a limit that is another level’s', () => {
    expect(holds(judge(2.5, 3, 0.2, { effective: { cpuCores: limitAt(2.5, 'pod') } })).remedy.patch).toBeUndefined();
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(3, 3))).toBe('the limit of 3 cores is whole');
    expect(whyClear(judge(2.00001, 3))).toBe('the limit of 2 cores is whole');
    expect(whyClear(judge(2.5, 2))).toBe('GOMAXPROCS 2 is not the limit of 2.5 cores rounded up');
    expect(whyClear(judge(0.5, 2))).toContain('is not the limit');
    expect(whyClear(judge(2.5, 3, 0.04))).toContain('4 % of the periods were throttled');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(2.5, 3, 0.2, { settings: { gomaxprocs: undefined } }))).toBe('GOMAXPROCS');
    expect(missing(judge(2.5, 3, 0.2, { effective: { cpuCores: undefined } }))).toContain('cpu.max');
    expect(missing(judge(2.5, 3, 0.2, { effective: { cpuCores: limitAt(2.5, 'container', false) } }))).toContain(
      'ancestor',
    );
    const none = judgeProcess(
      fractionalCpuLimit,
      goProcess({ settings: { gomaxprocs: told(3) }, effective: { cpuCores: limitAt(2.5) } }),
      { container: undefined },
    );
    expect(missing(none)).toContain('cpu.stat');
  });
});

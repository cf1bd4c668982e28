import { describe, expect, it } from 'vitest';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { ExpectedGomaxprocs } from '../../src/model/go-settings-types.ts';
import { gomaxprocsAboveCpuLimit } from '../../src/rules/gomaxprocs-above-cpu-limit.ts';
import { gomaxprocsMissesAncestorLimit } from '../../src/rules/gomaxprocs-misses-ancestor-limit.ts';
import { gomaxprocsNotContainerAware } from '../../src/rules/gomaxprocs-not-container-aware.ts';
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

const OFF = {
  'go-version': { value: 16, containerAware: false, offBecause: 'go-version', reason: 'never looks' },
  'go-line': { value: 16, containerAware: false, offBecause: 'go-line', reason: 'the go line turns it off' },
  'godebug-env': { value: 16, containerAware: false, offBecause: 'godebug-env', reason: 'GODEBUG turns it off' },
  'env-gomaxprocs': {
    value: 16,
    containerAware: false,
    offBecause: 'env-gomaxprocs',
    setBy: 'environment',
    reason: 'GOMAXPROCS=16 decides',
  },
} as const satisfies Record<string, Partial<ExpectedGomaxprocs>>;

/** 16 Ps under the limit of 2 cores, for this reason. */
const sixteen = (why: keyof typeof OFF, over: Parameters<typeof goProcess>[0] = {}): GoProcessModel =>
  goProcess({
    ...(why === 'go-version' ? { goVersion: 'go1.22.5', goMinor: 22 } : {}),
    expectedGomaxprocs: OFF[why],
    ...over,
    settings: { gomaxprocs: told(16), ...over.settings },
  });
const under = (limit: number, procs: number): GoProcessModel =>
  goProcess({
    settings: { gomaxprocs: told(procs) },
    effective: { cpuCores: limitAt(limit) },
    leafCpuLimitCores: limit,
  });
/** Effective limit of the pod, none at the container. */
const atPod = (limit: number, procs: number): GoProcessModel =>
  goProcess({
    settings: { gomaxprocs: told(procs) },
    expectedGomaxprocs: { value: procs },
    effective: { cpuCores: limitAt(limit, 'pod') },
    leafCpuLimitCores: 'max',
  });

describe('GomaxprocsAboveCpuLimit', () => {
  const judge = (process: GoProcessModel, over?: Parameters<typeof judgeProcess>[2]) =>
    judgeProcess(gomaxprocsAboveCpuLimit, process, over);

  it('fires on 16 Ps under 2 cores and says what that costs', () => {
    const verdict = holds(judge(sixteen('go-version')));
    // 2/16 = 12.5 % of 100 ms, so 87.5 ms of stall.
    expect(verdict.summary).toContain('GOMAXPROCS is 16 under a CPU limit of 2 cores');
    expect(verdict.summary).toContain('after 13 % of each period');
    expect(evidence(verdict, 'worst stall per period')).toBeCloseTo(0.0875, 10);
    expect(evidence(verdict, 'effective CPU limit')).toBe(2);
    expect(evidence(verdict, 'throttled periods')).toBe(0.02);
    expect(evidence(verdict, 'burst allowance')).toBeUndefined();
    expect(verdict.evidence[0]).toMatchObject({
      signal: 'GOMAXPROCS',
      value: 16,
      bound: 2,
      source: 'endpoint: metrics',
    });
  });

  it('is silent on the runtime’s own choice, and says why', () => {
    expect(whyClear(judge(goProcess()))).toBe('GOMAXPROCS 2 is no more than 2, what fits a limit of 2 cores');
  });

  it.each([
    // limit, Ps that fit: ceil, at least 2.
    [0.25, 2],
    [0.5, 2],
    [1, 2],
    [2, 2],
    [2.01, 3],
    [2.5, 3],
    [7.9, 8],
  ])('under %d cores takes %d Ps for design and one more for too many', (limit, fitting) => {
    expect(judge(under(limit, fitting)).outcome).toBe('clear');
    expect(judge(under(limit, 1)).outcome).toBe('clear');
    expect(holds(judge(under(limit, fitting + 1))).evidence[0]).toMatchObject({ bound: fitting });
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(sixteen('go-version', { effective: { cpuCores: undefined } })))).toContain('cpu.max');
    const blind = goProcess({
      settings: { gomaxprocs: undefined },
      expectedGomaxprocs: { value: undefined, missing: ['environment'] },
    });
    expect(missing(judge(blind))).toBe('GOMAXPROCS; environment');
  });

  it('does not call it fitting while an ancestor may be tighter, but still too many', () => {
    const partly = (limit: number | 'max', procs: number) =>
      judge(
        goProcess({
          settings: { gomaxprocs: told(procs) },
          effective: { cpuCores: limitAt(limit, 'container', false) },
        }),
      );
    expect(missing(partly('max', 16))).toBe('cpu.max of an ancestor');
    expect(missing(partly(2, 2))).toBe('cpu.max of an ancestor');
    expect(partly(2, 16).outcome).toBe('holds');
  });

  it('is clear without any limit', () => {
    const free = goProcess({ settings: { gomaxprocs: told(16) }, effective: { cpuCores: limitAt('max') } });
    expect(whyClear(judge(free))).toBe('no CPU limit at any level');
    // No limit needs no GOMAXPROCS.
    expect(judge({ ...free, settings: { ...free.settings, gomaxprocs: undefined } }).outcome).toBe('clear');
  });

  describe('severity', () => {
    const severity = (
      ratio: number,
      procs: number,
      over: { usage?: number; periods?: number; affinity?: number } = {},
    ) => {
      const busy = container();
      const of = container({
        throttling: throttled(ratio, over.periods),
        cpu: { ...busy.cpu, usageCores: over.usage ?? 1.2 },
      });
      const process = goProcess({ settings: { gomaxprocs: told(procs) }, affinityCpus: over.affinity ?? 16 });
      return holds(judge(process, { container: of })).severity;
    };

    it('climbs with throttling and with how far P is above the limit of 2', () => {
      expect(severity(0, 16)).toBe('info');
      expect(severity(0.009, 16)).toBe('info');
      expect(severity(0.01, 16)).toBe('warning');
      expect(severity(0.099, 16)).toBe('warning');
      expect(severity(0.1, 16)).toBe('critical');
      // 7/2 = 3.5 is below 4; 3/2 is below 2.
      expect(severity(0.5, 7)).toBe('warning');
      expect(severity(0.5, 3)).toBe('info');
    });

    it('is a note for an idle container: below a tenth of 2 cores', () => {
      expect(severity(0.05, 16, { usage: 0.19 })).toBe('info');
      expect(severity(0.05, 16, { usage: 0.2 })).toBe('warning');
      expect(severity(0.1, 16, { usage: 0.19 })).toBe('critical');
    });

    it('takes fewer periods than a judgement needs for none', () => {
      expect(severity(1, 16, { periods: 19 })).toBe('info');
      expect(severity(1, 16, { periods: 20 })).toBe('critical');
    });

    it('is a note where no throttling is known', () => {
      expect(holds(judge(sixteen('go-version'), { container: undefined })).severity).toBe('info');
      expect(holds(judge(sixteen('go-version'), { container: container({ throttling: undefined }) })).severity).toBe(
        'info',
      );
    });

    it('counts only the CPUs the process may use', () => {
      expect(severity(0.5, 16, { affinity: 2 })).toBe('info');
      const verdict = holds(judge(sixteen('go-version', { affinityCpus: 2 })));
      expect(verdict.summary).toContain('may use only 2 CPUs and so cannot overrun the quota');
      expect(evidence(verdict, 'worst stall per period')).toBeUndefined();
      // 2 cores over 4 CPUs: half of each period of 100 ms.
      const four = holds(judge(sixteen('go-version', { affinityCpus: 4 })));
      expect(evidence(four, 'worst stall per period')).toBe(0.05);
      expect(four.summary).toContain('when 4 Ps, one on each CPU it may use, run, the quota is gone after 50 %');
    });
  });

  it('tells of cpu.max.burst, which lets short bursts pass', () => {
    const verdict = judge(
      sixteen('go-version', { effective: { cpuCores: limitAt(2), cpuBurstSeconds: 0.05, cpuPeriodSeconds: 0.1 } }),
    );
    expect(evidence(verdict, 'burst allowance')).toBe(0.05);
  });

  describe('remedy', () => {
    const remedy = (process: GoProcessModel) => holds(judge(process)).remedy;

    it('names the way out that fits the cause', () => {
      expect(remedy(sixteen('go-version'))).toEqual({
        text: 'Set GOMAXPROCS=2, or build with Go 1.25 or newer and `go 1.25` in go.mod: then the runtime follows the CPU limit by itself. Stalls of up to 87.5 ms per period should then end.',
        patch: { kind: 'env', set: { GOMAXPROCS: '2' } },
      });
      expect(remedy(sixteen('go-line')).patch).toEqual({ kind: 'go.mod', set: { go: '1.25' } });
      expect(remedy(sixteen('godebug-env')).text).toContain('remove containermaxprocs=0 from GODEBUG');
      expect(remedy(sixteen('env-gomaxprocs')).text).toBe(
        'Change GOMAXPROCS=16 in the environment to 2, or remove it and let the runtime follow the limit. Stalls of up to 87.5 ms per period should then end.',
      );
      const old = sixteen('env-gomaxprocs', { goVersion: 'go1.24.1', goMinor: 24 });
      expect(remedy(old).text).toBe(
        'Change GOMAXPROCS=16 in the environment to 2. Stalls of up to 87.5 ms per period should then end.',
      );
    });

    it('does not promise that the runtime follows a limit it cannot see', () => {
      const pod = { effective: { cpuCores: limitAt(2, 'pod') }, leafCpuLimitCores: 'max' } as const;
      for (const why of ['go-version', 'go-line', 'godebug-env', 'env-gomaxprocs'] as const) {
        const { text, patch } = remedy(sixteen(why, pod));
        expect(patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
        expect(text).not.toMatch(/follow|go\.mod|remove/);
      }
    });

    it('points to a call in the program when the value is not the runtime’s choice', () => {
      const { text, patch } = remedy(goProcess({ settings: { gomaxprocs: told(8) } }));
      expect(text).toContain('By itself the runtime would choose 2');
      expect(text).toContain('runtime.GOMAXPROCS');
      expect(patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '2' } });
    });
  });
});

describe('GomaxprocsNotContainerAware', () => {
  const judge = (process: GoProcessModel, over?: Parameters<typeof judgeProcess>[2]) =>
    judgeProcess(gomaxprocsNotContainerAware, process, over);

  it('fires on Go 1.26 with an old go line', () => {
    const verdict = holds(judge(sixteen('go-line')));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('the go line turns it off');
    expect(verdict.remedy.patch).toEqual({ kind: 'go.mod', set: { go: '1.25' } });
    expect(verdict.evidence.find((entry) => entry.signal === 'containermaxprocs')?.source).toBe(
      'build: DefaultGODEBUG',
    );
  });

  it('fires on GODEBUG in the environment, with another remedy', () => {
    const verdict = holds(judge(sixteen('godebug-env')));
    expect(verdict.remedy).toEqual({
      text: 'Remove containermaxprocs=0 from GODEBUG. Until then set GOMAXPROCS=2.',
      patch: { kind: 'env', set: { GOMAXPROCS: '2' } },
    });
    expect(verdict.evidence.find((entry) => entry.signal === 'containermaxprocs')?.source).toBe('environment: GODEBUG');
  });

  it('is a note for an idle container', () => {
    const idle = container({ cpu: { ...container().cpu, usageCores: 0.01 } });
    expect(holds(judge(sixteen('go-line'), { container: idle })).severity).toBe('info');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(goProcess()))).toBe('the runtime follows the CPU limit');
    expect(whyClear(judge(sixteen('go-version')))).toContain('go1.22.5 has no container-aware GOMAXPROCS');
    // A GOMAXPROCS in the environment is a decision.
    expect(whyClear(judge(sixteen('env-gomaxprocs')))).toBe('GOMAXPROCS=16 decides');
    expect(whyClear(judge(sixteen('go-line', { settings: { gomaxprocs: told(2) } })))).toContain(
      'fits the limit all the same',
    );
    expect(whyClear(judge(sixteen('go-line', { effective: { cpuCores: limitAt('max') } })))).toBe(
      'no CPU limit at any level',
    );
    expect(whyClear(judge(sixteen('go-line', { settings: { gomaxprocs: told(8) } })))).toContain(
      "not the runtime's own choice",
    );
    const pod = { effective: { cpuCores: limitAt(2, 'pod') }, leafCpuLimitCores: 'max' } as const;
    expect(whyClear(judge(sixteen('go-line', pod)))).toContain('set above its own cgroup');
  });

  it('is unknown for each missing input', () => {
    const unsure = (over: Partial<ExpectedGomaxprocs>) =>
      goProcess({ expectedGomaxprocs: { containerAware: undefined, ...over } });
    expect(missing(judge(unsure({ missing: ['environment'] })))).toBe('environment');
    expect(missing(judge(unsure({})))).toBe('whether containermaxprocs is on');
    expect(missing(judge(sixteen('go-line', { effective: { cpuCores: undefined } })))).toContain('cpu.max');
    expect(missing(judge(sixteen('go-line', { settings: { gomaxprocs: undefined } })))).toContain('GOMAXPROCS');
    expect(missing(judge(sixteen('go-line', { leafCpuLimitCores: undefined })))).toContain('own cgroup');
    const partly = { settings: { gomaxprocs: told(2) }, effective: { cpuCores: limitAt(2, 'container', false) } };
    expect(missing(judge(sixteen('go-line', partly)))).toBe('cpu.max of an ancestor');
  });
});

describe('GomaxprocsMissesAncestorLimit', () => {
  const judge = (process: GoProcessModel, over?: Parameters<typeof judgeProcess>[2]) =>
    judgeProcess(gomaxprocsMissesAncestorLimit, process, over);

  it('fires on a limit that only the pod has', () => {
    const verdict = holds(judge(atPod(1.5, 16)));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      "the runtime looks only at its own cgroup's cpu.max (no limit); the pod is held to 1.5 cores",
    );
    expect(evidence(verdict, 'CPU limit the runtime sees')).toBe('max');
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'limits.cpu': '1500m' } });
  });

  it('fires on a pod tighter than its container, and on a slice with another remedy', () => {
    const verdict = holds(judge({ ...atPod(2, 4), leafCpuLimitCores: 4 }));
    expect(verdict.summary).toContain('(4 cores)');
    const slice = goProcess({
      settings: { gomaxprocs: told(16) },
      effective: { cpuCores: limitAt(3, 'slice') },
      leafCpuLimitCores: 'max',
    });
    expect(holds(judge(slice)).remedy.patch).toEqual({ kind: 'env', set: { GOMAXPROCS: '3' } });
  });

  it('is a note for an idle container', () => {
    const idle = container({ cpu: { ...container().cpu, usageCores: 0.01 } });
    expect(holds(judge(atPod(2, 16), { container: idle })).severity).toBe('info');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(goProcess()))).toBe('the tightest limit is the one the runtime looks at');
    expect(whyClear(judge(atPod(2, 2)))).toBe('GOMAXPROCS 2 fits the limit of the pod');
    expect(whyClear(judge(sixteen('go-version')))).toContain('looks at no CPU limit at all');
    expect(whyClear(judge(sixteen('go-line')))).toBe('the go line turns it off');
    expect(whyClear(judge(goProcess({ effective: { cpuCores: limitAt('max') }, leafCpuLimitCores: 'max' })))).toBe(
      'no CPU limit at any level',
    );
  });

  it('is unknown for each missing input', () => {
    expect(
      missing(judge(goProcess({ expectedGomaxprocs: { containerAware: undefined, missing: ['environment'] } }))),
    ).toBe('environment');
    expect(missing(judge(goProcess({ leafCpuLimitCores: undefined })))).toContain('own cgroup');
    expect(missing(judge(goProcess({ effective: { cpuCores: undefined } })))).toContain('cpu.max');
    expect(missing(judge(goProcess({ settings: { gomaxprocs: undefined } })))).toContain('GOMAXPROCS');
    expect(missing(judge(goProcess({ effective: { cpuCores: limitAt(2, 'container', false) } })))).toBe(
      'cpu.max of an ancestor',
    );
    expect(missing(judge(goProcess({ effective: { cpuCores: limitAt('max', 'container', false) } })))).toBe(
      'cpu.max of an ancestor',
    );
  });
});

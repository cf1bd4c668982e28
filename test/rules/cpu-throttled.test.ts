import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { cpuThrottled } from '../../src/rules/cpu-throttled.ts';
import { cpuThrottledByGc } from '../../src/rules/cpu-throttled-by-gc.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeContainer,
  limitAt,
  missing,
  processContext,
  THRESHOLDS,
  throttled,
  told,
  waiting,
  whyClear,
} from './models.ts';
import { overTime } from './over-time.ts';

const withProcs = (procs: number | undefined): GoProcessModel =>
  goProcess({ settings: { gomaxprocs: procs === undefined ? undefined : told(procs) } });
const limited = (cores: number, level: 'container' | 'pod' = 'container'): Partial<ContainerModel> => ({
  effective: { ...container().effective, cpuCores: limitAt(cores, level) },
});
/** Throttled in this share of 100 periods, felt in a tenth of the time. */
const cut = (ratio: number, over: Partial<ContainerModel> = {}): ContainerModel =>
  container({
    throttling: throttled(ratio),
    pressure: { cpu: waiting(0.1), memory: undefined, io: undefined, irq: undefined },
    ...over,
  });
const judge = (of: ContainerModel, processes = [withProcs(2)]) => judgeContainer(cpuThrottled, of, { processes });

describe('CpuThrottled', () => {
  it('fires when a twentieth of the periods is cut and it is felt', () => {
    const verdict = holds(judge(cut(0.3)));
    expect(verdict.summary).toBe(
      '30 % of the CPU periods were cut short by the limit of 2 cores at the container; some task waited for CPU 10 % of the time',
    );
    expect(verdict.evidence.map((entry) => [entry.signal, entry.value, entry.bound])).toEqual([
      ['throttled periods', 0.3, 0.05],
      ['time some task waited for CPU', 0.1, 0.01],
      ['GOMAXPROCS', 2, 2],
      // 30 periods x 50 ms in 10 s.
      ['throttled time', 0.15, undefined],
      ['CPU used', 1.2, 2],
    ]);
  });

  it('climbs from warning to critical', () => {
    expect(judge(cut(0.049)).outcome).toBe('clear');
    expect(holds(judge(cut(0.05))).severity).toBe('warning');
    expect(holds(judge(cut(0.249))).severity).toBe('warning');
    expect(holds(judge(cut(0.25))).severity).toBe('critical');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(container()))).toBe('2 % of the periods were throttled');
    expect(whyClear(judge(cut(1, { throttling: throttled(1, 19) })))).toBe(
      'only 19 CPU periods ran, fewer than the 20 a judgement needs',
    );
    const quiet = judge(cut(0, { throttling: throttled(0, 0) }));
    expect(whyClear(quiet)).toContain('only 0 CPU periods ran');
    // No period ran, so there is no ratio to show.
    expect(evidence(quiet, 'throttled periods')).toBeUndefined();
    expect(whyClear(judge(cut(0.5, { pressure: container().pressure })))).toBe(
      'throttled, but some task waited for CPU 0 % of the time',
    );
    const free = { effective: { ...container().effective, cpuCores: limitAt('max') } };
    expect(whyClear(judge(cut(0.5, free)))).toBe('no CPU limit at any level');
  });

  it('judges only where Go runs, and does not say that none runs where it may not look', () => {
    expect(whyClear(judge(cut(0.5), []))).toBe('no Go process in this container');
    expect(missing(judge(cut(0.5, { unseenProcesses: 3 }), []))).toContain('executables of 3 processes');
  });

  it('is unknown for each missing input', () => {
    const cpu = (cpuCores: ContainerModel['effective']['cpuCores']) => ({
      effective: { ...container().effective, cpuCores },
    });
    expect(missing(judge(cut(0.5, cpu(undefined))))).toContain('cpu.max');
    expect(missing(judge(cut(0.5, cpu(limitAt('max', 'container', false)))))).toBe('cpu.max of an ancestor');
    expect(missing(judge(cut(0.5, { throttling: undefined })))).toContain('two samples');
    // A quiet level says nothing of one that was not read.
    expect(missing(judge(cut(0.01, cpu(limitAt(2, 'container', false)))))).toBe('cpu.max of an ancestor');
    expect(judge(cut(0.5, cpu(limitAt(2, 'container', false)))).outcome).toBe('holds');
  });

  it('takes the throttled time for witness where there is no pressure file', () => {
    const none = { cpu: undefined, memory: undefined, io: undefined, irq: undefined };
    expect(holds(judge(cut(0.3, { pressure: none }))).summary).toContain(
      'threads were held back 0.15 s per second, summed over CPUs',
    );
    const short = { ...throttled(0.3), throttledSeconds: 0.09 };
    // 0.09 s in 10 s is 0.9 %, below 1 %.
    expect(whyClear(judge(cut(0.3, { pressure: none, throttling: short })))).toContain('held back 0.009 s per second');
  });

  it('names the level that throttles, and no number that is another level’s', () => {
    const atPod = judge(cut(0.3, { throttling: throttled(0.3, 100, 'pod') }));
    expect(holds(atPod).summary).toContain('by the limit at the pod;');
    expect(holds(atPod).remedy.patch).toBeUndefined();
    expect(holds(atPod).remedy.text).toContain('raise the limit at the pod');
    const both = judge(cut(0.3, { throttling: throttled(0.3, 100, 'pod'), ...limited(2, 'pod') }));
    expect(holds(both).summary).toContain('by the limit of 2 cores at the pod;');
  });

  it('takes the two places where crun writes one limit for one', () => {
    const inner = { ...throttled(0.3), level: 'sub-container', cgroupPath: '/kubepods/pod-a/app/container' } as const;
    const verdict = holds(judge(cut(0.3, { throttling: inner })));
    expect(verdict.summary).toContain('the limit of 2 cores at the sub-container');
    expect(verdict.remedy.patch?.kind).toBe('resources');
  });

  describe('remedy', () => {
    const remedy = (of: ContainerModel, processes?: GoProcessModel[]) => holds(judge(of, processes)).remedy;

    it('is GOMAXPROCS first, by the largest of all programs in the container', () => {
      expect(remedy(cut(0.3), [withProcs(2), withProcs(16), withProcs(undefined)])).toEqual({
        text: 'First set GOMAXPROCS=2: 16 Ps burn the quota in bursts. Stalls of up to 87.5 ms per period should then end. If it is still throttled, raise the CPU limit.',
        patch: { kind: 'env', set: { GOMAXPROCS: '2' } },
      });
    });

    it('is half a limit more when GOMAXPROCS fits', () => {
      expect(remedy(cut(0.3))).toEqual({
        text: 'GOMAXPROCS fits, so the container needs more CPU than its limit: raise the limit of 2 (next step 3), or remove it and keep the request.',
        patch: { kind: 'resources', set: { 'limits.cpu': '3' } },
      });
      // 0.2 x 1.5 = 0.3, in halves 0.5; the 2 Ps that are the least there is would be further.
      const small = remedy(cut(0.3, limited(0.2)));
      expect(small.patch?.set).toEqual({ 'limits.cpu': '500m' });
      expect(small.text).toContain('GOMAXPROCS 2 is the least that fits, yet 2 busy Ps overrun a limit of 0.2 cores');
    });

    it('is the next whole core when a broken limit was rounded up', () => {
      // 3 Ps on 2.5 cores; 2.5 x 1.5 = 3.75, in halves 4; 3 is nearer and feeds all Ps.
      const broken = remedy(cut(0.3, limited(2.5)), [withProcs(3)]);
      expect(broken.patch?.set).toEqual({ 'limits.cpu': '3' });
      expect(broken.text).toContain('3 busy Ps overrun a limit of 2.5 cores');
    });

    describe('where the collector takes a tenth of the CPU time', () => {
      const collects = (ratio: number, over: Parameters<typeof goProcess>[0] = {}) =>
        goProcess({ ...over, runtime: { gcCpuRatio: told(ratio) } });
      const small = cut(0.3, limited(0.3));

      it('is as many cores as Ps, the same as CpuThrottledByGc says', () => {
        const { text, patch } = remedy(small, [collects(0.1)]);
        expect(patch?.set).toEqual({ 'limits.cpu': '2' });
        expect(text).toContain(
          'The collector takes 10 % of the CPU time, and a collection starts a worker on each idle P',
        );
        expect(text).toContain('2 Ps burst to 2 cores');
        // 0.3 x 1.5 = 0.45, in halves 0.5.
        expect(remedy(small, [collects(0.099)]).patch?.set).toEqual({ 'limits.cpu': '500m' });

        const process = collects(0.3, { effective: { cpuCores: limitAt(0.3) } });
        const looks = [1, 2, 2, 3, 3, 4, 4].map((cycles, index) => ({
          ...processContext({
            ...process,
            runtime: { ...process.runtime, gcCycles: { ...told(cycles), ageSeconds: 0 } },
          }),
          container: cut(index % 2 === 1 ? 0.4 : 0.04, limited(0.3)),
        }));
        expect(holds(overTime(cpuThrottledByGc, looks)).remedy.patch).toEqual(remedy(small, [process]).patch);
      });

      it('counts the Ps of the programs that collect, and no more than their CPUs', () => {
        expect(remedy(small, [collects(0.3, { affinityCpus: 1 }), withProcs(2)]).patch?.set).toEqual({
          'limits.cpu': '1',
        });
      });

      it('is half a limit more where the Ps fit, and says what the collector takes', () => {
        const { text, patch } = remedy(cut(0.3), [collects(0.3)]);
        expect(patch?.set).toEqual({ 'limits.cpu': '3' });
        expect(text).toContain(
          '(next step 3), or remove it and keep the request. The collector takes 30 % of the CPU time.',
        );
      });
    });

    it('does not say that GOMAXPROCS fits when it is not known', () => {
      expect(remedy(cut(0.3), [withProcs(undefined)]).text).toContain(
        'GOMAXPROCS is not known: if it is above 2, set it to 2 first. Else raise the limit of 2',
      );
    });
  });

  it('takes its bounds from the thresholds', () => {
    const strict = {
      ...THRESHOLDS,
      cpuThrottled: { warningRatio: 0.5, criticalRatio: 0.6, minPeriods: 1, minStalledRatio: 0 },
    };
    const verdict = judgeContainer(cpuThrottled, cut(0.3), { thresholds: strict });
    expect(verdict.outcome).toBe('clear');
  });
});

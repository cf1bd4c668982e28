import { describe, expect, it } from 'vitest';
import { gcDeathSpiral } from '../../src/rules/gc-death-spiral.ts';
import { gcCpuWithRoom, gcRoom, roomForGcCpu } from '../../src/rules/gc-room.ts';
import { evidence, goProcess, holds, judgeProcess, limitAt, MIB, missing, told, whyClear } from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;

/** 376 MiB live, goal 386, GOMEMLIMIT 400 of a 512 MiB limit; 12 beside the heap, 4 wasted in its spans, 10 outside Go. */
const spiral = (over: Over = {}) =>
  goProcess({
    ...over,
    settings: { gogc: told(100), gomemlimit: told(400 * MIB), ...over.settings },
    runtime: {
      heapLiveBytes: told(376 * MIB),
      heapGoalBytes: told(386 * MIB),
      heapAllocBytes: told(378 * MIB),
      heapInuseBytes: told(382 * MIB),
      stackInuseBytes: told(4 * MIB),
      nonHeapBytes: told(12 * MIB),
      managedBytes: told(396 * MIB),
      goalSetBy: 'GOMEMLIMIT',
      gcCpuRatio: told(0.5),
      ...over.runtime,
    },
  });
const judge = (over?: Over) => judgeProcess(gcDeathSpiral, spiral(over));

describe('GcDeathSpiral', () => {
  it('fires when the limit leaves the collector no room and it takes the CPU', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'collecting takes 50 % of the CPU time: 376 MiB of live heap leave 10 MiB to allocate below GOMEMLIMIT of 400 MiB',
    );
    // 100 x 10 / (376 + 4) = 2.63.
    expect(evidence(verdict, 'effective GOGC')).toBe(2.6);
    expect(evidence(verdict, 'share of CPU time spent collecting')).toBe(0.5);
    expect(gcDeathSpiral.forSeconds).toBe(60);
  });

  it('is critical when the limiter was on, also where the share is not known', () => {
    const verdict = holds(judge({ runtime: { gcLimiterActive: told(true), gcCpuRatio: undefined } }));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toContain('about half of the CPU time');
    expect(verdict.summary).toContain('memory may now pass GOMEMLIMIT');
    expect(evidence(verdict, 'GC CPU limiter')).toBe('was on');
  });

  it('takes the limiter’s word also without a window, when it was on just now', () => {
    // 40 collections so far.
    const last = (cycle: number, more: Over['runtime'] = {}) =>
      judge({
        runtime: { gcCpuRatio: undefined, gcLimiterActive: undefined, gcLimiterLastCycle: told(cycle), ...more },
      });
    expect(holds(last(38)).severity).toBe('critical');
    expect(last(37).outcome).toBe('unknown');
    expect(last(0, { gcCycles: told(1) }).outcome).toBe('unknown');
    // Counts of two sources are of two moments.
    expect(last(40, { gcCycles: { value: 40, from: 'memory' } }).outcome).toBe('unknown');
    expect(last(40, { gcCycles: undefined }).outcome).toBe('unknown');
  });

  describe('with room for a tenth or more', () => {
    /** 345 MiB live, goal 386: 100 x 41 / (345 + 4) = 11.7. */
    const some = (runtime: Over['runtime'] = {}) =>
      judge({
        runtime: { heapLiveBytes: told(345 * MIB), gcCpuRatio: told(0.6), gcLimiterActive: told(true), ...runtime },
      });

    it('fires while the limiter is on, for memory may pass GOMEMLIMIT', () => {
      const verdict = holds(some());
      expect(verdict.severity).toBe('critical');
      expect(evidence(verdict, 'effective GOGC')).toBe(11.7);
      // Half of 349 is 174.5: (345 + 174.5) / 0.97 + 16 = 551.6: 552. (552 + 10) / 0.9 = 624.4.
      expect(verdict.remedy.patch?.set).toEqual({ 'limits.memory': '625Mi' });
      expect(holds(some({ gcCpuRatio: undefined })).severity).toBe('critical');
    });

    it('is silent where the limiter is off, was on for a moment, or does not work for GOMEMLIMIT', () => {
      const room = 'the heap may grow by 12 % before it is collected again';
      expect(whyClear(some({ gcLimiterActive: told(false) }))).toBe(room);
      expect(whyClear(some({ gcCpuRatio: told(0.25) }))).toBe(room);
      expect(whyClear(some({ goalSetBy: 'GOGC' }))).toBe(room);
      expect(missing(some({ goalSetBy: undefined, managedBytes: undefined }))).toBe('memory that GOMEMLIMIT governs');
    });

    it('names no limit that could be below the one there is', () => {
      // 100 x 96 / (290 + 4) = 32.7: the limit for the least room would be (290 + 73.5) / 0.97 + 16 = 391, of 400.
      const { remedy } = holds(some({ heapLiveBytes: told(290 * MIB) }));
      expect(remedy.patch).toBeUndefined();
      expect(remedy.text).toContain('Do not lower GOMEMLIMIT');
    });
  });

  it('gives the limit, and what collecting takes with it', () => {
    // At half, 1 of collecting to 1 of work; wanted 0.1 / 0.9. 10 x 9 = 90; a quarter of the 380
    // of live heap and stacks is more: 95. (376 + 95) / 0.97 + 12 + 4 = 501.57: 502. (502 + 10) / 0.9 = 568.9: 569 of 512.
    const { remedy } = holds(judge());
    expect(remedy.patch).toEqual({ kind: 'resources', set: { 'limits.memory': '569Mi' } });
    expect(remedy.text).toContain(
      'from 512 MiB to 569Mi (376 MiB live, 95 MiB to allocate, 16 MiB beside, 10 MiB outside Go',
    );
    expect(remedy.text).toContain('Then set GOMEMLIMIT=502MiB.');
    // 10 / 95 = 0.1053 of collecting to 1 of work: 9.5 %.
    expect(remedy.text).toContain('about 9.5 % of the CPU time');
  });

  it('promises nothing where no room at all, or the limiter, hides the cost', () => {
    // Room of GOGC=50: half of 380 is 190; (376 + 190) / 0.97 + 16 = 599.5. 7.5 of 376 is below 2 %.
    for (const runtime of [{ gcLimiterActive: told(true) }, { heapGoalBytes: told(383.5 * MIB) }]) {
      const { remedy } = holds(judge({ runtime, effective: { memoryMaxBytes: limitAt('max') } }));
      expect(remedy.patch?.set).toEqual({ GOMEMLIMIT: '600MiB' });
      expect(remedy.text).toContain('Then look again what collecting takes');
    }
  });

  it('leaves the memory limit alone where it has room, and does not ask for what a pod sets', () => {
    const roomy = holds(judge({ effective: { memoryMaxBytes: limitAt(600 * MIB) } }));
    expect(roomy.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '502MiB' } });
    const free = holds(judge({ effective: { memoryMaxBytes: limitAt('max') } }));
    expect(free.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '502MiB' } });
    const notRead = holds(judge({ effective: { memoryMaxBytes: undefined } }));
    expect(notRead.remedy.patch).toBeUndefined();
    expect(notRead.remedy.text).toContain('which is not known');
    const pod = holds(judge({ effective: { memoryMaxBytes: limitAt(512 * MIB, 'pod') } }));
    expect(pod.remedy.patch).toBeUndefined();
    expect(pod.remedy.text).toContain('limit of the pod from 512 MiB to 569Mi');
    const alone = { anonShare: undefined, nonGoBytes: undefined, detail: 'x' };
    expect(holds(judge({ attribution: alone })).remedy.text).toContain('Memory outside Go is not known');
  });

  it('asks for no more room than GOGC would use', () => {
    // 80 % in the collector: 4 to 1; 10 x 4 x 9 = 360; GOGC=50 uses half of 380: 190. (376 + 190) / 0.97 + 16 = 599.5.
    const over = { settings: { gogc: told(50) }, effective: { memoryMaxBytes: limitAt('max') } };
    const { remedy } = holds(judge({ ...over, runtime: { gcCpuRatio: told(0.8) } }));
    expect(remedy.patch?.set).toEqual({ GOMEMLIMIT: '600MiB' });
  });

  it('is silent where collecting has room, is cheap, or is not bound by the limit', () => {
    expect(whyClear(judge({ settings: { gomemlimit: told('off') } }))).toContain('not set');
    // 100 x 46 / (340 + 4) = 13.4.
    expect(whyClear(judge({ runtime: { heapLiveBytes: told(340 * MIB) } }))).toBe(
      'the heap may grow by 13 % before it is collected again',
    );
    expect(whyClear(judge({ runtime: { gcCpuRatio: told(0.25) } }))).toBe('collecting takes 25 % of the CPU time');
    expect(whyClear(judge({ runtime: { goalSetBy: 'GOGC' } }))).toContain('not for GOMEMLIMIT’s sake');
    // 379 of 400 is below 95 %.
    expect(whyClear(judge({ runtime: { goalSetBy: undefined, managedBytes: told(379 * MIB) } }))).toContain('sake');
    expect(judge({ runtime: { goalSetBy: undefined, managedBytes: told(380 * MIB) } }).outcome).toBe('holds');
    expect(judgeProcess(gcDeathSpiral, goProcess({ settings: { gomemlimit: told(440 * MIB) } })).outcome).toBe('clear');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ settings: { gomemlimit: undefined } }))).toBe('GOMEMLIMIT');
    expect(missing(judge({ runtime: { heapLiveBytes: undefined } }))).toBe('live heap and heap goal');
    expect(missing(judge({ runtime: { heapGoalBytes: undefined } }))).toBe('live heap and heap goal');
    expect(missing(judge({ runtime: { goalSetBy: undefined, managedBytes: undefined } }))).toBe(
      'memory that GOMEMLIMIT governs',
    );
    expect(missing(judge({ runtime: { gcCpuRatio: undefined } }))).toContain('share of CPU time');
  });
});

describe('the cost of room', () => {
  // 100 live, goal 200.
  const room = gcRoom(goProcess())!;

  it('halves the work of collecting when it doubles', () => {
    expect(room).toMatchObject({ liveBytes: 100 * MIB, goalBytes: 200 * MIB, roomBytes: 100 * MIB });
    // 100 x 100 / (100 + 1).
    expect(room.effectiveGogc).toBeCloseTo(99.01, 2);
    // One to one becomes a half to one: a third.
    expect(gcCpuWithRoom(0.5, room, 200 * MIB)).toBeCloseTo(1 / 3, 10);
    expect(roomForGcCpu(0.5, room, 1 / 3)).toBeCloseTo(200 * MIB, 0);
  });

  it('is not known without a goal or a live heap', () => {
    expect(gcRoom(goProcess({ runtime: { heapGoalBytes: told('off') } }))).toBeUndefined();
    expect(gcRoom(goProcess({ runtime: { heapLiveBytes: told(0) } }))).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { runtimeRetainsFreedMemory } from '../../src/rules/runtime-retains-freed-memory.ts';
import { evidence, goProcess, holds, judgeProcess, limitAt, MIB, missing, told, whyClear } from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
/** After a peak: 100 MiB in use, goal 120, 300 idle of which 20 given back; 400 managed, 10 outside Go, limit 512. */
const judge = (over: Over = {}) =>
  judgeProcess(
    runtimeRetainsFreedMemory,
    goProcess({
      ...over,
      runtime: {
        heapInuseBytes: told(100 * MIB),
        heapIdleBytes: told(300 * MIB),
        heapReleasedBytes: told(20 * MIB),
        heapGoalBytes: told(120 * MIB),
        managedBytes: told(400 * MIB),
        ...over.runtime,
      },
    }),
  );

describe('RuntimeRetainsFreedMemory', () => {
  it('notes memory that was freed and not given back', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe(
      'the runtime keeps 280 MiB that the program freed minutes ago: the container looks larger than it is',
    );
    expect(runtimeRetainsFreedMemory.forSeconds).toBe(300);
    // (120 + 20) x 1.25.
    expect(verdict.remedy.text).toContain('the heap as it is now needs 175MiB');
    expect(verdict.remedy.patch).toBeUndefined();
  });

  it('warns near the memory limit', () => {
    // (460 + 10) / 512 = 91.8 %; 450 + 10 is 89.8 %.
    const near = holds(judge({ runtime: { managedBytes: told(460 * MIB) } }));
    expect(near.severity).toBe('warning');
    expect(near.summary).toContain('while 91.8 % of the memory limit is in use');
    expect(evidence(near, 'memory held, as a share of the memory limit')).toBeCloseTo(470 / 512, 10);
    expect(holds(judge({ runtime: { managedBytes: told(450 * MIB) } })).severity).toBe('info');
    const free = { effective: { memoryMaxBytes: limitAt('max') }, runtime: { managedBytes: told(460 * MIB) } };
    expect(holds(judge(free)).severity).toBe('info');
  });

  it('advises by what is set and by version', () => {
    const set = holds(judge({ settings: { gomemlimit: told(450 * MIB) } })).remedy.text;
    expect(set).toContain('GOMEMLIMIT of 450 MiB makes the runtime give memory back from 95 % of it on only');
    expect(holds(judge({ goMinor: 18 })).remedy.text).toContain('Call debug.FreeOSMemory');
  });

  it('is silent while little is kept, or the heap will use it', () => {
    expect(whyClear(judge({ runtime: { heapReleasedBytes: told(172 * MIB) } }))).toBe(
      'the runtime keeps 128 MiB of freed memory',
    );
    // Half of 600 is 300.
    expect(judge({ runtime: { heapInuseBytes: told(600 * MIB) } }).outcome).toBe('clear');
    // 100 + 280 is within 1.1 x 350.
    expect(whyClear(judge({ runtime: { heapGoalBytes: told(350 * MIB) } }))).toContain('may grow into the 280 MiB');
    expect(whyClear(judge({ runtime: { heapGoalBytes: told('off') } }))).toContain('without a heap goal');
  });

  it('is unknown for each missing input', () => {
    for (const one of ['heapIdleBytes', 'heapReleasedBytes', 'heapInuseBytes'] as const)
      expect(missing(judge({ runtime: { [one]: undefined } }))).toBe('heap in use, idle and released');
    expect(missing(judge({ runtime: { heapGoalBytes: undefined } }))).toBe('heap goal');
  });
});

import { describe, expect, it } from 'vitest';
import { stackMemory } from '../../src/rules/stack-memory.ts';
import { evidence, goProcess, holds, judgeProcess, limitAt, MIB, missing, told, whyClear } from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
/** 128 MiB of stacks of 512 MiB: 25 %. */
const judge = (over: Over = {}) =>
  judgeProcess(stackMemory, goProcess({ ...over, runtime: { stackInuseBytes: told(128 * MIB), ...over.runtime } }));
const unlimited = { effective: { memoryMaxBytes: limitAt('max') } };
const site = (count: number, at: string, createdBy?: string) =>
  ({
    count,
    site: at,
    createdBy,
    cause: undefined,
    waitSeconds: undefined,
    growth: undefined,
    growthSeconds: undefined,
    from: 'memory',
    ageSeconds: 1,
  }) as const;

describe('StackMemory', () => {
  it('fires above a fifth of the memory limit, and tells many from deep', () => {
    const many = holds(judge({ runtime: { goroutines: told(32_768) } }));
    expect(many.severity).toBe('warning');
    expect(many.summary).toBe('goroutine stacks take 128 MiB, 25 % of the memory limit (32768 goroutines, 4 KiB each)');
    expect(evidence(many, 'stack per goroutine')).toBe(4096);
    expect(many.remedy.text).toContain('there are many');
    const deep = holds(judge({ runtime: { goroutines: told(1024) } }));
    expect(deep.remedy.text).toContain('The stacks are deep (128 KiB each)');
  });

  it('names the largest group', () => {
    const goroutineSites = [site(5, 'main.few'), site(900, 'main.work', 'main.serve')];
    expect(holds(judge({ runtime: { goroutineSites } })).remedy.text).toContain(
      'The largest group is 900 goroutines at main.work, started in main.serve.',
    );
    const counted = holds(judge({ runtime: { goroutines: undefined, goroutineSites: [site(5, 'main.few')] } }));
    expect(counted.remedy.text).toBe(
      'Count the goroutines: many of them, or deep recursion. The largest group is 5 goroutines at main.few.',
    );
  });

  it('sets stacks against the heap where there is no limit', () => {
    // Half of 155 is 77.5.
    const verdict = holds(judge(unlimited));
    expect(verdict.summary).toContain('128 MiB, against 155 MiB of heap');
    expect(judge({ ...unlimited, runtime: { heapInuseBytes: told(256 * MIB) } }).outcome).toBe('clear');
    expect(
      judge({ ...unlimited, runtime: { stackInuseBytes: told(64 * MIB), heapInuseBytes: told(MIB) } }).outcome,
    ).toBe('clear');
  });

  it('is silent below, and unknown without its inputs', () => {
    expect(whyClear(judge({ runtime: { stackInuseBytes: told(102 * MIB) } }))).toBe('goroutine stacks take 102 MiB');
    expect(missing(judge({ runtime: { stackInuseBytes: undefined } }))).toBe('memory of goroutine stacks');
    expect(missing(judge({ effective: { memoryMaxBytes: undefined } }))).toContain('memory.max');
    expect(missing(judge({ ...unlimited, runtime: { heapInuseBytes: undefined } }))).toBe('heap in use');
    const partly = { effective: { memoryMaxBytes: limitAt(512 * MIB, 'container', false) } };
    expect(missing(judge({ ...partly, runtime: { stackInuseBytes: told(MIB) } }))).toBe('memory.max of an ancestor');
    expect(judge(partly).outcome).toBe('holds');
  });
});

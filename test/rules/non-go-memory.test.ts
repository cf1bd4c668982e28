import { describe, expect, it } from 'vitest';
import { type ByteTrend, followBytes, steadyGrowth } from '../../src/rules/byte-trend.ts';
import { nonGoMemory } from '../../src/rules/non-go-memory.ts';
import type { ProcessContext } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  limitAt,
  MIB,
  memory,
  missing,
  processContext,
  told,
  whyClear,
} from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
const at = (minutes: number) => ({ wallMs: 0, monotonicMs: minutes * 60_000 });
const minutes = (...mib: readonly number[]): ByteTrend =>
  mib.map((value, minute) => ({ atMs: minute * 60_000, bytes: value * MIB }));
const outside = (mib: number) => ({ anonShare: 1, nonGoBytes: mib * MIB, detail: undefined });
/** 220 MiB are the runtime's. */
function judge(over: Over, trend: ByteTrend = [], context: Partial<ProcessContext> = {}) {
  if (nonGoMemory.subject !== 'process') throw new Error('judges something else');
  return nonGoMemory.detect({ ...processContext(goProcess(over)), ...context }, trend);
}

describe('NonGoMemory', () => {
  it('notes a large share', () => {
    const verdict = holds(judge({ attribution: outside(80), cgoEnabled: true }));
    expect(verdict.severity).toBe('info');
    // 80 of 300.
    expect(verdict.summary).toContain('80 MiB, 26.7 % of the memory held, is outside the Go runtime');
    // 512 - 80 - 51.2 = 380.8.
    expect(verdict.remedy).toEqual({
      text: 'GOMEMLIMIT governs none of it. The program is built with cgo: look at what its C libraries allocate, and at mmap. Set GOMEMLIMIT=380MiB: the memory limit of 512 MiB less 80 MiB outside Go and 10 % headroom. Keep GOGC as it is.',
    });
    expect(evidence(verdict, 'memory GOMEMLIMIT governs')).toBe(220 * MIB);
  });

  it('says so when GOMEMLIMIT leaves room already, and names no value without a limit', () => {
    const set = { attribution: outside(80), settings: { gomemlimit: told(380 * MIB) } };
    expect(holds(judge(set)).remedy.text).toContain('GOMEMLIMIT of 380 MiB leaves room for it');
    const free = { attribution: outside(80), effective: { memoryMaxBytes: limitAt('max') } };
    expect(holds(judge(free)).remedy.text).not.toContain('Set GOMEMLIMIT');
  });

  it('warns of steady growth, with the time left', () => {
    const verdict = holds(judge({ attribution: outside(60) }, minutes(15, 20, 25, 30, 35, 40, 45, 50, 55, 60)));
    expect(verdict.severity).toBe('warning');
    // 45 MiB in 9 min; 512 - 280 = 232 MiB at 5 MiB a minute: 46.4 min.
    expect(verdict.summary).toBe(
      'memory outside the Go runtime grew by 45 MiB in 9 min to 60 MiB; at that pace the memory limit is reached in 46 min',
    );
    const free = { attribution: outside(60), effective: { memoryMaxBytes: limitAt('max') } };
    expect(holds(judge(free, minutes(15, 20, 25, 30, 35, 40, 45, 50, 55, 60))).summary).toContain('to 60 MiB');
    // Without a limit, or with one that is far, it is a note: 45 MiB in 9 min reach 30 GiB in four days.
    const far = { attribution: outside(60), effective: { memoryMaxBytes: limitAt(30_000 * MIB) } };
    for (const over of [free, far])
      expect(holds(judge(over, minutes(15, 20, 25, 30, 35, 40, 45, 50, 55, 60))).severity).toBe('info');
  });

  it('is silent while it is small, in bytes or as a share', () => {
    expect(whyClear(judge({}))).toBe(
      '10 MiB, 4.3 % of the memory held, is outside the Go runtime, and it does not grow steadily',
    );
    expect(judge({ attribution: outside(64) }).outcome).toBe('clear');
    // 80 of 480 is 16.7 %.
    expect(judge({ attribution: outside(80), runtime: { managedBytes: told(400 * MIB) } }).outcome).toBe('clear');
  });

  it('guesses the owner by build and pages', () => {
    const text = (over: Over, kept: Parameters<typeof memory>[0] = {}) =>
      holds(judge({ attribution: outside(80), ...over }, [], { container: container({ memory: memory(kept) }) })).remedy
        .text;
    expect(text({})).toContain('no cgo: look at memory it maps itself');
    expect(text({}, { anonHugeBytes: 100 * MIB })).toContain('huge pages');
    expect(text({}, { shmemBytes: 100 * MIB })).toContain('tmpfs');
    expect(text({ cgoEnabled: undefined })).toContain('cgo libraries');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ attribution: { anonShare: 1, nonGoBytes: undefined, detail: 'not told' } }))).toBe(
      'not told',
    );
    expect(missing(judge({ attribution: { anonShare: 0.5, nonGoBytes: 1, detail: undefined } }))).toContain('50 %');
    expect(missing(judge({ runtime: { managedBytes: undefined } }))).toBe('memory the runtime manages');
  });

  it('remembers what it was, as far as it was known', () => {
    const observe = (before: unknown, minute: number, over: Over) =>
      nonGoMemory.observe?.(before, { ...processContext(goProcess(over)), at: at(minute) } as never);
    const once = observe(undefined, 0, {});
    expect(once).toEqual([{ atMs: 0, bytes: 10 * MIB }]);
    expect(observe(once, 5, { uptimeSeconds: 599 })).toBe(once);
    expect(observe(once, 5, { uptimeSeconds: 600 })).toHaveLength(2);
    expect(observe(once, 5, { attribution: { anonShare: undefined, nonGoBytes: undefined, detail: '' } })).toBe(once);
  });
});

describe('a trend of bytes', () => {
  it('keeps one reading a minute, thirty at most', () => {
    let trend = followBytes(undefined, at(0), 1);
    trend = followBytes(trend, at(0.9), 2);
    expect(trend).toEqual([{ atMs: 0, bytes: 1 }]);
    for (let minute = 1; minute < 50; minute++) trend = followBytes(trend, at(minute), minute);
    expect(trend).toHaveLength(30);
    expect(trend[0]).toEqual({ atMs: 20 * 60_000, bytes: 20 });
  });

  it('grows only when it rises all the way, enough and long enough', () => {
    expect(steadyGrowth(minutes(0, 10, 20, 30, 40, 50, 60, 70, 80))).toBeUndefined();
    expect(steadyGrowth(minutes(0, 10, 20, 30, 40, 50, 60, 70, 80, 90))).toEqual({ bytes: 90 * MIB, seconds: 540 });
    // A step to a plateau, a saw-tooth, too little in bytes, too little as a share.
    expect(steadyGrowth(minutes(0, 0, 0, 100, 100, 100, 100, 100, 100, 100))).toBeUndefined();
    expect(steadyGrowth(minutes(0, 50, 5, 60, 10, 70, 15, 80, 20, 90))).toBeUndefined();
    expect(steadyGrowth(minutes(0, 3, 6, 9, 12, 15, 18, 21, 24, 27))).toBeUndefined();
    expect(steadyGrowth(minutes(900, 905, 910, 915, 920, 925, 930, 935, 940, 945))).toBeUndefined();
    expect(steadyGrowth([])).toBeUndefined();
  });
});

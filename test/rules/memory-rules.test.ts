import { describe, expect, it } from 'vitest';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { gcOffUnbounded } from '../../src/rules/gc-off-unbounded.ts';
import { gomemlimitAboveMemoryLimit } from '../../src/rules/gomemlimit-above-memory-limit.ts';
import { gomemlimitMissing } from '../../src/rules/gomemlimit-missing.ts';
import { nextGcBeyondMemoryLimit } from '../../src/rules/next-gc-beyond-memory-limit.ts';
import type { Rule } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeProcess,
  limitAt,
  MIB,
  memory,
  missing,
  nodeModel,
  told,
  whyClear,
} from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
/** Peak = goal 200 + 20 beside the heap + 10 outside Go = 230 MiB, against this limit in MiB. */
const under = (limitMiB: number, over: Over = {}): GoProcessModel =>
  goProcess({ ...over, effective: { memoryMaxBytes: limitAt(limitMiB * MIB), ...over.effective } });
const unlimited = {
  settings: { gogc: told(100), gomemlimit: told('off' as const), gomaxprocs: told(2), godebug: undefined },
};

/** What every rule of memory says when the limit is none, not known, or not its own. */
function sharesLimitHandling(rule: Rule, over: Over): void {
  const judge = (memoryMaxBytes: GoProcessModel['effective']['memoryMaxBytes']) =>
    judgeProcess(rule, goProcess({ ...over, effective: { memoryMaxBytes } }));
  expect(whyClear(judge(limitAt('max')))).toBe('no memory limit at any level');
  expect(missing(judge(limitAt('max', 'container', false)))).toBe('memory.max of an ancestor');
  expect(missing(judge(undefined))).toContain('memory.max');
  // The limit of kubepods is the node's: no measure for one program.
  expect(whyClear(judge(limitAt(60 * 1024 * MIB, 'kubepods')))).toBe(
    'no memory limit of its own: all that is below the kubepods level shares 60 GiB',
  );
  expect(missing(judge(limitAt(60 * 1024 * MIB, 'kubepods', false)))).toBe('memory.max of an ancestor');
}

/** Inputs of the predicted peak, each taken away. */
function needsPeakInputs(rule: Rule): void {
  const judge = (over: Over) => judgeProcess(rule, under(240, over));
  expect(missing(judge({ runtime: { heapGoalBytes: undefined }, endpointDetail: 'port 6060: 404' }))).toBe(
    'heap goal (port 6060: 404)',
  );
  expect(missing(judge({ runtime: { nonHeapBytes: undefined } }))).toContain('beside the heap');
  const detail = 'RssAnon of the process is not known';
  expect(missing(judge({ attribution: { anonShare: undefined, nonGoBytes: undefined, detail } }))).toBe(detail);
  expect(missing(judge({ attribution: { anonShare: 1, nonGoBytes: undefined, detail: undefined } }))).toContain(
    'share',
  );
  // Other processes hold most of the memory: the cgroup's figures say nothing of this one.
  expect(missing(judge({ attribution: { anonShare: 0.3, nonGoBytes: 1, detail: undefined } }))).toBe(
    'attribution: this process holds 30 % of the cgroup’s anonymous memory, other processes the rest',
  );
  expect(judge({ attribution: { anonShare: 0.8, nonGoBytes: 10 * MIB, detail: undefined } }).outcome).not.toBe(
    'unknown',
  );
}

describe('GomemlimitMissing', () => {
  const judge = (process: GoProcessModel, over?: Parameters<typeof judgeProcess>[2]) =>
    judgeProcess(gomemlimitMissing, process, over);

  it('fires when the predicted peak passes 90 % of the limit', () => {
    // 230 / 250 = 92 %.
    const verdict = holds(judge(under(250)));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'no GOMEMLIMIT, and memory may reach 92 % of the memory limit before the next collection is done: the collector does not know of the 250 MiB limit',
    );
    expect(evidence(verdict, 'predicted memory at the next collection')).toBe(230 * MIB);
    expect(evidence(verdict, 'memory outside the Go runtime')).toBe(10 * MIB);
    // 250 - 10 - 25 = 215.
    expect(verdict.remedy).toEqual({
      text: 'Set GOMEMLIMIT=215MiB: the memory limit of 250 MiB less 10 MiB outside Go and 10 % headroom. Keep GOGC as it is.',
      patch: { kind: 'env', set: { GOMEMLIMIT: '215MiB' } },
    });
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(goProcess()))).toBe('predicted peak is 44.9 % of the memory limit');
    expect(whyClear(judge(under(250, { settings: { gomemlimit: told(200 * MIB) } })))).toBe(
      'GOMEMLIMIT is set to 200 MiB',
    );
    expect(whyClear(judge(under(250, { settings: { gogc: told('off') } })))).toBe('GOGC is off: see GcOffUnbounded');
    expect(whyClear(judge(under(250, { runtime: { heapGoalBytes: told('off') } })))).toContain('no next collection');
    sharesLimitHandling(gomemlimitMissing, unlimited);
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(under(250, { settings: { gomemlimit: undefined } })))).toBe('GOMEMLIMIT');
    expect(missing(judge(under(250, { settings: { gogc: undefined } })))).toBe('GOGC');
    expect(missing(judge(goProcess({ effective: { memoryMaxBytes: limitAt(512 * MIB, 'container', false) } })))).toBe(
      'memory.max of an ancestor',
    );
    needsPeakInputs(gomemlimitMissing);
  });

  it('counts files in tmpfs, which cannot be written back, and not the page cache', () => {
    const tmpfs = container({ memory: memory({ shmemBytes: 20 * MIB }) });
    // 230 + 20 of 270: 92.6 %. Without it 85.2 %.
    expect(judge(under(270)).outcome).toBe('clear');
    const verdict = holds(judge(under(270), { container: tmpfs }));
    expect(evidence(verdict, 'files in tmpfs and shared memory')).toBe(20 * MIB);
    // 270 - 30 - 27 = 213.
    expect(verdict.remedy.patch?.set).toEqual({ GOMEMLIMIT: '213MiB' });
    expect(judge(under(270), { container: container({ memory: memory({ fileBytes: 200 * MIB }) }) }).outcome).toBe(
      'clear',
    );
  });
});

describe('NextGcBeyondMemoryLimit', () => {
  const judge = (process: GoProcessModel, over?: Parameters<typeof judgeProcess>[2]) =>
    judgeProcess(nextGcBeyondMemoryLimit, process, over);

  it('fires when the peak passes 105 % of the limit, not before', () => {
    // 230 / 219 = 105.02 %; 230 / 220 = 104.5 %: the collector may still be done in time.
    const verdict = holds(judge(under(219)));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toBe(
      'the next collection ends at 230 MiB, the memory limit is 219 MiB: if the heap grows to its goal, the kernel kills first',
    );
    expect(evidence(verdict, 'live heap')).toBe(100 * MIB);
    expect(whyClear(judge(under(220)))).toBe('predicted 230 MiB of 220 MiB at the next collection');
  });

  it('counts the memory of stacks and metadata, and that outside Go', () => {
    expect(judge(under(219, { runtime: { nonHeapBytes: told(0) } })).outcome).toBe('clear');
    expect(judge(under(219, { attribution: { anonShare: 1, nonGoBytes: 0, detail: undefined } })).outcome).toBe(
      'clear',
    );
  });

  it('is silent or unknown as its inputs are', () => {
    sharesLimitHandling(nextGcBeyondMemoryLimit, {});
    needsPeakInputs(nextGcBeyondMemoryLimit);
    expect(whyClear(judge(under(219, { runtime: { heapGoalBytes: told('off') } })))).toContain('collector is off');
    expect(missing(judge(goProcess({ effective: { memoryMaxBytes: limitAt(512 * MIB, 'pod', false) } })))).toBe(
      'memory.max of an ancestor',
    );
    expect(judge(under(219, { effective: { memoryMaxBytes: limitAt(219 * MIB, 'container', false) } })).outcome).toBe(
      'holds',
    );
  });

  it('is a warning while swap takes the excess', () => {
    // 230 of 219: 11 MiB too much.
    const swapping = (swapMaxBytes: number | 'max' | undefined, freeMiB: number, swapCurrentBytes = 0) =>
      holds(
        judge(under(219), {
          container: container({ memory: memory({ swapMaxBytes, swapCurrentBytes }) }),
          node: nodeModel({ node: { swapFreeBytes: freeMiB * MIB } }).node,
        }),
      );
    const verdict = swapping('max', 11);
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('the kernel swaps first, and each collection reads it all back');
    expect(evidence(verdict, 'swap left for the container')).toBe(11 * MIB);
    expect(swapping('max', 10).severity).toBe('critical');
    expect(swapping(12 * MIB, 100).severity).toBe('warning');
    expect(swapping(12 * MIB, 100, 2 * MIB).severity).toBe('critical');
    expect(swapping(0, 100).severity).toBe('critical');
    expect(swapping(undefined, 100).severity).toBe('critical');
    expect(swapping(MIB, 100, 2 * MIB).severity).toBe('critical');
  });

  it('tells the time left when growth can only be the program’s', () => {
    const growing = (over: Parameters<typeof memory>[0]) =>
      holds(
        judge(under(219), { container: container({ memory: memory({ currentGrowthBytesPerSecond: MIB, ...over }) }) }),
      );
    const little = { currentBytes: 205 * MIB, inactiveFileBytes: 16 * MIB, workingSetBytes: 189 * MIB };
    // (219 - 189) MiB at 1 MiB/s.
    expect(evidence(growing(little), 'time until the limit at the present growth')).toBe(30);
    expect(growing(little).summary).toContain('(in about 30 s at the present growth)');
    // Looks are 10 s apart: at 1 MiB/s there is time for a second one, at 2 there may be none.
    expect(growing(little).atOnce).toBe(false);
    expect(growing({ ...little, currentGrowthBytesPerSecond: 2 * MIB }).atOnce).toBe(true);
    // With much page cache the growth may be cache, which the kernel reclaims.
    const cached = { currentBytes: 205 * MIB, inactiveFileBytes: 60 * MIB, workingSetBytes: 145 * MIB };
    expect(growing(cached).summary).not.toContain('at the present growth');
    expect(growing({ ...little, currentGrowthBytesPerSecond: -5 }).summary).not.toContain('growth');
    expect(growing({ ...little, workingSetBytes: undefined }).summary).not.toContain('growth');
    expect(holds(judge(under(219), { container: undefined })).summary).not.toContain('growth');
  });

  it('asks for a larger limit when the live heap would leave no room to collect', () => {
    // GOMEMLIMIT would be 130 - 10 - 13 = 107; 100 live x 1.25 + 20 = 145 do not fit.
    const { remedy } = holds(judge(under(130)));
    // (200 of heap + 30 beside it) / 0.9 = 255.6; 256 x 0.9 - 10 = 220.4.
    expect(remedy.patch).toEqual({ kind: 'resources', set: { 'limits.memory': '256Mi' } });
    expect(remedy.text).toContain(
      'raise the limit of the container to 256Mi (200 MiB of heap before a collection, 30 MiB beside it, headroom)',
    );
    expect(remedy.text).toContain('Then set GOMEMLIMIT=220MiB');
  });

  it('reckons the larger limit from the goal when that is more than twice the live heap', () => {
    // GOGC=300: goal 400 of 100 live. (400 + 30) / 0.9 = 477.8.
    const { remedy } = holds(judge(under(130, { runtime: { heapGoalBytes: told(400 * MIB) } })));
    expect(remedy.patch?.set).toEqual({ 'limits.memory': '478Mi' });
  });
});

describe('GomemlimitAboveMemoryLimit', () => {
  const judge = (gomemlimitMiB: number, over: Over = {}) =>
    judgeProcess(
      gomemlimitAboveMemoryLimit,
      goProcess({ ...over, settings: { gomemlimit: told(gomemlimitMiB * MIB), ...over.settings } }),
    );

  it('fires at the memory limit and beyond, whatever else is known', () => {
    const verdict = holds(judge(512));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toContain('GOMEMLIMIT is 512 MiB, the memory limit 512 MiB');
    // 512 - 10 - 51.2 = 450.8.
    expect(verdict.remedy.patch?.set).toEqual({ GOMEMLIMIT: '450MiB' });
    const blind = holds(judge(600, { attribution: { anonShare: undefined, nonGoBytes: undefined, detail: 'x' } }));
    // 512 - 51.2 = 460.8.
    expect(blind.remedy.patch?.set).toEqual({ GOMEMLIMIT: '460MiB' });
    expect(blind.remedy.text).toContain('memory outside Go is not known');
    expect(blind.remedy.text).not.toContain('0 KiB');
  });

  it('fires below it when the memory outside Go does not fit any more', () => {
    const verdict = holds(judge(502));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'GOMEMLIMIT of 502 MiB and 10 MiB outside Go together pass the memory limit of 512 MiB',
    );
    expect(whyClear(judge(501))).toBe('GOMEMLIMIT and the memory outside Go fit below the memory limit');
  });

  it('names the downward API for a value far above', () => {
    // 20 x 512 MiB = 10 GiB.
    expect(holds(judge(10 * 1024)).remedy.text).not.toContain('downward API');
    expect(holds(judge(10 * 1024 + 1)).remedy.text).toContain('downward API');
  });

  it('is silent or unknown as its inputs are', () => {
    expect(whyClear(judge(400, { settings: { gomemlimit: told('off') } }))).toBe(
      'GOMEMLIMIT is not set: see GomemlimitMissing',
    );
    expect(missing(judge(400, { settings: { gomemlimit: undefined } }))).toBe('GOMEMLIMIT');
    const detail = 'the runtime did not say';
    expect(missing(judge(400, { attribution: { anonShare: 1, nonGoBytes: undefined, detail } }))).toBe(detail);
    expect(missing(judge(400, { attribution: { anonShare: 0.2, nonGoBytes: 5, detail: undefined } }))).toContain(
      'holds 20 %',
    );
    expect(missing(judge(400, { effective: { memoryMaxBytes: limitAt(512 * MIB, 'container', false) } }))).toBe(
      'memory.max of an ancestor',
    );
    sharesLimitHandling(gomemlimitAboveMemoryLimit, { settings: { gomemlimit: told(100 * 1024 * MIB) } });
  });
});

describe('GcOffUnbounded', () => {
  const OFF: Over = {
    settings: { gogc: told('off'), gomemlimit: told('off') },
    runtime: { heapGoalBytes: told('off'), heapLiveBytes: undefined, gcCycles: told(0) },
  };
  const judge = (over: Over = {}) =>
    judgeProcess(
      gcOffUnbounded,
      goProcess({
        ...OFF,
        ...over,
        settings: { ...OFF.settings, ...over.settings },
        runtime: { ...OFF.runtime, ...over.runtime },
      }),
    );

  it('fires with GOGC=off and no GOMEMLIMIT', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'GOGC=off without GOMEMLIMIT: nothing ever starts a collection, memory grows until the kernel kills',
    );
    // 512 - 10 - 51.2 = 450.8.
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '450MiB' } });
  });

  it('is a note when the program collects by itself, and careful when that is not known', () => {
    const forced = holds(judge({ runtime: { forcedGcCycles: told(3) } }));
    expect(forced.severity).toBe('info');
    expect(forced.summary).toContain('3 times so far');
    expect(holds(judge({ runtime: { forcedGcCycles: undefined } })).summary).toContain(
      'unless the program calls runtime.GC',
    );
  });

  it('says to remove GOGC=off where no limit could carry a GOMEMLIMIT', () => {
    for (const memoryMaxBytes of [limitAt('max'), undefined, limitAt(60 * 1024 * MIB, 'kubepods')])
      expect(holds(judge({ effective: { memoryMaxBytes } })).remedy.patch).toEqual({
        kind: 'env',
        set: { GOGC: '100' },
      });
  });

  it('never advises a GOMEMLIMIT that has no room for a heap', () => {
    const full = judge({ attribution: { anonShare: 1, nonGoBytes: 455 * MIB, detail: undefined } });
    expect(holds(full).remedy.patch).toBeUndefined();
    // 455 outside and 20 beside the heap.
    expect(holds(full).remedy.text).toContain('475 MiB beside the heap leave no room');
  });

  it('is silent or unknown as its inputs are', () => {
    expect(whyClear(judge({ settings: { gogc: told(100) } }))).toBe('GOGC is 100');
    expect(whyClear(judge({ settings: { gomemlimit: told(400 * MIB) } }))).toBe(
      'GOGC is off, but GOMEMLIMIT makes the collector run',
    );
    expect(missing(judge({ settings: { gogc: undefined } }))).toBe('GOGC');
    expect(missing(judge({ settings: { gomemlimit: undefined } }))).toBe('GOMEMLIMIT');
    expect(missing(judge({ settings: { gogc: undefined, gomemlimit: undefined } }))).toBe('GOGC; GOMEMLIMIT');
  });
});

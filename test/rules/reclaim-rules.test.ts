import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import { memoryLowBelowWorkingSet } from '../../src/rules/memory-low-below-working-set.ts';
import { swapUnderGc } from '../../src/rules/swap-under-gc.ts';
import { thpInflatesRss } from '../../src/rules/thp-inflates-rss.ts';
import type { ContainerContext, ProcessContext } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeContainer,
  judgeProcess,
  MIB,
  memory,
  missing,
  NO_EVENTS,
  nodeModel,
  told,
  waiting,
  whyClear,
} from './models.ts';

type Memory = Parameters<typeof memory>[0];

describe('SwapUnderGc', () => {
  const { node } = nodeModel({ node: { swapTotalBytes: 1024 * MIB } });
  const swapped: Memory = { swapCurrentBytes: 64 * MIB, swapMaxBytes: 'max', anonRefaultsPerSecond: 200 };
  const judge = (over: Memory = {}, of: Partial<ContainerModel> = {}, context: Partial<ContainerContext> = {}) =>
    judgeContainer(swapUnderGc, container({ memory: memory({ ...swapped, ...over }), ...of }), { node, ...context });

  it('fires when pages come back', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe(
      '64 MiB of the container are in swap and 200 pages per second come back; a collection reads all that is live, so it brings them back',
    );
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'requests.memory': '512Mi' } });
    const severity = (some: number | undefined, full: number) => {
      const stalls = { some: waiting(some).some, full: waiting(full).some };
      return holds(judge({}, { pressure: { ...container().pressure, memory: stalls } })).severity;
    };
    expect([severity(0.009, 0), severity(0.01, 0), severity(undefined, 0)]).toEqual(['info', 'warning', 'info']);
    expect(severity(0.05, 0.05)).toBe('critical');
  });

  it('says how to keep out of swap by who runs it', () => {
    const by = (kind: ContainerModel['identity']['kind']) =>
      holds(judge({}, { identity: { ...container().identity, kind } })).remedy;
    expect(by('systemd').text).toContain('MemorySwapMax=0');
    expect(by('docker').text).toContain('--memory-swap equal to --memory');
    expect(by('other').text).toContain('memory.swap.max');
    expect(by('docker').patch).toBeUndefined();
    expect(holds(judge({ maxBytes: 'max' })).remedy.patch).toBeUndefined();
  });

  it('is silent without swap, or while it rests', () => {
    expect(whyClear(judge({}, {}, { node: nodeModel().node }))).toBe('the node has no swap');
    expect(whyClear(judge({ swapMaxBytes: 0, swapCurrentBytes: 0 }))).toBe('the container may not swap');
    expect(whyClear(judge({ swapCurrentBytes: 0 }))).toBe('nothing of the container is in swap');
    expect(whyClear(judge({ anonRefaultsPerSecond: 9 }))).toContain('not of the live heap');
    expect(whyClear(judge({}, {}, { processes: [] }))).toBe('no Go process in this container');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ swapCurrentBytes: undefined }))).toContain('memory.swap.current');
    expect(missing(judge({ anonRefaultsPerSecond: undefined }))).toContain('two samples');
    expect(missing(judge({}, { unseenProcesses: 1 }, { processes: [] }))).toContain('executables of 1');
  });
});

describe('ThpInflatesRss', () => {
  type Over = NonNullable<Parameters<typeof goProcess>[0]>;
  const sysctls = (mode?: string, fill?: number) =>
    nodeModel({
      node: {
        sysctls: {
          ...(mode === undefined ? {} : { 'transparent_hugepage.enabled': mode }),
          ...(fill === undefined ? {} : { 'khugepaged.max_ptes_none': fill }),
        },
      },
    }).node;
  const huge = container({ memory: memory({ anonBytes: 320 * MIB, anonHugeBytes: 240 * MIB }) });
  /** 220 MiB are the runtime's, 100 more are resident, 240 of 320 in huge pages. */
  const judge = (over: Over = {}, context: Partial<ProcessContext> = {}) =>
    judgeProcess(
      thpInflatesRss,
      goProcess({ attribution: { anonShare: 1, nonGoBytes: 100 * MIB, detail: undefined }, ...over }),
      { container: huge, node: sysctls('always', 511), ...context },
    );

  it('fires when huge pages hold what the runtime gave back', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      '100 MiB more are resident than the runtime has, and 75 % of the memory is in huge pages: the kernel fills up what the runtime gave back',
    );
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GODEBUG: 'disablethp=1' } });
    expect(evidence(verdict, 'empty pages khugepaged fills')).toBe(511);
  });

  it('keeps what GODEBUG has, and is clear once it is set', () => {
    const set = (value: string) => ({ settings: { godebug: { value, from: 'environment' } as const } });
    expect(holds(judge(set('madvdontneed=1'))).remedy.patch?.set).toEqual({ GODEBUG: 'madvdontneed=1,disablethp=1' });
    expect(whyClear(judge(set('madvdontneed=1,disablethp=1')))).toBe('GODEBUG has disablethp=1');
    const built = { settings: { godebug: { value: 'panicnil=1', from: 'build' } as const } };
    expect(holds(judge(built)).remedy.patch?.set).toEqual({ GODEBUG: 'disablethp=1' });
  });

  it('is a note where it may be cgo, or the heap is large', () => {
    expect(holds(judge({ cgoEnabled: true })).severity).toBe('info');
    expect(holds(judge({ cgoEnabled: true })).summary).toContain('unless it is what cgo allocates');
    const large = {
      runtime: { managedBytes: told(1000 * MIB) },
      attribution: { anonShare: 1, nonGoBytes: 300 * MIB, detail: undefined },
    };
    const grown = container({ memory: memory({ anonBytes: 1300 * MIB, anonHugeBytes: 700 * MIB }) });
    expect(holds(judge(large, { container: grown })).severity).toBe('info');
  });

  it('is silent where it cannot be, each time with its reason', () => {
    expect(whyClear(judge({ goMinor: 20 }))).toContain('before 1.21');
    expect(whyClear(judge({ attribution: { anonShare: 1, nonGoBytes: 55 * MIB, detail: undefined } }))).toContain(
      '20 %',
    );
    expect(whyClear(judge({}, { node: sysctls('never', 511) }))).toContain('off on the node');
    expect(whyClear(judge({}, { node: sysctls('always', 0) }))).toContain('max_ptes_none is 0');
    expect(whyClear(judge({}, { node: sysctls('madvise', 511) }))).toContain('(madvise)');
    const sibling = container({ memory: memory({ anonBytes: 270 * MIB, anonHugeBytes: 240 * MIB }) });
    expect(whyClear(judge({}, { container: sibling }))).toContain('other containers');
    const few = container({ memory: memory({ anonBytes: 320 * MIB, anonHugeBytes: 160 * MIB }) });
    expect(whyClear(judge({}, { container: few }))).toBe('160 MiB of the anonymous memory are in huge pages');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ attribution: { anonShare: undefined, nonGoBytes: undefined, detail: 'not told' } }))).toBe(
      'not told',
    );
    expect(missing(judge({ attribution: { anonShare: 0.5, nonGoBytes: 100 * MIB, detail: undefined } }))).toContain(
      'attribution',
    );
    expect(missing(judge({ runtime: { managedBytes: undefined } }))).toBe('memory the runtime manages');
    expect(missing(judge({}, { container: undefined }))).toContain('memory.stat');
    const none = container({ memory: memory({ anonHugeBytes: undefined }) });
    expect(missing(judge({}, { container: none }))).toBe('memory.stat anon_thp');
    expect(missing(judge({}, { node: sysctls(undefined, 511) }))).toBe('huge page settings of the node');
    expect(missing(judge({}, { node: sysctls('always') }))).toBe('huge page settings of the node');
  });
});

describe('MemoryLowBelowWorkingSet', () => {
  const taken: Memory = {
    lowBytes: 100 * MIB,
    fileRefaultsPerSecond: 30,
    anonRefaultsPerSecond: 0,
    activeFileBytes: 15 * MIB,
  };
  const judge = (over: Memory = {}, context: Partial<ContainerContext> = {}) =>
    judgeContainer(memoryLowBelowWorkingSet, container({ memory: memory({ ...taken, ...over }) }), context);

  it('fires when what is above memory.low is taken', () => {
    const verdict = holds(judge());
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe(
      'memory.low protects 100 MiB of a working set of 280 MiB, and the kernel takes from the rest: pages come back 30 times a second',
    );
    // Goal 200 + 20 beside + 10 outside + 15 of files is 245, below the working set.
    expect(verdict.remedy.text).toContain('Set memory.low to 280 MiB');
    // Above it with a working set of 150: 245.
    expect(holds(judge({ workingSetBytes: 150 * MIB })).remedy.text).toContain('Set memory.low to 245 MiB');
    // 1.4 x 280 where the goal is not known.
    const blind = { processes: [goProcess({ runtime: { heapGoalBytes: undefined } })] };
    expect(holds(judge({}, blind)).remedy.text).toContain('Set memory.low to 392 MiB');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge({ lowBytes: 0 }))).toBe('memory.low is not set');
    expect(whyClear(judge({ lowBytes: 'max' }))).toContain('protects all');
    expect(whyClear(judge({ lowBytes: 280 * MIB }))).toBe('the working set is within memory.low');
    expect(whyClear(judge({ fileRefaultsPerSecond: 9 }))).toContain('nothing of it is taken');
    for (const event of ['high', 'max'])
      expect(whyClear(judge({ eventsInWindow: { ...NO_EVENTS, [event]: 1 } }))).toContain('at its own limit');
    expect(whyClear(judge({}, { processes: [] }))).toBe('no Go process in this container');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ lowBytes: undefined }))).toContain('memory.low');
    expect(missing(judge({ workingSetBytes: undefined }))).toContain('working set');
    expect(missing(judge({ fileRefaultsPerSecond: undefined }))).toContain('workingset_refault');
    expect(missing(judge({ anonRefaultsPerSecond: undefined }))).toContain('workingset_refault');
    expect(missing(judge({ eventsInWindow: undefined }))).toContain('memory.events');
  });
});

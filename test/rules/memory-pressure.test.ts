import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { StallModel } from '../../src/model/pressure-types.ts';
import { memoryPressure } from '../../src/rules/memory-pressure.ts';
import type { ContainerContext } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  holds,
  judgeContainer,
  limitAt,
  MIB,
  memory,
  missing,
  NO_EVENTS,
  nodeModel,
  whyClear,
} from './models.ts';

const line = (stalledRatio: number | undefined, avg60Ratio = stalledRatio ?? 0): StallModel => ({
  stalledSecondsTotal: 1,
  stalledRatio,
  avg10Ratio: 0,
  avg60Ratio,
  avg300Ratio: 0,
});
const pressed = (some: StallModel | undefined, full?: StallModel) => ({
  ...container().pressure,
  memory: { some, full },
});
type Memory = Parameters<typeof memory>[0];
const judge = (over: Partial<ContainerModel> = {}, context: Partial<ContainerContext> = {}) =>
  judgeContainer(memoryPressure, container({ pressure: pressed(line(0.2)), ...over }), context);
const withMemory = (over: Memory, context: Partial<ContainerContext> = {}) =>
  holds(judge({ memory: memory(over) }, context));

describe('MemoryPressure', () => {
  it('fires when it lasts, not on a burst', () => {
    const verdict = holds(judge({ pressure: pressed(line(0.2), line(0.02)) }));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('tasks waited for memory 20 % of the time: what causes it is not visible');
    expect(evidence(verdict, 'time all tasks waited for memory')).toBe(0.02);
    expect(whyClear(judge({ pressure: pressed(line(0.5, 0.09)) }))).toBe('some task waited for memory 9 % of the time');
    expect(whyClear(judge({ pressure: pressed(line(0.01, 0.5)) }))).toBe('some task waited for memory 1 % of the time');
  });

  it('is critical when everything stands still', () => {
    const verdict = holds(judge({ pressure: pressed(line(0.06), line(0.05)) }));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toContain('all of them at once 5 %');
  });

  it('puts it down to memory.high', () => {
    const verdict = withMemory({ highBytes: 250 * MIB, eventsInWindow: { ...NO_EVENTS, high: 9 } });
    expect(verdict.summary).toContain('memory.high of 250 MiB was passed 9 times');
    expect(verdict.remedy.text).toContain('GomemlimitAboveMemoryHigh');
    expect(evidence(verdict, 'times memory.high was passed')).toBe(9);
  });

  it('tells page cache at the limit from the heap at the limit', () => {
    const max = { eventsInWindow: { ...NO_EVENTS, max: 4 }, maxBytes: 512 * MIB };
    // 100 - 20 of tmpfs is 15.6 % of 512.
    const cache = withMemory({ ...max, fileBytes: 100 * MIB, shmemBytes: 20 * MIB, fileRefaultsPerSecond: 300 });
    expect(cache.summary).toContain('80 MiB of page cache are read, dropped and read again');
    expect(cache.remedy.text).toContain('the heap is not the cause');
    const heap = withMemory({ ...max, fileBytes: 10 * MIB, fileRefaultsPerSecond: 300, anonGrowthBytesPerSecond: MIB });
    expect(heap.summary).toContain(
      'full of memory that cannot be dropped, so that even the program’s own pages are read from disk again, and it grows by 1 MiB per second',
    );
    expect(heap.remedy.text).toContain('Set GOMEMLIMIT');
    // Cache that nobody reads again is not what is missing.
    expect(withMemory({ ...max, fileBytes: 100 * MIB }).summary).toContain('cannot be dropped');
  });

  it('sees swap', () => {
    expect(withMemory({ anonRefaultsPerSecond: 500 }).summary).toContain('500 pages per second come back from swap');
  });

  it('puts it down to the pod or the node when no limit of its own was reached', () => {
    const effective = { ...container().effective, memoryMaxBytes: limitAt(512 * MIB, 'pod') };
    expect(holds(judge({ effective })).summary).toContain('the limit of its pod (512 MiB)');
    const { node } = nodeModel({ node: { memoryTotalBytes: 1000 * MIB, memoryAvailableBytes: 50 * MIB } });
    const grower = container({
      key: 'other',
      identity: { ...container().identity, container: 'batch' },
      memory: memory({ currentGrowthBytesPerSecond: 3 * MIB }),
    });
    const verdict = holds(judge({}, { node, neighbours: [container(), grower] }));
    expect(verdict.summary).toContain('the node is short of memory (5 % available)');
    expect(verdict.summary).toContain('batch (3 MiB per second) grew fastest');
    expect(holds(judge({}, { node, neighbours: [] })).summary).not.toContain('grew fastest');
    // Without memory.events it is not known whether a limit was reached: nobody is blamed.
    expect(holds(judge({ memory: memory({ eventsInWindow: undefined }) }, { node })).summary).toContain('not visible');
  });

  it('judges containers with a Go program', () => {
    expect(whyClear(judge({}, { processes: [] }))).toBe('no Go process in this container');
    expect(missing(judge({ unseenProcesses: 2 }, { processes: [] }))).toContain('executables of 2 processes');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ pressure: container().pressure }))).toContain('needs PSI');
    expect(missing(judge({ pressure: pressed(undefined) }))).toContain('needs PSI');
    expect(missing(judge({ pressure: pressed(line(undefined)) }))).toContain('two samples');
  });
});

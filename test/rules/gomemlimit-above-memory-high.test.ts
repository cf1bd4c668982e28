import { describe, expect, it } from 'vitest';
import type { MemoryEventsModel } from '../../src/model/memory-types.ts';
import { gomemlimitAboveMemoryHigh } from '../../src/rules/gomemlimit-above-memory-high.ts';
import type { ProcessContext } from '../../src/rules/types.ts';
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
  NO_EVENTS,
  pod,
  told,
  waiting,
  whyClear,
} from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
const passed = (high: number): MemoryEventsModel => ({ ...NO_EVENTS, high });
const throttledBy = (high: number, over: Parameters<typeof memory>[0] = {}) =>
  container({ memory: memory({ eventsInWindow: passed(high), ...over }) });
/** memory.high 250 MiB; 10 MiB outside Go; 230 MiB of anonymous memory. */
const judge = (gomemlimit: number | 'off', over: Over = {}, context: Partial<ProcessContext> = {}) =>
  judgeProcess(
    gomemlimitAboveMemoryHigh,
    goProcess({
      ...over,
      settings: { gomemlimit: told(gomemlimit), ...over.settings },
      effective: { memoryHighBytes: limitAt(250 * MIB), ...over.effective },
    }),
    { container: throttledBy(40), ...context },
  );

describe('GomemlimitAboveMemoryHigh', () => {
  it('fires when memory.high is passed and GOMEMLIMIT does not keep below it', () => {
    const verdict = holds(judge(400 * MIB));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'memory.high of 250 MiB was passed 40 times: the kernel slows every allocation there, and the collector does not know, for GOMEMLIMIT is 400 MiB',
    );
    expect(evidence(verdict, 'times memory.high was passed')).toBe(40);
    // 0.9 x 250 - 10 = 215.
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '215MiB' } });
    expect(holds(judge('off')).summary).toContain('there is no GOMEMLIMIT');
  });

  it('counts the memory outside Go', () => {
    expect(judge(241 * MIB).outcome).toBe('holds');
    expect(whyClear(judge(240 * MIB))).toBe('GOMEMLIMIT and the memory outside Go fit below memory.high');
  });

  it('is critical when everything waits, and a note while only page cache is reclaimed', () => {
    const full = (ratio: number) => ({
      ...container().pressure,
      memory: { some: undefined, full: waiting(ratio).some },
    });
    const stuck = { ...throttledBy(40), pressure: full(0.05) };
    expect(holds(judge('off', {}, { container: stuck })).severity).toBe('critical');
    expect(holds(judge('off', {}, { container: { ...stuck, pressure: full(0.04) } })).severity).toBe('warning');
    // 190 of 250 is below 80 %.
    const cache = throttledBy(40, { anonBytes: 150 * MIB, shmemBytes: 40 * MIB });
    const note = holds(judge('off', {}, { container: cache }));
    expect(note.severity).toBe('info');
    expect(note.summary).toContain('so far by page cache');
    const tmpfs = throttledBy(40, { anonBytes: 150 * MIB, shmemBytes: 50 * MIB });
    expect(holds(judge('off', {}, { container: tmpfs })).severity).toBe('warning');
  });

  it('asks for a higher memory.high where the live heap has no room below it', () => {
    // 0.9 x 140 - 10 = 116; needed 20 + 125 = 145. (145 + 10) / 0.9 = 172.2.
    const { remedy } = holds(judge('off', { effective: { memoryHighBytes: limitAt(140 * MIB) } }));
    expect(remedy.patch).toBeUndefined();
    expect(remedy.text).toContain('raise that to 173 MiB at least');
  });

  it('takes the events of the level that sets it', () => {
    const effective = { memoryHighBytes: limitAt(250 * MIB, 'pod') };
    expect(whyClear(judge('off', { effective }, { pod: pod() }))).toBe('memory.high was not reached');
    expect(judge('off', { effective }, { pod: pod({ memoryEventsInWindow: passed(3) }) }).outcome).toBe('holds');
    expect(missing(judge('off', { effective }, { pod: undefined }))).toBe('two samples of memory.events of the pod');
  });

  it('is silent without a memory.high of its own, or when it was not reached', () => {
    const at = (memoryHighBytes: ReturnType<typeof limitAt> | undefined) =>
      judge('off', { effective: { memoryHighBytes } });
    expect(whyClear(at(limitAt('max')))).toBe('no memory.high of its own at any level');
    expect(whyClear(at(limitAt(250 * MIB, 'kubepods')))).toBe('no memory.high of its own at any level');
    expect(missing(at(limitAt('max', 'container', false)))).toBe('memory.high of an ancestor');
    expect(missing(at(undefined))).toContain('memory.high');
    expect(whyClear(judge('off', {}, { container: container() }))).toBe('memory.high was not reached');
    const partly = { effective: { memoryHighBytes: limitAt(250 * MIB, 'container', false) } };
    expect(missing(judge('off', partly, { container: container() }))).toBe('memory.high of an ancestor');
    expect(missing(judge(240 * MIB, partly))).toBe('memory.high of an ancestor');
    expect(judge('off', partly).outcome).toBe('holds');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge('off', { settings: { gomemlimit: undefined } }))).toBe('GOMEMLIMIT');
    const attribution = { anonShare: undefined, nonGoBytes: undefined, detail: 'not told' };
    expect(missing(judge(200 * MIB, { attribution }))).toBe('not told');
    // At or above memory.high it does not matter what is outside Go.
    const blind = holds(judge(250 * MIB, { attribution }));
    // 0.9 x 250 = 225.
    expect(blind.remedy.patch?.set).toEqual({ GOMEMLIMIT: '225MiB' });
    expect(blind.remedy.text).toContain('memory outside Go is not known');
    expect(missing(judge('off', {}, { container: undefined }))).toContain('two samples of memory.events');
    expect(missing(judge('off', {}, { container: throttledBy(0, { eventsInWindow: undefined }) }))).toContain(
      'two samples',
    );
  });
});

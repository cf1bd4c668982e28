import { describe, expect, it } from 'vitest';
import { cpuBar } from '../../../src/export/top/cpu-bar.ts';
import { memoryBar } from '../../../src/export/top/memory-bar.ts';
import type { CpuFigures, MemoryFigures } from '../../../src/export/workload-rows.ts';
import { limitAt, MIB, told } from '../../rules/models.ts';

const NOTHING: MemoryFigures = {
  heapLive: undefined,
  heapGoal: undefined,
  gomemlimit: undefined,
  current: undefined,
  high: undefined,
  max: undefined,
};

describe('the memory bar', () => {
  // 10 cells to 500 MiB: 50 MiB each.
  const healthy: MemoryFigures = {
    heapLive: told(100 * MIB),
    heapGoal: told(200 * MIB),
    gomemlimit: told(425 * MIB),
    current: 300 * MIB,
    high: limitAt(475 * MIB),
    max: limitAt(500 * MIB),
  };

  it('draws everything on one scale', () => {
    // Live 2 cells, current 6; goal in cell 4, GOMEMLIMIT in 8, and high in 9, where max covers it.
    expect(memoryBar(healthy, 10, true)).toBe('██▒▒G▒··L┃');
    expect(memoryBar(healthy, 10, false)).toBe('##==G=..L|');
    expect(memoryBar({ ...healthy, high: limitAt(375 * MIB) }, 10, false)).toBe('##==G=.HL|');
  });

  it('shows what lies beyond memory.max', () => {
    // The scale ends at the goal of 1000 MiB: max is in cell 5 of 10, and the four up to the goal are beyond it.
    const figures = { ...healthy, heapGoal: told(1000 * MIB), gomemlimit: told('off' as const) };
    expect(memoryBar({ ...figures, high: limitAt('max') }, 10, false)).toBe('#==..|!!!G');
  });

  it('is not pressed to the edge by a GOMEMLIMIT far out', () => {
    // 4 x 500 MiB is still drawn: max is in cell 2 of 10, current takes 2, live 1, the goal is in 1.
    expect(memoryBar({ ...healthy, gomemlimit: told(2000 * MIB) }, 10, false)).toBe('#G|!!!!!!L');
    expect(memoryBar({ ...healthy, gomemlimit: told(2001 * MIB), high: undefined }, 10, false)).toBe('##==G=...|');
  });

  it('draws nothing that is not known', () => {
    expect(memoryBar(NOTHING, 10, false)).toBe('?         ');
    expect(memoryBar({ ...NOTHING, max: limitAt(100) }, 10, false)).toBe('.........|');
    expect(memoryBar({ ...NOTHING, current: 50 }, 10, false)).toBe('?         ');
    expect(memoryBar({ ...NOTHING, current: 50, max: limitAt('max') }, 10, false)).toBe('-         ');
    expect(memoryBar({ ...NOTHING, current: 0, max: limitAt(0) }, 10, false)).toBe('?         ');
  });

  it('has its width whatever it is told', () => {
    const wild = [-5, 0, 1e-300, 1e308, Number.MAX_VALUE];
    for (const current of wild)
      for (const max of wild) expect(memoryBar({ ...healthy, current, max: limitAt(max) }, 14, true)).toHaveLength(14);
  });
});

describe('the CPU bar', () => {
  const figures = (over: Partial<CpuFigures>): CpuFigures => ({
    usageCores: 1,
    gomaxprocs: told(2),
    limitCores: limitAt(2),
    throttledRatio: 0,
    ...over,
  });

  it('holds use against the limit', () => {
    expect(cpuBar(figures({}), 10, true)).toBe('█████····┃');
    expect(cpuBar(figures({ usageCores: 0 }), 10, false)).toBe('.........|');
    // A trace of use is still use.
    expect(cpuBar(figures({ usageCores: 0.001 }), 10, false)).toBe('#........|');
    // Above the limit, with burst: 4 cores on the scale, the limit in cell 5.
    expect(cpuBar(figures({ usageCores: 4 }), 10, false)).toBe('#####|####');
  });

  it('marks throttling and a GOMAXPROCS that is not the limit', () => {
    // 30 % of ten cells, from the end of what is used.
    expect(cpuBar(figures({ throttledRatio: 0.3 }), 10, false)).toBe('##xxx....|');
    expect(cpuBar(figures({ throttledRatio: 0.9 }), 10, false)).toBe('xxxxx....|');
    expect(cpuBar(figures({ gomaxprocs: told(1) }), 10, false)).toBe('#####P...|');
    expect(cpuBar(figures({ gomaxprocs: told(16) }), 10, false)).toBe('#####....P');
  });

  it('holds use against GOMAXPROCS where there is no limit', () => {
    expect(cpuBar(figures({ limitCores: limitAt('max'), gomaxprocs: told(4) }), 10, false)).toBe('###......P');
  });

  it('draws nothing that is not known', () => {
    expect(cpuBar(figures({ usageCores: undefined }), 10, false)).toBe('?         ');
    expect(cpuBar(figures({ limitCores: undefined, gomaxprocs: undefined }), 10, false)).toBe('?         ');
    expect(cpuBar(figures({ throttledRatio: undefined }), 10, false)).toBe('#####....|');
  });
});

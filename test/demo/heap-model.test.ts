import { describe, expect, it } from 'vitest';
import { heapAt } from '../../src/demo/heap-model.ts';
import { pauseNs, runtimeStats } from '../../src/demo/runtime-stats.ts';
import type { GoProgram } from '../../src/demo/workload.ts';

const program: GoProgram = {
  version: 'go1.25.6',
  module: 'example.com/a',
  gomaxprocs: 4,
  gogc: 100,
  gomemlimit: 'off',
  liveBytes: 100,
  allocationRate: 10,
  retains: 'nothing',
  goroutines: 10,
  pauseMs: 1,
  serves: {},
};

describe('heapAt', () => {
  it('saws between live and twice live at GOGC=100', () => {
    // 100 live, 200 goal, 10 a second: one collection every 10 s.
    expect(heapAt(program, 25)).toEqual({
      live: 100,
      goal: 200,
      allocated: 150,
      peak: 200,
      totalAllocated: 350,
      collections: 10,
      lastCollectionAge: 20,
    });
  });

  it('is bounded by GOMEMLIMIT', () => {
    expect(heapAt({ ...program, gomemlimit: 200 }, 0).goal).toBe(186);
    expect(heapAt({ ...program, gogc: 'off', gomemlimit: 200 }, 0).goal).toBe(186);
  });

  it('doubles its goal with every collection when nothing is freed', () => {
    const growing: GoProgram = { ...program, retains: 'all' };
    // 100 at the start, 200 at 10 s, 400 at 30 s.
    expect(heapAt(growing, 9).goal).toBe(200);
    expect(heapAt(growing, 12)).toMatchObject({ live: 200, goal: 400, allocated: 220, lastCollectionAge: 10 });
    expect(heapAt(growing, 31)).toMatchObject({ live: 400, goal: 800, allocated: 410, lastCollectionAge: 30 });
  });

  it('never collects with GOGC=off and no limit', () => {
    const off = heapAt({ ...program, gogc: 'off', retains: 'all' }, 50);
    expect(off).toMatchObject({ goal: 'off', allocated: 600, collections: 0, lastCollectionAge: undefined });
  });
});

describe('runtimeStats', () => {
  it('adds up as runtime.MemStats does', () => {
    const big = { ...program, liveBytes: 100e6, allocationRate: 10e6 };
    for (const age of [0, 3, 9.99, 10, 25, 1000]) {
      const stats = runtimeStats(big, heapAt(big, age), 0.5);
      const parts = [
        stats.heapSys,
        stats.stackInuse,
        stats.mspanSys,
        stats.mcacheSys,
        stats.buckHashSys,
        stats.gcSys,
        stats.otherSys,
      ];
      expect(stats.sys).toBe(parts.reduce((sum, part) => sum + part, 0));
      expect(stats.heapSys).toBe(stats.heapInuse + stats.heapIdle);
      expect(stats.heapReleased).toBeGreaterThanOrEqual(0);
      expect(stats.heapReleased).toBeLessThanOrEqual(stats.heapIdle);
      expect(stats.managed).toBe(stats.sys - stats.heapReleased);
      expect(stats.mspanInuse).toBeLessThanOrEqual(stats.mspanSys);
      expect(stats.mcacheInuse).toBeLessThanOrEqual(stats.mcacheSys);
    }
  });

  it('sums its pauses', () => {
    const heap = heapAt(program, 25);
    const pauses = Array.from({ length: heap.collections }, (_, index) => pauseNs(program, index));
    expect(runtimeStats(program, heap, 0).pauseTotalNs).toBe(pauses.reduce((sum, pause) => sum + pause, 0));
  });
});

import { describe, expect, it } from 'vitest';
import type { ArrayOffset, FieldOffset, RuntimeOffsets } from '../../../src/go/memory/offset-types.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';

const STRUCTS = [
  'gcController',
  'memstats',
  'sched',
  'gcCPULimiter',
  'p',
  'g',
  'heapStatsDelta',
  'cpuStats',
  'timeHistogram',
  'bucket',
  'memRecord',
  'memRecordCycle',
] as const;

const rows = Object.entries(RUNTIME_OFFSETS);
const of = (version: string): RuntimeOffsets => {
  const row = RUNTIME_OFFSETS[version];
  if (row === undefined) throw new Error(`no row for ${version}`);
  return row;
};

/** [name, first byte, first byte after] of every field that the version has. */
function extents(row: RuntimeOffsets, struct: (typeof STRUCTS)[number]): [string, number, number][] {
  return Object.entries(row[struct] ?? {}).flatMap(([name, field]: [string, unknown]) => {
    if (name === 'byteSize' || field === undefined) return [];
    const [offset, size, count = 1] = field as FieldOffset | ArrayOffset;
    return [[name, offset, offset + size * count] satisfies [string, number, number]];
  });
}

describe('the layouts of the runtime', () => {
  it('has a row for every Go minor version from 17 to 27, and for the two that changed at a patch level', () => {
    const minors = Array.from({ length: 11 }, (_, i) => `1.${i + 17}`);
    expect(rows.map(([version]) => version).sort()).toEqual([...minors, '1.17.0', '1.18.0'].sort());
  });

  it.each(rows)('%s: every field lies inside its struct, on its own boundary, and no two overlap', (_version, row) => {
    for (const struct of STRUCTS) {
      const { amd64, arm64 } = row[struct]?.byteSize ?? { amd64: 0, arm64: 0 };
      let end = 0;
      for (const [name, first, after] of extents(row, struct).sort((one, other) => one[1] - other[1])) {
        expect(first, `${struct}.${name} begins after its neighbour`).toBeGreaterThanOrEqual(end);
        expect(after, `${struct}.${name} ends inside`).toBeLessThanOrEqual(Math.min(amd64, arm64));
        end = after;
      }
    }
  });

  it.each(rows)('%s: numbers are aligned to their size', (_version, row) => {
    const misaligned = STRUCTS.flatMap((struct) =>
      Object.entries(row[struct] ?? {}).filter(([name, field]: [string, unknown]) => {
        if (name === 'byteSize' || field === undefined) return false;
        const [offset, size] = field as FieldOffset;
        return offset % Math.min(size, 8) !== 0;
      }),
    );
    expect(misaligned).toEqual([]);
  });

  it.each(rows)('%s: what one struct says of another agrees with the other', (_version, row) => {
    const { heapStatsDelta, memRecordCycle, memRecord, memstats, sched, timeHistogram } = row;
    const [stats, deltas] = [memstats['heapStats.stats'], heapStatsDelta.byteSize.amd64];
    // consistentHeapStats is three deltas and then the generation (runtime/mstats.go).
    expect(stats.slice(1)).toEqual([deltas, 3]);
    expect(memstats['heapStats.gen'][0]).toBe(stats[0] + 3 * deltas);
    // A record is the published cycle and three to come (runtime/mprof.go).
    const cycle = memRecordCycle.byteSize.amd64;
    expect([memRecord.active, memRecord.future]).toEqual([
      [0, cycle],
      [cycle, cycle, 3],
    ]);
    expect(memRecord.byteSize.amd64).toBe(4 * cycle);
    expect(sched['timeToRun.counts'].slice(1)).toEqual(timeHistogram.counts.slice(1));
    expect(memstats.pause_ns.slice(1)).toEqual([8, 256]);
    expect(memstats.pause_end.slice(1)).toEqual([8, 256]);
  });

  it.each(rows)('%s: the constants of the histogram make as many buckets as it has', (_version, row) => {
    const { timeHistSubBucketBits, timeHistNumSuperBuckets, timeHistMinBucketBits, timeHistMaxBucketBits } =
      row.constants;
    const octaves =
      timeHistNumSuperBuckets ?? (timeHistMaxBucketBits ?? Number.NaN) - (timeHistMinBucketBits ?? Number.NaN) + 1;
    expect(octaves * 2 ** timeHistSubBucketBits).toBe(row.timeHistogram.counts[2]);
  });

  it.each(rows)('%s: wait reasons and statuses are words, and dead ones are named', (_version, row) => {
    expect(row.waitReasons.length).toBeLessThanOrEqual(256);
    expect(row.waitReasons).toContain('chan receive');
    expect(row.waitReasons[2]).toBe('IO wait');
    expect([...row.waitReasons, ...row.statuses].filter((word) => !/^[ -~]*$/.test(word))).toEqual([]);
    expect(row.statuses[row.constants._Gdead]).toBe('dead');
    expect(row.statuses.length).toBeLessThanOrEqual(row.constants._Gscan);
  });

  it.each(rows)('%s: there is one way to count free goroutines and one to count runnable ones', (_version, row) => {
    const { sched, p } = row;
    expect(sched['gFree.n'] === undefined).toBe(sched['gFree.stack.size'] !== undefined);
    expect(sched['gFree.stack.size'] === undefined).toBe(sched['gFree.noStack.size'] === undefined);
    expect(p['gFree.n'] === undefined).toBe(p['gFree.size'] !== undefined);
    expect(sched.runqsize === undefined).toBe(sched['runq.size'] !== undefined);
  });
});

describe('figures worked out from the source of the runtime', () => {
  it('1.19: gcControllerState, runtime/mgcpacer.go', () => {
    // It begins gcPercent int32, 4 bytes of padding, memoryLimit int64, heapMinimum uint64.
    const { gcController } = of('1.19');
    expect(gcController.gcPercent).toEqual([0, 4]);
    expect(gcController.memoryLimit).toEqual([8, 8]);
    expect(gcController.heapMinimum).toEqual([16, 8]);
    expect(gcController.heapLive).toEqual([136, 8]);
    expect(gcController.heapMarked).toEqual([184, 8]);
    expect(gcController.byteSize).toEqual({ amd64: 424, arm64: 424 });
  });

  it('1.27: gcControllerState is as in 1.21, longer on arm64 by a cache line', () => {
    expect(of('1.27').gcController).toEqual(of('1.21').gcController);
    expect(of('1.27').gcController.heapMarked).toEqual([152, 8]);
    expect(of('1.27').gcController.byteSize).toEqual({ amd64: 392, arm64: 392 + 64 });
  });

  it('1.25: sched got 8 bytes before its lock, runtime/runtime2.go', () => {
    expect(of('1.24').sched['lock.key'][0] + 8).toBe(of('1.25').sched['lock.key'][0]);
    expect(of('1.24').sched.ngsys).toEqual([72, 4]);
    expect(of('1.25').sched.ngsys).toEqual([80, 4]);
  });

  it('1.27: a cycle of the memory profile has no byte counts, runtime/mprof.go', () => {
    expect(of('1.26').memRecordCycle.free_bytes).toEqual([24, 8]);
    expect(of('1.27').memRecordCycle).toMatchObject({ alloc_bytes: undefined, free_bytes: undefined });
    expect(of('1.27').memRecordCycle.byteSize.amd64).toBe(16);
  });

  it('1.18.0: a delta of the heap statistics ends with padding that 1.18 has not', () => {
    // 9 uint64 (1.18: committed to largeAllocCount), 68 size classes twice, largeFree and largeFreeCount: 72 + 544 + 16 + 544.
    expect(of('1.18').heapStatsDelta.byteSize.amd64).toBe(1176);
    expect(of('1.18.0').heapStatsDelta.byteSize.amd64).toBe(1176 + 8);
  });

  it('a number of a wait reason means another reason in another version', () => {
    expect(of('1.25').waitReasons[14]).toBe('chan receive');
    expect(of('1.26').waitReasons[14]).toBe('sleep');
    expect(of('1.19').waitReasons[21]).toBe('timer goroutine (idle)');
    expect(of('1.20').waitReasons[21]).toBe('sync.Mutex.Lock');
  });

  it('versions lack what came later', () => {
    expect(of('1.18').gcController.memoryLimit).toBeUndefined();
    expect(of('1.18').gcCPULimiter).toBeUndefined();
    expect(of('1.19').cpuStats).toBeUndefined();
    expect(of('1.24').sched.customGOMAXPROCS).toBeUndefined();
    expect(of('1.25').sched.goroutinesCreated).toBeUndefined();
  });
});

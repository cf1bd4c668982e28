import { describe, expect, it } from 'vitest';
import { HISTORY_BOUNDS, HistoryBook } from '../../../src/agent/history/history-book.ts';
import { SeriesRing } from '../../../src/agent/history/series-ring.ts';
import { container, goProcess, MIB, memory, nodeModel, told } from '../../rules/models.ts';

const { NaN: none } = Number;

describe('a ring of series', () => {
  it('keeps lowest and highest of each bucket, in order of time', () => {
    const ring = new SeriesRing(2, 3);
    ring.advance(10);
    ring.note(0, 5);
    ring.note(0, 2);
    ring.note(1, 9);
    ring.advance(11);
    ring.note(0, 7);
    expect([...ring.read(0).lowest]).toEqual([none, 2, 7]);
    expect([...ring.read(0).highest]).toEqual([none, 5, 7]);
    expect([...ring.read(1).highest]).toEqual([none, 9, none]);
  });

  it('leaves buckets empty in which nothing came, and forgets what is too old', () => {
    const ring = new SeriesRing(1, 3);
    for (const [bucket, value] of [
      [1, 1],
      [2, 2],
      [4, 4],
    ] as const) {
      ring.advance(bucket);
      ring.note(0, value);
    }
    expect([...ring.read(0).highest]).toEqual([2, none, 4]);
    ring.advance(100);
    expect([...ring.read(0).highest]).toEqual([none, none, none]);
    // A clock that went back adds to the newest.
    ring.advance(99);
    ring.note(0, 1);
    expect([...ring.read(0).highest]).toEqual([none, none, 1]);
  });
});

describe('the book of the last hour', () => {
  const at = (seconds: number) => ({ wallMs: seconds * 1000, monotonicMs: seconds * 1000 });

  it('folds models into half minutes', () => {
    const book = new HistoryBook();
    const look = (seconds: number, goroutines: number, mib: number) => {
      const process = goProcess({ runtime: { goroutines: told(goroutines), heapGoalBytes: told('off') } });
      book.note(
        nodeModel({
          at: at(seconds),
          goProcesses: [process],
          containers: [container({ memory: memory({ currentBytes: mib * MIB }) })],
        }),
      );
    };
    look(30, 10, 100);
    look(45, 30, 90);
    look(61, 20, 95);
    const { series, bucketSeconds, endUnixMs } = book.workload('7@5000')!;
    expect([bucketSeconds, endUnixMs]).toEqual([30, 61_000]);
    expect([...series.goroutines.lowest.slice(-3)]).toEqual([none, 10, 20]);
    expect([...series.goroutines.highest.slice(-3)]).toEqual([none, 30, 20]);
    expect([...series.memoryBytes.lowest.slice(-2)]).toEqual([90 * MIB, 95 * MIB]);
    // Off is no number.
    expect(series.heapGoalBytes.highest.every(Number.isNaN)).toBe(true);
    expect(book.node().series.memoryAvailableBytes.highest.at(-1)).toBe(32 * 1024 * MIB);
    expect(book.workload('8@1')).toBeUndefined();
  });

  it('is bounded, says for how many there is no room, and gives the room of the gone to others', () => {
    const book = new HistoryBook({ bucketSeconds: 30, points: 4, maxWorkloads: 2 });
    const look = (seconds: number, ...pids: number[]) => {
      const goProcesses = pids.map((pid) => goProcess({ key: `${pid}@1`, pid, containerKey: undefined }));
      book.note(nodeModel({ at: at(seconds), goProcesses }));
    };
    look(30, 1, 2, 3);
    expect([book.size, book.leftOut]).toEqual([2, 1]);
    expect(book.workload('3@1')).toBeUndefined();
    const { bytes } = book;
    look(60, 2, 3);
    expect([book.size, book.leftOut]).toEqual([2, 0]);
    expect(book.workload('1@1')).toBeUndefined();
    expect([...book.workload('3@1')!.series.goroutines.highest]).toEqual([none, none, none, 50]);
    expect(book.bytes).toBe(bytes);
    // Four buckets later nothing is left of what ended.
    look(180);
    expect(book.size).toBe(0);
  });

  it('goes on over a restart in the same container of the pod, but never mixes two that run', () => {
    const book = new HistoryBook({ bucketSeconds: 30, points: 4, maxWorkloads: 8 });
    const run = (key: string, goroutines: number) => goProcess({ key, runtime: { goroutines: told(goroutines) } });
    const look = (seconds: number, ...goProcesses: ReturnType<typeof run>[]) => {
      book.note(nodeModel({ at: at(seconds), goProcesses, containers: [container()] }));
    };
    const seen = (key: string) => [...(book.workload(key)?.series.goroutines.highest ?? [])];
    look(30, run('1@1', 5));
    look(60, run('2@2', 6));
    expect(seen('2@2')).toEqual([none, none, 5, 6]);
    expect(book.workload('1@1')).toBeUndefined();
    look(90, run('3@3', 1), run('2@2', 7));
    expect(seen('2@2')).toEqual([none, 5, 6, 7]);
    expect(seen('3@3')).toEqual([none, none, none, 1]);
  });

  it('takes 7680 bytes for a workload: 8 series, lowest and highest, 120 points of 4 bytes', () => {
    const { points } = HISTORY_BOUNDS;
    expect(new SeriesRing(8, points).bytes).toBe(8 * 2 * 120 * 4);
    const book = new HistoryBook();
    const empty = book.bytes;
    book.note(nodeModel({ at: at(30), goProcesses: [goProcess()] }));
    expect(book.bytes - empty).toBe(7680);
  });
});

import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/base/reading.ts';
import { type CensusOptions, goroutineCensus } from '../../../src/go/memory/goroutine-census.ts';
import { layoutNamed } from '../../../src/go/memory/layout.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import type { GoroutineCensus, SourceLine } from '../../../src/go/memory/types.ts';
import { AT, type FakeGoroutine, type FakeRuntime, fakeRuntime, GOROUTINES } from './fake-runtime.ts';

const NAMES: readonly (readonly [number, string])[] = [
  [0x0f, 'runtime.rt0_go'],
  [0x1f, 'runtime.init.5'],
  [0x2f, 'main.serve'],
  [0x1000, 'runtime.main'],
  [0x2000, 'runtime.bgsweep'],
  [0x3000, 'main.worker'],
  [0x4000, 'runtime.corostart'],
];

function nameAt(pc: number): SourceLine | undefined {
  const name = NAMES.find(([offset]) => AT.code + offset === pc)?.[1];
  return name === undefined ? undefined : { function: name, file: 'main.go', line: pc - AT.code };
}

interface Result {
  readonly reading: Reading<GoroutineCensus>;
  readonly steps: number;
}

function census({ memory }: FakeRuntime, options: Partial<CensusOptions> = {}): Result {
  const layout = layoutNamed('1.27', RUNTIME_OFFSETS)!;
  const work = goroutineCensus(memory, layout, AT.allgs, '/proc/7/mem', {
    nameAt,
    monotonicNs: 65_000_000_000,
    nowMs: () => 0,
    ...options,
  });
  for (let steps = 0; ; steps++) {
    const step = work.next();
    if (step.done === true) return { reading: step.value, steps };
  }
}

function found(result: Result): GoroutineCensus {
  if (!result.reading.ok) throw new Error(result.reading.miss.detail);
  return result.reading.value;
}

const worker: FakeGoroutine = { status: 4, entry: AT.code + 0x3000, createdAt: AT.code + 0x30, reason: 19 };

describe('goroutineCensus', () => {
  it('groups by where they start and what they wait for, without dead ones and the runtime’s own', () => {
    const createdBy = { function: 'main.serve', file: 'main.go', line: 0x2f };
    const entry = { function: 'main.worker', file: 'main.go', line: 0x3000 };
    expect(found(census(fakeRuntime()))).toEqual({
      total: 5,
      examined: 14,
      sampled: false,
      sites: [
        // The first of them has waited since 5 s on a clock that says 65 s.
        { count: 3, createdBy, entry, waitReason: 'chan receive', waitSeconds: 60 },
        {
          count: 1,
          createdBy: { function: 'runtime.rt0_go', file: 'main.go', line: 0x0f },
          entry: { function: 'runtime.main', file: 'main.go', line: 0x1000 },
          waitReason: 'syscall',
          waitSeconds: undefined,
        },
        { count: 1, createdBy, entry, waitReason: 'runnable', waitSeconds: undefined },
      ],
      otherGoroutines: 0,
    });
  });

  it('names statuses and reasons by the runtime’s words', () => {
    const entry = AT.code + 0x3000;
    const goroutines: FakeGoroutine[] = [
      { status: 2, entry },
      { status: 0x1002, entry, createdAt: AT.code + 0x30 },
      { status: 9, entry },
      { status: 10, entry, reason: 19 },
      { status: 4, entry, reason: 200 },
      { status: 5, entry },
      { status: 99, entry },
      { status: 11, entry: 0 },
    ];
    const { sites } = found(census(fakeRuntime('1.27', goroutines)));
    expect(sites.map(({ waitReason }) => waitReason).sort()).toEqual([
      'chan receive (leaked)',
      'preempted',
      // The second is being scanned, which is no status of its own.
      'running',
      'running',
      'unknown status',
      'unknown status',
      'unknown wait reason',
    ]);
  });

  it('counts goroutines of C threads and coroutines as the program’s', () => {
    const goroutines = [worker, { status: 3, entry: 0 }, { status: 4, entry: AT.code + 0x4000, reason: 19 }];
    const { total, sites } = found(census(fakeRuntime('1.27', goroutines)));
    expect(total).toBe(3);
    expect(sites.map((site) => site.entry?.function).sort()).toEqual(['main.worker', 'runtime.corostart', undefined]);
    expect(sites.find((site) => site.entry === undefined)?.createdBy).toBeUndefined();
  });

  it('leaves out waits that lie in the future or before the clock began', () => {
    const goroutines = [
      { ...worker, since: 66_000_000_000 },
      { ...worker, since: -5 },
      { ...worker, since: 0 },
    ];
    expect(found(census(fakeRuntime('1.27', goroutines))).sites).toMatchObject([{ count: 3, waitSeconds: undefined }]);
  });

  it('scales an even sample up', () => {
    const many = Array.from({ length: 9000 }, (_, index) => (index % 3 === 0 ? GOROUTINES[0]! : worker));
    const runtime = fakeRuntime('1.27', many);
    // Every tenth of 9000: a third of them main's kind.
    const result = found(census(runtime, { maxGoroutines: 900 }));
    expect(result).toMatchObject({ total: 9000, examined: 900, sampled: true, otherGoroutines: 0 });
    expect(result.sites.map((site) => site.count)).toEqual([6000, 3000]);
    expect(found(census(runtime)).examined).toBe(9000);
  });

  it('keeps the largest sites and counts the rest', () => {
    const result = found(census(fakeRuntime(), { maxSites: 1 }));
    expect(result.sites.map((site) => site.count)).toEqual([3]);
    expect(result).toMatchObject({ total: 5, otherGoroutines: 2 });
  });

  it('copies neighbours together, and pauses every 2 ms of its clock', () => {
    const runtime = fakeRuntime(
      '1.27',
      Array.from({ length: 2048 }, () => worker),
    );
    runtime.memory.reads = 0;
    let now = 0;
    const { steps } = census(runtime, { nowMs: () => (now += 1) });
    // The list's header, four pieces of the list, and for each of them 512 structures of 480 bytes in runs of 64 KiB.
    expect(runtime.memory.reads).toBe(1 + 4 + 4 * 4);
    expect(steps).toBeGreaterThan(1);
  });

  it('looks each address up once', () => {
    const asked: number[] = [];
    census(fakeRuntime(), {
      nameAt: (pc) => {
        asked.push(pc);
        return nameAt(pc);
      },
    });
    expect(asked).toHaveLength(new Set(asked).size);
  });

  it.each([
    [
      'a list that is nowhere',
      (r: FakeRuntime) => {
        r.set(AT.allgs, [0, 8], 0x1234_0000);
      },
      'a goroutine cannot be read',
    ],
    [
      'no list',
      (r: FakeRuntime) => {
        r.set(AT.allgs, [0, 8], 0);
      },
      'no list of goroutines',
    ],
    [
      'a nil goroutine',
      (r: FakeRuntime) => {
        r.set(AT.goroutineList, [16, 8], 0);
      },
      'a goroutine cannot be read',
    ],
    [
      '2^40 goroutines',
      (r: FakeRuntime) => {
        r.set(AT.allgs, [8, 8], 2 ** 40);
      },
      'no list of goroutines',
    ],
    [
      '2^63 goroutines',
      (r: FakeRuntime) => {
        r.set(AT.allgs, [8, 8], 2n ** 63n);
      },
      'no list of goroutines',
    ],
  ])('fails on %s', (_, change, detail) => {
    const runtime = fakeRuntime();
    change(runtime);
    runtime.memory.reads = 0;
    const { reading } = census(runtime);
    expect(reading.ok ? undefined : reading.miss).toMatchObject({ kind: 'failed', reader: 'goroutine_census', detail });
    expect(runtime.memory.reads).toBeLessThan(10);
  });

  it('fails when nothing it finds is code of the program', () => {
    const { reading } = census(fakeRuntime(), { nameAt: () => undefined });
    expect(reading.ok ? undefined : reading.miss.detail).toBe('goroutines that start outside the program');
  });

  it('is absent when the process goes on the way', () => {
    const runtime = fakeRuntime();
    runtime.memory.readsLeft = 2;
    const { reading } = census(runtime);
    expect(reading.ok ? undefined : reading.miss.kind).toBe('absent');
  });
});

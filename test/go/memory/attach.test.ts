import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttachedRuntime, attach } from '../../../src/go/memory/attach.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import type { RuntimeSnapshot } from '../../../src/go/memory/types.ts';
import { parseGoVersion } from '../../../src/go/version.ts';
import { AT, type FakeRuntime, fakeRuntime, GOROUTINES } from './fake-runtime.ts';

const SOURCE = '/proc/7/mem';

function attached({ memory, addresses }: FakeRuntime): AttachedRuntime {
  const reading = attach(addresses, memory, 0, { source: SOURCE });
  if (!reading.ok) throw new Error(reading.miss.detail);
  return reading.value;
}

function snapshotOf(runtime: FakeRuntime): RuntimeSnapshot {
  const reading = attached(runtime).snapshot();
  if (!reading.ok) throw new Error(reading.miss.detail);
  return reading.value;
}

/** The miss of a runtime that is refused; an empty text when it is not. */
function refusal({ memory, addresses }: FakeRuntime): string {
  const reading = attach(addresses, memory, 0, { source: SOURCE });
  return reading.ok ? '' : `${reading.miss.kind}: ${reading.miss.detail}`;
}

describe('attach', () => {
  it('reads every value of a snapshot', () => {
    const { schedulerLatency, ...snapshot } = snapshotOf(fakeRuntime());
    expect(snapshot).toEqual({
      layout: '1.27',
      method: 'symbols',
      gomaxprocs: 2,
      ncpu: 4,
      gomaxprocsCustom: true,
      gogc: 100,
      gomemlimit: 'off',
      heapLive: 7_000_000,
      heapMarked: 6_000_000,
      // 6,000,000 marked + 100 % of (6,000,000 + 100,000 stacks + 200,000 globals)
      heapGoal: 12_300_000,
      // The goal less a runway of 1,000,000, between 10,429,665 and 12,004,657.
      heapTrigger: 11_300_000,
      goalSetBy: 'GOGC',
      stackScan: 100_000,
      globalsScan: 200_000,
      heapInUse: 9_000_000,
      heapFree: 1_000_000,
      heapReleased: 2_000_000,
      // 9,000,000 + 1,000,000 heap, 500,000 stacks, 300,000 work buffers, 2,789,600 of other kinds
      mappedReady: 13_589_600,
      totalAlloc: 40_000_000,
      totalFree: 33_000_000,
      stacksInUse: 500_000,
      stacksSys: 510_000,
      mspanSys: 160_000,
      mcacheSys: 15_600,
      buckHashSys: 4_000,
      gcSys: 2_300_000,
      otherSys: 600_000,
      numGc: 3,
      numForcedGc: 1,
      pauseTotalNs: 600,
      lastGcUnixMs: 1_700_000_000_003,
      recentPauses: [
        { endUnixMs: 1_700_000_000_003, pauseNs: 300 },
        { endUnixMs: 1_700_000_000_002, pauseNs: 200 },
        { endUnixMs: 1_700_000_000_001, pauseNs: 100 },
      ],
      gcCpuFraction: 0.01,
      cpuClasses: {
        gcAssist: 1_000,
        gcDedicated: 20_000,
        gcIdle: 300,
        gcPause: 4_000,
        gcTotal: 25_300,
        scavengeTotal: 30,
        idle: 50_000,
        user: 24_670,
        total: 100_000,
      },
      limiterLastEnabledCycle: 2,
      // 14 structures, 3 free in sched and 1 in a P, 5 of the runtime's own
      goroutines: 5,
      goroutinesCreated: undefined,
      idlePs: 1,
      // 1 in the global queue, 2 and the next one of the first P
      runnable: 4,
      threads: 6,
    });
    expect(schedulerLatency?.counts).toHaveLength(162);
    expect(schedulerLatency?.counts.map((count, index) => [index, count]).filter(([, count]) => count !== 0)).toEqual([
      [0, 1],
      [1, 5],
      [4, 2],
      [161, 4],
    ]);
    expect(schedulerLatency?.boundsSeconds).toHaveLength(162);
  });

  it('reads what Go 1.18 has, and says nothing of what it lacks', () => {
    expect(snapshotOf(fakeRuntime('1.18'))).toMatchObject({
      layout: '1.18',
      gomemlimit: undefined,
      heapGoal: 12_300_000,
      heapTrigger: 11_300_000,
      stackScan: undefined,
      // 12,000,000 of heap_sys less 9,000,000 in use less 2,000,000 given back
      heapFree: 1_000_000,
      mappedReady: 13_589_600,
      totalAlloc: undefined,
      cpuClasses: undefined,
      limiterLastEnabledCycle: undefined,
      gomaxprocsCustom: undefined,
      goroutines: 5,
    });
  });

  it.each(Object.keys(RUNTIME_OFFSETS))('accepts a runtime laid out as %s', (name) => {
    expect(snapshotOf(fakeRuntime(name)).layout).toBe(name);
  });

  it('takes the table of first releases where the later one does not fit', () => {
    const runtime = fakeRuntime('1.18.0');
    const addresses = { ...runtime.addresses, goVersion: parseGoVersion('go1.18.2')! };
    expect(snapshotOf({ ...runtime, addresses }).layout).toBe('1.18.0');
  });

  it('tries the newest layout on a newer Go, and refuses versions older than the layouts', () => {
    const runtime = fakeRuntime();
    const newer = { ...runtime.addresses, goVersion: parseGoVersion('go1.31.2')! };
    expect(snapshotOf({ ...runtime, addresses: newer }).layout).toBe('1.27');
    const older = { ...runtime.addresses, goVersion: parseGoVersion('go1.16.4')! };
    expect(refusal({ ...runtime, addresses: older })).toBe('unsupported: go1.16.4: no layout for this version');
    const other = { ...runtime.addresses, goVersion: parseGoVersion('go2.0')! };
    expect(refusal({ ...runtime, addresses: other })).toContain('no layout');
  });

  it('adds the load bias to every address', () => {
    const runtime = fakeRuntime();
    const down = (address: number): number => address - 0x1000;
    const { addresses } = runtime;
    const shifted = {
      ...addresses,
      gcController: down(AT.gcController),
      memstats: down(AT.memstats),
      sched: down(AT.sched),
      gcCpuLimiter: down(AT.gcCpuLimiter),
      cpuStats: down(AT.cpuStats),
      gomaxprocs: addresses.gomaxprocs.map(down),
      ncpu: addresses.ncpu.map(down),
      allp: addresses.allp.map(down),
      allgs: addresses.allgs.map(down),
      allglen: addresses.allglen.map(down),
    };
    expect(attach(shifted, runtime.memory, 0x1000, { source: SOURCE }).ok).toBe(true);
    expect(attach(shifted, runtime.memory, 0, { source: SOURCE }).ok).toBe(false);
  });

  it('settles candidates by what memory says', () => {
    const runtime = fakeRuntime();
    const { addresses } = runtime;
    const several = {
      ...addresses,
      gomaxprocs: [0x10, AT.ncpu, AT.gomaxprocs],
      ncpu: [AT.gcController + 4, AT.ncpu],
      allp: [AT.allgs, 0x10, AT.allp],
      allgs: [AT.allp, AT.allgs],
      allglen: [AT.gomaxprocs + 8, AT.allglen],
    };
    expect(snapshotOf({ ...runtime, addresses: several })).toMatchObject({ gomaxprocs: 2, ncpu: 4, goroutines: 5 });
  });

  it('says undefined for what the executable does not show', () => {
    const runtime = fakeRuntime();
    const addresses = { ...runtime.addresses, cpuStats: undefined, gcCpuLimiter: undefined, ncpu: [] };
    const snapshot = snapshotOf({ ...runtime, addresses });
    expect(snapshot).toMatchObject({ cpuClasses: undefined, limiterLastEnabledCycle: undefined, ncpu: undefined });
    expect(attached({ ...runtime, addresses }).attestation.checks.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'passed',
      'passed',
      'not applicable',
      'not applicable',
    ]);
    for (const name of ['gcController', 'memstats', 'sched'] as const)
      expect(refusal({ ...runtime, addresses: { ...runtime.addresses, [name]: undefined } })).toContain(
        `${name} not found`,
      );
  });

  it('reads GOGC=off, whose minimum heap wraps around, and GOMEMLIMIT', () => {
    const runtime = fakeRuntime();
    const c = runtime.offsets.gcController;
    runtime.set(AT.gcController, c.gcPercent, -1);
    // (2^64 - 4 MiB) / 100
    runtime.set(AT.gcController, c.heapMinimum, 184_467_440_737_053_573n);
    runtime.set(AT.gcController, c.gcPercentHeapGoal, 2n ** 64n - 1n);
    expect(snapshotOf(runtime)).toMatchObject({
      gogc: 'off',
      heapGoal: 'off',
      heapTrigger: undefined,
      goalSetBy: undefined,
    });
    runtime.set(AT.gcController, c.memoryLimit, 40_000_000);
    // Not heap: 13,589,600 - 1,000,000 - 7,000,000 = 5,589,600. Of 34,410,400 the headroom is 3 x 344,104 < 1 MiB.
    expect(snapshotOf(runtime)).toMatchObject({
      gomemlimit: 40_000_000,
      heapGoal: 34_410_400 - 1_048_576,
      goalSetBy: 'GOMEMLIMIT',
    });
  });

  it('keeps pauses it has seen, and takes only new ones', () => {
    const runtime = fakeRuntime();
    const { memstats } = runtime.offsets;
    const reader = attached(runtime);
    const pauses = (): RuntimeSnapshot['recentPauses'] => {
      const reading = reader.snapshot();
      return reading.ok ? reading.value.recentPauses : [];
    };
    const before = pauses();
    expect(pauses()).toBe(before);
    runtime.set(AT.memstats, memstats.pause_ns, 400, 3);
    runtime.set(AT.memstats, memstats.pause_end, 1_700_000_000_009_000_000n, 3);
    runtime.set(AT.memstats, memstats.numgc, 4);
    const after = pauses();
    expect(after.map(({ pauseNs }) => pauseNs)).toEqual([400, 300, 200, 100]);
    expect(after[1]).toBe(before[0]);
  });

  it('needs 12 reads for a poll of two Ps', () => {
    const runtime = fakeRuntime();
    const reader = attached(runtime);
    runtime.memory.reads = 0;
    expect(reader.snapshot().ok).toBe(true);
    expect(runtime.memory.reads).toBe(12);
  });
});

describe('attach to a runtime that contradicts itself', () => {
  type Change = (runtime: FakeRuntime) => void;
  const changes: readonly (readonly [string, string, Change])[] = [
    [
      'a minimum heap that is not of GOGC',
      'pacer equation',
      (r) => {
        r.set(AT.gcController, r.offsets.gcController.heapMinimum, 4_194_305);
      },
    ],
    [
      'a goal that is not of the marked heap',
      'pacer equation',
      (r) => {
        r.set(AT.gcController, r.offsets.gcController.heapMarked, 6_000_001);
      },
    ],
    [
      'more mapped than its parts',
      'mapped memory',
      (r) => {
        // 1260 pages are 5,160,960; 5 % of 18,750,560 and 4 MiB make 5,131,832.
        r.set(AT.gcController, r.offsets.gcController.mappedReady, 13_589_600 + 1260 * 4096);
      },
    ],
    [
      'a little more mapped than its parts',
      'mapped memory',
      (r) => {
        r.set(AT.gcController, r.offsets.gcController.mappedReady, 13_589_600 + 8);
      },
    ],
    [
      'no memory for spans',
      'mapped memory',
      (r) => {
        r.set(AT.memstats, r.offsets.memstats.mspan_sys, 0);
      },
    ],
    [
      'two heaps of different size',
      'mapped memory',
      (r) => {
        r.set(AT.memstats + r.offsets.memstats['heapStats.stats'][0], r.offsets.heapStatsDelta.inHeap, 8_500_001);
      },
    ],
    [
      'a heap below nothing',
      'mapped memory',
      (r) => {
        r.set(AT.memstats + r.offsets.memstats['heapStats.stats'][0], r.offsets.heapStatsDelta.inStacks, -1_000_000);
      },
    ],
    [
      'more live than in use',
      'mapped memory',
      (r) => {
        // 9,000,000, 5 % of it and 4 MiB make 13,644,304.
        r.set(AT.gcController, r.offsets.gcController.heapLive, 13_644_305);
      },
    ],
    [
      'more idle Ps than Ps',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched.npidle, 3);
      },
    ],
    [
      'more idle threads than threads',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched.nmidle, 7);
      },
    ],
    [
      'no thread at all',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched.nmfreed, 7);
      },
    ],
    [
      'no system goroutines',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched.ngsys, 0);
      },
    ],
    [
      'more queued than there are',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched['runq.size'], 1_000_000);
      },
    ],
    [
      'a flag of 2',
      'scheduler counts',
      (r) => {
        r.set(AT.sched, r.offsets.sched.customGOMAXPROCS, 2);
      },
    ],
    [
      'dead goroutines that are not counted',
      'goroutine statuses',
      (r) => {
        r.set(AT.sched, r.offsets.sched['gFree.stack.size'], 8);
      },
    ],
    [
      'an unknown status',
      'goroutine statuses',
      (r) => {
        r.set(AT.goroutines, r.offsets.g.atomicstatus, 77);
      },
    ],
    [
      'a goroutine without a number',
      'goroutine statuses',
      (r) => {
        r.set(AT.goroutines, r.offsets.g.goid, 0);
      },
    ],
    [
      'goroutines that start in the heap',
      'goroutine statuses',
      (r) => {
        for (let g = 0; g < 10; g++) r.set(AT.goroutines + g * 480, r.offsets.g.startpc, AT.goroutines);
      },
    ],
    [
      'a goroutine that is nowhere',
      'goroutine statuses',
      (r) => {
        r.set(AT.goroutineList, [8, 8], 0x7000_0000_0000);
      },
    ],
    [
      'a last collection without its pause',
      'pause ring',
      (r) => {
        r.set(AT.memstats, r.offsets.memstats.last_gc_unix, 1_700_000_000_003_000_001n);
      },
    ],
    [
      'pauses that do not add up',
      'pause ring',
      (r) => {
        r.set(AT.memstats, r.offsets.memstats.pause_total_ns, 601);
      },
    ],
    [
      'more forced collections than collections',
      'pause ring',
      (r) => {
        r.set(AT.memstats, r.offsets.memstats.numforcedgc, 4);
      },
    ],
    [
      'a pause before the first collection',
      'pause ring',
      (r) => {
        r.set(AT.memstats, r.offsets.memstats.numgc, 0);
        r.set(AT.memstats, r.offsets.memstats.numforcedgc, 0);
      },
    ],
    [
      'collection time by the nanosecond',
      'cpu sums',
      (r) => {
        r.set(AT.cpuStats, r.offsets.cpuStats!.GCTotalTime, 25_301);
      },
    ],
    [
      'all time less than its parts',
      'cpu sums',
      (r) => {
        r.set(AT.cpuStats, r.offsets.cpuStats!.TotalTime, 90_000);
      },
    ],
    [
      'a limiter of another size',
      'limiter capacity',
      (r) => {
        r.set(AT.gcCpuLimiter, r.offsets.gcCPULimiter!['bucket.capacity'], 3_000_000_000);
      },
    ],
    [
      'a limiter ahead of the collections',
      'limiter capacity',
      (r) => {
        r.set(AT.gcCpuLimiter, r.offsets.gcCPULimiter!.lastEnabledCycle, 9);
      },
    ],
    [
      'a P with a status of 9',
      'processor ids',
      (r) => {
        r.set(AT.processors, r.offsets.p.status, 9);
      },
    ],
    [
      'a P with 65 free goroutines',
      'processor ids',
      (r) => {
        r.set(AT.processors, r.offsets.p['gFree.size'], 65);
      },
    ],
  ];
  it.each(changes)('refuses %s', (_, check, change) => {
    const runtime = fakeRuntime();
    expect(refusal(runtime)).toBe('');
    change(runtime);
    expect(refusal(runtime)).toMatch(
      new RegExp(`^unsupported: go1\\.27\\.99: it is not laid out as Go 1\\.27: .*${check} \\(`),
    );
  });

  it.each([
    [
      'another minimum heap',
      (r: FakeRuntime) => {
        r.set(AT.gcController, r.offsets.gcController.heapMinimum, 1);
      },
    ],
    [
      'another P',
      (r: FakeRuntime) => {
        r.set(AT.processors, r.offsets.p.id, 7);
      },
    ],
    [
      'another GOMAXPROCS',
      (r: FakeRuntime) => {
        r.set(AT.gomaxprocs, [0, 4], 3);
      },
    ],
    [
      'another heap',
      (r: FakeRuntime) => {
        r.set(AT.gcController, r.offsets.gcController.heapInUse, 20_000_001);
      },
    ],
    [
      'no Ps',
      (r: FakeRuntime) => {
        r.set(AT.allp, [8, 8], 0);
      },
    ],
    [
      'Ps nowhere',
      (r: FakeRuntime) => {
        r.set(AT.processorList, [8, 8], 16);
      },
    ],
  ])('a poll that finds %s has failed', (_, change) => {
    const runtime = fakeRuntime();
    const reader = attached(runtime);
    change(runtime);
    const reading = reader.snapshot();
    expect(reading.ok ? undefined : reading.miss).toMatchObject({
      kind: 'failed',
      reader: 'runtime_memory',
      source: SOURCE,
    });
    expect(reader.attest().accepted).toBe(false);
  });
});

describe('attach to hostile memory', () => {
  it.each([
    [
      '2^40 goroutines',
      'allglen and allgs',
      (r: FakeRuntime) => {
        r.set(AT.allglen, [0, 8], 2 ** 40);
        r.set(AT.allgs, [8, 8], 2 ** 40);
        r.set(AT.allgs, [16, 8], 2 ** 40);
      },
    ],
    [
      'no goroutines',
      'allglen and allgs',
      (r: FakeRuntime) => {
        r.set(AT.allglen, [0, 8], 0);
        r.set(AT.allgs, [8, 8], 0);
      },
    ],
    [
      'more goroutines than there is room',
      'allglen and allgs',
      (r: FakeRuntime) => {
        r.set(AT.allgs, [16, 8], 3);
      },
    ],
    [
      'Ps nowhere',
      'gomaxprocs and allp',
      (r: FakeRuntime) => {
        r.set(AT.allp, [0, 8], 0x1234_5678_0000);
      },
    ],
    [
      'Ps in the kernel',
      'gomaxprocs and allp',
      (r: FakeRuntime) => {
        r.set(AT.allp, [0, 8], 0xffff_8000_0000_0000n);
      },
    ],
    [
      '2^31 - 1 Ps',
      'gomaxprocs and allp',
      (r: FakeRuntime) => {
        r.set(AT.gomaxprocs, [0, 4], 0x7fff_ffff);
        r.set(AT.allp, [8, 8], 0x7fff_ffff);
        r.set(AT.allp, [16, 8], 0x7fff_ffff);
      },
    ],
    [
      '-1 Ps',
      'gomaxprocs and allp',
      (r: FakeRuntime) => {
        r.set(AT.gomaxprocs, [0, 4], -1);
        r.set(AT.allp, [8, 8], -1n);
      },
    ],
  ])('refuses %s', (_, what, change) => {
    const runtime = fakeRuntime();
    change(runtime);
    expect(refusal(runtime)).toBe(`unsupported: go1.27.99: ${what} not found`);
    expect(runtime.memory.reads).toBeLessThan(50);
  });

  it('does not know the sums over more than 1024 Ps', () => {
    const runtime = fakeRuntime();
    const count = 1500;
    const list = 0xc1_0000_0000;
    runtime.memory.map(list, count * 8);
    runtime.memory.map(0xc2_0000_0000, 16_384);
    runtime.set(0xc2_0000_0000, runtime.offsets.p.id, count - 1);
    for (let index = 0; index < count; index++) runtime.set(list, [0, 8], AT.processors, index);
    runtime.set(list, [0, 8], 0xc2_0000_0000, count - 1);
    runtime.set(AT.allp, [0, 8], list);
    runtime.set(AT.allp, [8, 8], count);
    runtime.set(AT.allp, [16, 8], count);
    runtime.set(AT.gomaxprocs, [0, 4], count);
    runtime.set(AT.gcCpuLimiter, runtime.offsets.gcCPULimiter!['bucket.capacity'], count * 1_000_000_000);
    expect(snapshotOf(runtime)).toMatchObject({
      gomaxprocs: count,
      goroutines: undefined,
      runnable: undefined,
      idlePs: 1,
    });
  });

  it('is absent when the process goes, at whichever read', () => {
    const whole = fakeRuntime();
    attached(whole);
    for (let reads = 0; reads < whole.memory.reads; reads++) {
      const runtime = fakeRuntime();
      runtime.memory.readsLeft = reads;
      expect(refusal(runtime)).toBe('absent: the process has gone');
    }
    for (let reads = 0; reads < 12; reads++) {
      const runtime = fakeRuntime();
      const reader = attached(runtime);
      runtime.memory.readsLeft = reads;
      const reading = reader.snapshot();
      expect(reading.ok ? undefined : reading.miss.kind).toBe('absent');
    }
  });

  it('counts a sample of very many goroutines', () => {
    const many = Array.from({ length: 30_000 }, (_, index) => GOROUTINES[index < 14 ? index : 6]!);
    const runtime = fakeRuntime('1.27', many);
    runtime.memory.reads = 0;
    expect(refusal(runtime)).toBe('');
    expect(runtime.memory.reads).toBeLessThan(2200);
    runtime.set(AT.sched, runtime.offsets.sched['gFree.stack.size'], 10_000);
    expect(refusal(runtime)).toContain('goroutine statuses');
  });

  it('never throws, whatever the memory holds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.bigInt(0n, 2n ** 64n - 1n)), { maxLength: 6 }), (edits) => {
        const runtime = fakeRuntime();
        const reader = attached(runtime);
        const regions = runtime.memory.bytes();
        for (const [region, at, value] of edits) {
          const bytes = regions[region % regions.length]!;
          bytes.writeBigUInt64LE(value, (at % Math.floor(bytes.length / 8)) * 8);
        }
        const reading = reader.snapshot();
        expect(reading.ok || ['failed', 'absent'].includes(reading.miss.kind)).toBe(true);
        expect(typeof reader.attest().accepted).toBe('boolean');
        expect(typeof refusal(runtime)).toBe('string');
      }),
      { numRuns: 60 },
    );
  });
});

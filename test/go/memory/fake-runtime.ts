import type { ArrayOffset, FieldOffset } from '../../../src/go/memory/offset-types.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import type { RuntimeAddresses } from '../../../src/go/memory/types.ts';
import { parseGoVersion } from '../../../src/go/version.ts';
import { FakeMemory } from './fake-memory.ts';

/** Where the made-up program keeps things. Code and variables lie near each other, as in a real one; the heap does not. */
export const AT = {
  code: 0x40_0000,
  gcController: 0x60_0000,
  memstats: 0x61_0000,
  sched: 0x62_0000,
  gcCpuLimiter: 0x63_0000,
  cpuStats: 0x63_1000,
  gomaxprocs: 0x63_2000,
  ncpu: 0x63_3000,
  allp: 0x63_4000,
  allgs: 0x63_5000,
  allglen: 0x63_6000,
  mbuckets: 0x63_7000,
  processors: 0xc0_0000_0000,
  processorList: 0xc0_0100_0000,
  goroutineList: 0xc0_0200_0000,
  goroutines: 0xc0_0300_0000,
} as const;

/** Bytes from one made-up goroutine to the next: the size class of a g. */
export const G_APART = 480;
const P_APART = 16_384;

/** A goroutine to put into `allgs`. Status numbers are the runtime's: 1 runnable, 3 in a system call, 4 waiting, 6 dead. */
export interface FakeGoroutine {
  readonly status: number;
  readonly entry?: number;
  readonly createdAt?: number;
  readonly reason?: number;
  readonly since?: number;
}

/** Wait reasons are those of Go 1.26 and 1.27: 8 is a GC sweep wait, 19 a chan receive. Five of the runtime's own, main, three that wait for a channel, one that could run, four dead. */
export const GOROUTINES: readonly FakeGoroutine[] = [
  { status: 3, entry: AT.code + 0x1000, createdAt: AT.code + 0x10 },
  ...Array.from({ length: 5 }, () => ({ status: 4, entry: AT.code + 0x2000, createdAt: AT.code + 0x20, reason: 8 })),
  ...Array.from({ length: 3 }, (_, index) => ({
    status: 4,
    entry: AT.code + 0x3000,
    createdAt: AT.code + 0x30,
    reason: 19,
    since: 5_000_000_000 + index * 1_000_000_000,
  })),
  { status: 1, entry: AT.code + 0x3000, createdAt: AT.code + 0x30 },
  ...Array.from({ length: 4 }, () => ({ status: 6, entry: AT.code + 0x3000, createdAt: AT.code + 0x30 })),
];

/** A made-up runtime: its memory, and setters by the runtime's own names. */
export interface FakeRuntime {
  readonly memory: FakeMemory;
  readonly addresses: RuntimeAddresses;
  readonly offsets: (typeof RUNTIME_OFFSETS)[string];
  /** Writes a field of a struct at an address; a field that the version lacks is left out. */
  set(address: number, field: FieldOffset | ArrayOffset | undefined, value: number | bigint, index?: number): void;
}

/** A runtime of the layout `name` in which all identities hold. The numbers are worked out in attach.test.ts. */
export function fakeRuntime(name = '1.27', goroutines: readonly FakeGoroutine[] = GOROUTINES): FakeRuntime {
  const offsets = RUNTIME_OFFSETS[name];
  if (offsets === undefined) throw new Error(`no table ${name}`);
  const memory = new FakeMemory();
  const set: FakeRuntime['set'] = (address, field, value, index = 0) => {
    if (field === undefined) return;
    const bytes = memory.at(address + field[0] + index * field[1]);
    if (field[1] === 8) bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    else if (field[1] === 4) bytes.writeInt32LE(Number(value) | 0);
    else bytes[0] = Number(value);
  };
  const word = (address: number, value: number | bigint): void => {
    set(address, [0, 8], value);
  };
  for (const address of [AT.gcController, AT.memstats, AT.sched]) memory.map(address, 0x1_0000);
  for (const address of [AT.gcCpuLimiter, AT.cpuStats, AT.gomaxprocs, AT.ncpu]) memory.map(address, 0x1000);
  for (const address of [AT.allp, AT.allgs, AT.allglen, AT.mbuckets]) memory.map(address, 0x1000);
  const slice = (address: number, list: number, length: number): void => {
    word(address, list);
    word(address + 8, length);
    word(address + 16, length);
  };

  const c = offsets.gcController;
  const sizes: readonly (readonly [FieldOffset | undefined, number | bigint])[] = [
    [c.gcPercent, 100],
    [c.memoryLimit, 2n ** 63n - 1n],
    [c.heapMinimum, 4_194_304],
    [c.gcPercentHeapGoal, 12_300_000],
    // Go 1.17 counts neither stacks nor globals.
    [c.heapGoal, c.globalsScan === undefined ? 12_000_000 : 12_300_000],
    [c.trigger, 11_300_000],
    [c.triggered, 2n ** 64n - 1n],
    [c.runway, 1_000_000],
    [c.heapLive, 7_000_000],
    [c.heapMarked, 6_000_000],
    [c.lastStackScan, 100_000],
    [c.globalsScan, 200_000],
    [c.heapInUse, 9_000_000],
    [c.heapFree, 1_000_000],
    [c.heapReleased, 2_000_000],
    [c.totalAlloc, 40_000_000],
    [c.totalFree, 33_000_000],
    [c.mappedReady, 13_589_600],
  ];
  for (const [field, value] of sizes) set(AT.gcController, field, value);

  const m = offsets.memstats;
  const delta = offsets.heapStatsDelta;
  const parts: readonly (readonly [FieldOffset | undefined, readonly number[]])[] = [
    [delta.inHeap, [8_500_000, 600_000, -100_000]],
    [delta.released, [2_500_000, -500_000, 0]],
    [delta.inStacks, [300_000, 0, 200_000]],
    [delta.inWorkBufs, [300_000, 0, 0]],
  ];
  const [first, size] = m['heapStats.stats'];
  for (const [field, values] of parts)
    values.forEach((value, index) => {
      set(AT.memstats + first + index * size, field, value);
    });
  const stats: readonly (readonly [FieldOffset | undefined, number | bigint])[] = [
    [m.heap_sys, 12_000_000],
    [m.heap_inuse, 9_000_000],
    [m.heap_released, 2_000_000],
    [m.stacks_sys, 10_000],
    [m.mspan_sys, 160_000],
    [m.mcache_sys, 15_600],
    [m.buckhash_sys, 4_000],
    [m.gcMiscSys, 2_000_000],
    [m.other_sys, 600_000],
    [m.numgc, 3],
    [m.numforcedgc, 1],
    [m.pause_total_ns, 600],
    [m.last_gc_unix, 1_700_000_000_003_000_000n],
  ];
  for (const [field, value] of stats) set(AT.memstats, field, value);
  for (let gc = 0; gc < 3; gc++) {
    set(AT.memstats, m.pause_ns, (gc + 1) * 100, gc);
    set(AT.memstats, m.pause_end, 1_700_000_000_001_000_000n + BigInt(gc) * 1_000_000n, gc);
  }
  memory.at(AT.memstats + m.gc_cpu_fraction[0]).writeDoubleLE(0.01);

  const s = offsets.sched;
  const scheduler: readonly (readonly [FieldOffset | ArrayOffset | undefined, number])[] = [
    [s.mnext, 7],
    [s.nmfreed, 1],
    [s.nmidle, 2],
    [s.ngsys, 5],
    [s.npidle, 1],
    [s['runq.size'] ?? s.runqsize, 1],
    [s['gFree.n'], 3],
    [s['gFree.stack.size'], 2],
    [s['gFree.noStack.size'], 1],
    [s.customGOMAXPROCS, 1],
  ];
  for (const [field, value] of scheduler) set(AT.sched, field, value);
  const latency = AT.sched + s['timeToRun.counts'][0];
  set(latency, [0, 8], 5);
  set(latency, [3 * 8, 8], 2);
  set(latency, offsets.timeHistogram.underflow, 1);
  set(latency, offsets.timeHistogram.overflow, 4);

  const limiter = offsets.gcCPULimiter;
  if (limiter !== undefined) {
    set(AT.gcCpuLimiter, limiter['bucket.capacity'], 2_000_000_000);
    set(AT.gcCpuLimiter, limiter['bucket.fill'], 5);
    set(AT.gcCpuLimiter, limiter.lastEnabledCycle, 2);
  }
  const cpu = offsets.cpuStats;
  if (cpu !== undefined) {
    const times: readonly (readonly [FieldOffset, number])[] = [
      [cpu.GCAssistTime, 1_000],
      [cpu.GCDedicatedTime, 20_000],
      [cpu.GCIdleTime, 300],
      [cpu.GCPauseTime, 4_000],
      [cpu.GCTotalTime, 25_300],
      [cpu.ScavengeAssistTime, 10],
      [cpu.ScavengeBgTime, 20],
      [cpu.ScavengeTotalTime, 30],
      [cpu.IdleTime, 50_000],
      [cpu.UserTime, 24_670],
      [cpu.TotalTime, 100_000],
    ];
    for (const [field, value] of times) set(AT.cpuStats, field, value);
  }

  set(AT.gomaxprocs, [0, 4], 2);
  set(AT.ncpu, [0, 4], 4);
  memory.map(AT.processorList, 4096);
  memory.map(AT.processors, 2 * P_APART);
  slice(AT.allp, AT.processorList, 2);
  const p = offsets.p;
  for (let index = 0; index < 2; index++) {
    const processor = AT.processors + index * P_APART;
    word(AT.processorList + index * 8, processor);
    set(processor, p.id, index);
    set(processor, p.status, index === 0 ? 1 : 0);
    if (index === 0) {
      // Two in the queue, across the point where the counters wrap, and the next.
      set(processor, p.runqhead, 0xffff_ffff);
      set(processor, p.runqtail, 1);
      set(processor, p.runnext, AT.goroutines);
      set(processor, p['gFree.size'] ?? p['gFree.n'], 1);
    }
  }

  const count = goroutines.length;
  memory.map(AT.goroutineList, count * 8);
  memory.map(AT.goroutines, count * G_APART);
  slice(AT.allgs, AT.goroutineList, count);
  word(AT.allglen, count);
  const g = offsets.g;
  goroutines.forEach((goroutine, index) => {
    const address = AT.goroutines + index * G_APART;
    word(AT.goroutineList + index * 8, address);
    set(address, g.atomicstatus, goroutine.status);
    set(address, g.goid, index + 1);
    set(address, g.startpc, goroutine.entry ?? 0);
    set(address, g.gopc, goroutine.createdAt ?? 0);
    set(address, g.waitreason, goroutine.reason ?? 0);
    set(address, g.waitsince, goroutine.since ?? 0);
  });
  return { memory, addresses: addressesOf(name), offsets, set };
}

function addressesOf(name: string): RuntimeAddresses {
  // A table `1.18.0` holds for the first releases.
  const goVersion = parseGoVersion(/\.\d+\./.test(name) ? `go${name}` : `go${name}.99`);
  if (goVersion === undefined) throw new Error(`no version ${name}`);
  return {
    goVersion,
    architecture: 'amd64',
    method: 'symbols',
    buildId: undefined,
    relocatable: false,
    firstLoad: { offset: 0, address: AT.code },
    gcController: AT.gcController,
    memstats: AT.memstats,
    sched: AT.sched,
    gcCpuLimiter: AT.gcCpuLimiter,
    cpuStats: AT.cpuStats,
    gomaxprocs: [AT.gomaxprocs],
    ncpu: [AT.ncpu],
    allp: [AT.allp],
    allgs: [AT.allgs],
    allglen: [AT.allglen],
    mbuckets: [AT.mbuckets],
  };
}

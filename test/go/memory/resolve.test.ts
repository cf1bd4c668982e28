import { describe, expect, it } from 'vitest';
import { resolveRuntime } from '../../../src/go/memory/resolve.ts';
import { elfImage, strictReadAt } from '../elf-image.ts';
import {
  countingReadAt,
  fileOffset,
  finish,
  goImage,
  type MadeFunction,
  TABLE,
  VARIABLES,
  VARIABLES_END,
  type X86Code,
} from './go-image.ts';

const GC_CONTROLLER = VARIABLES + 0x100;
const MEMSTATS = VARIABLES + 0x300;
const SCHED = VARIABLES + 0x500;
const LIMITER = VARIABLES + 0x700;
const CPU_STATS = VARIABLES + 0x800;
const OTHER = VARIABLES + 0x900;
const GOMAXPROCS = VARIABLES + 0xa00;
const NCPU = VARIABLES + 0xa04;
const ALLP = VARIABLES + 0xa10;
const ALLGS = VARIABLES + 0xa40;
const ALLGLEN = VARIABLES + 0xa60;
const MBUCKETS = VARIABLES + 0xa68;
const BUILD_VERSION = VARIABLES + 0xa80;

/** Calls `method` with each of the addresses as its first argument. */
const calls =
  (method: string, ...receivers: number[]) =>
  (code: X86Code, addressOf: (name: string) => number): void => {
    for (const receiver of receivers) code.lea(receiver).call(addressOf(method));
  };

const CALLEES = [
  'runtime.(*gcControllerState).revise',
  'runtime.(*consistentHeapStats).acquire',
  'runtime.(*gcCPULimiterState).update',
  'runtime.(*cpuStats).accumulate',
  'runtime.lock2',
];

const PROGRAM: readonly MadeFunction[] = [
  { name: 'internal/cpu.Initialize' },
  ...CALLEES.map((name) => ({ name })),
  {
    name: 'runtime.gcStart',
    write: calls('runtime.(*gcControllerState).revise', ...Array<number>(4).fill(GC_CONTROLLER), OTHER),
  },
  {
    name: 'runtime.mallocgc',
    write: calls('runtime.(*consistentHeapStats).acquire', MEMSTATS, MEMSTATS, MEMSTATS),
  },
  { name: 'runtime.gcMarkDone', write: calls('runtime.(*gcCPULimiterState).update', LIMITER, LIMITER) },
  { name: 'runtime.gcMarkTermination', write: calls('runtime.(*cpuStats).accumulate', CPU_STATS) },
  // sched.lock is 32 bytes into sched from Go 1.25.
  { name: 'runtime.schedule', write: calls('runtime.lock2', SCHED + 32, SCHED + 32, OTHER) },
  { name: 'runtime.findRunnable.func1', write: calls('runtime.lock2', SCHED + 32, SCHED + 32) },
  // Not of the scheduler: its locks have no vote.
  { name: 'runtime.mheapAlloc', write: calls('runtime.lock2', ...Array<number>(9).fill(OTHER)) },
  {
    name: 'runtime.procresize',
    write: (code) => {
      code.load32(GOMAXPROCS).lea(GOMAXPROCS).load32(OTHER);
      code
        .load64(ALLP + 8)
        .load64(ALLP + 16)
        .store64(ALLP)
        .store64(ALLP + 8);
      code.load64(OTHER + 8).load64(OTHER + 16);
    },
  },
  {
    name: 'runtime.allgadd',
    write: (code) => {
      code
        .lea(OTHER)
        .load64(ALLGS + 8)
        .load64(ALLGS + 16)
        .store64(ALLGS)
        .lea(ALLGLEN);
    },
  },
  {
    name: 'runtime.osinit',
    write: (code) =>
      code
        .load32(OTHER)
        .store32(NCPU)
        .store32(OTHER + 4),
  },
  { name: 'runtime.mProf_FlushLocked', write: (code) => code.load64(MBUCKETS).load32(OTHER) },
  { name: 'runtime.schedinit', write: (code) => code.compare64(BUILD_VERSION + 8) },
  { name: 'main.main' },
];

const resolve = (file: Buffer) => finish(resolveRuntime(strictReadAt(file), file.length, 'app')).value;

describe('resolveRuntime', () => {
  it.each([{}, { withoutSections: true }])('finds the variables in the code of package runtime %j', (options) => {
    expect(resolve(goImage(PROGRAM, options))).toEqual({
      ok: true,
      value: {
        goVersion: { text: 'go1.26.4', major: 1, minor: 26, patch: 4, suffix: '' },
        architecture: 'amd64',
        method: 'decoded',
        buildId: undefined,
        relocatable: false,
        firstLoad: { offset: 0, address: 0x401000 },
        gcController: GC_CONTROLLER,
        memstats: MEMSTATS,
        sched: SCHED,
        gcCpuLimiter: LIMITER,
        cpuStats: CPU_STATS,
        gomaxprocs: [GOMAXPROCS],
        ncpu: [NCPU],
        allp: [ALLP, ALLP + 8, OTHER + 8],
        allgs: [ALLGS, ALLGS + 8],
        allglen: [OTHER, ALLGLEN],
        mbuckets: [MBUCKETS],
      },
    });
  });

  it('knows that the lock of sched and the heap statistics lay elsewhere in old releases', () => {
    expect(resolve(goImage(PROGRAM, { version: 'go1.24.1' }))).toMatchObject({
      value: { sched: SCHED + 32 - 24, memstats: MEMSTATS },
    });
    expect(resolve(goImage(PROGRAM, { version: 'go1.18.1' }))).toMatchObject({ value: { memstats: MEMSTATS - 5960 } });
  });

  it('gives no address for which there is no clear majority', () => {
    const split = PROGRAM.map((each) =>
      each.name === 'runtime.gcStart'
        ? { name: each.name, write: calls(CALLEES[0] ?? '', GC_CONTROLLER, GC_CONTROLLER, GC_CONTROLLER, OTHER, OTHER) }
        : each.name === 'runtime.mallocgc'
          ? { name: each.name, write: calls(CALLEES[1] ?? '', MEMSTATS, MEMSTATS) }
          : each,
    );
    expect(resolve(goImage(split))).toMatchObject({
      ok: true,
      value: { gcController: undefined, memstats: undefined, sched: SCHED },
    });
  });

  it('takes no address outside the variables of the program', () => {
    const outside = PROGRAM.map((each) =>
      each.name === 'runtime.gcStart'
        ? { name: each.name, write: calls(CALLEES[0] ?? '', TABLE, TABLE, TABLE, TABLE) }
        : each,
    );
    expect(resolve(goImage(outside))).toMatchObject({ value: { gcController: undefined } });
  });

  it('finds the release through schedinit when there is no build information', () => {
    const file = goImage(PROGRAM, { version: '' });
    const at = fileOffset(file, BUILD_VERSION);
    file.writeBigUInt64LE(BigInt(BUILD_VERSION + 16), at);
    file.writeBigUInt64LE(8n, at + 8);
    file.write('go1.26.2', at + 16, 'latin1');
    expect(resolve(file)).toMatchObject({ ok: true, value: { goVersion: { text: 'go1.26.2' }, sched: SCHED } });
    file.write('go2.26.2', at + 16, 'latin1');
    expect(resolve(file)).toMatchObject({ ok: false, miss: { kind: 'absent', detail: 'not a Go executable' } });
  });

  it('says why there is no answer', () => {
    const miss = (file: Buffer) => resolve(file);
    expect(miss(Buffer.from('#!/bin/sh'))).toMatchObject({ miss: { kind: 'absent', reader: 'runtime_addresses' } });
    expect(miss(elfImage([{ address: 0x400000, bytes: Buffer.alloc(64), flags: 5 }]))).toMatchObject({
      miss: { kind: 'absent' },
    });
    expect(miss(goImage(PROGRAM, { version: 'go1.16.15' }))).toMatchObject({
      miss: { kind: 'unsupported', detail: 'go1.16.15 is older than Go 1.17' },
    });
    const riscv = goImage(PROGRAM);
    riscv.writeUInt16LE(243, 18);
    expect(miss(riscv)).toMatchObject({ miss: { kind: 'unsupported', detail: 'not 64-bit amd64 or arm64' } });
    const packed = goImage(PROGRAM);
    packed.fill(0, packed.indexOf(Buffer.from('f1ffffff00000108', 'hex')), packed.indexOf('internal/cpu'));
    expect(miss(packed)).toMatchObject({ miss: { kind: 'unsupported', detail: 'no whole function table' } });
  });
});

describe('a hostile file', () => {
  const good = goImage(PROGRAM);
  const header = good.indexOf(Buffer.from('f1ffffff00000108', 'hex'));
  const readsFor = (file: Buffer): number => {
    const counting = countingReadAt(file);
    finish(resolveRuntime(counting.readAt, file.length, 'app'));
    return counting.bytesRead();
  };

  it('is never read outside, however short it is', () => {
    const needed = fileOffset(good, VARIABLES_END - 1) + 1;
    for (let length = 0; length < good.length; length += 97)
      if (resolve(good.subarray(0, length)).ok) expect(length).toBeGreaterThan(needed);
    expect(resolve(good.subarray(0, needed)).ok).toBe(false);
  });

  it.each([0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])(
    'may hold %d anywhere in its function table header',
    (value) => {
      for (let word = 0; word < 8; word++) {
        const file = Buffer.from(good);
        file.writeBigUInt64LE(value, header + 8 + 8 * word);
        expect(readsFor(file), `word ${word}`).toBeLessThan(20 * good.length);
      }
    },
  );

  it.each([0, 1, 0x7fffffff, 0xffffffff])('may hold %d all over its index and records', (value) => {
    const functions = header + Number(good.readBigUInt64LE(header + 64));
    const file = Buffer.from(good);
    for (let at = functions; at < functions + 2 * 8 * PROGRAM.length; at += 4) file.writeUInt32LE(value, at);
    expect(readsFor(file)).toBeLessThan(20 * good.length);
  });

  it('may have any bytes as code and any bit turned', () => {
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const text = good.indexOf(Buffer.from('cccccccc', 'hex'));
    for (let round = 0; round < 200; round++) {
      const file = Buffer.from(good);
      if (round % 2 === 0) for (let at = text; at < header; at++) file[at] = random(256);
      for (let count = 0; count < 10; count++) file[random(file.length)] = random(256);
      expect(readsFor(file)).toBeLessThan(50 * good.length);
    }
  });
});

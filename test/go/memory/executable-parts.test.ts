import { describe, expect, it } from 'vitest';
import { readBuildId } from '../../../src/go/memory/build-id.ts';
import { findModuleData } from '../../../src/go/memory/moduledata.ts';
import { PagedFile } from '../../../src/go/memory/paged-file.ts';
import { valueAt } from '../../../src/go/memory/pc-values.ts';
import { relativeRelocations } from '../../../src/go/memory/relocations.ts';
import { resolveRuntime } from '../../../src/go/memory/resolve.ts';
import { readSymbols } from '../../../src/go/memory/symbol-table.ts';
import { elfImage, strictReadAt } from '../elf-image.ts';
import { elfOf, fileOffset, finish, goImage, MODULE, retype, TABLE } from './go-image.ts';

const u64s = (...values: (number | bigint)[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  });
  return bytes;
};

describe('readBuildId', () => {
  const note = (name: string, type: number, body: string): Buffer => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(name.length, 0);
    head.writeUInt32LE(body.length, 4);
    head.writeUInt32LE(type, 8);
    const padded = (text: string): Buffer => Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, '\0'), 'latin1');
    return Buffer.concat([head, padded(name), padded(body)]);
  };
  const read = (bytes: Buffer): string | undefined =>
    readBuildId(elfOf(retype(elfImage([{ address: 0x400000, bytes, flags: 4 }]), 0, 4)));

  it('finds the note among others', () => {
    expect(read(Buffer.concat([note('GNU\0', 3, 'abcde'), note('Go\0\0', 4, 'x/y/z/w')]))).toBe('x/y/z/w');
    const section = elfImage([{ section: '.note.go.buildid', address: 0, bytes: note('Go\0\0', 4, 'a/b') }]);
    expect(readBuildId(elfOf(section))).toBe('a/b');
  });

  it('gives none for other notes and for broken ones', () => {
    expect(read(note('GNU\0', 4, 'abcd'))).toBeUndefined();
    expect(read(note('Go\0\0', 1, 'abcd'))).toBeUndefined();
    expect(read(note('Go\0\0', 4, ''))).toBeUndefined();
    expect(read(note('Go\0\0', 4, 'x'.repeat(300)))).toBeUndefined();
    expect(read(note('Go\0\0', 4, 'abcdefgh').subarray(0, 18))).toBeUndefined();
    const forged = note('Go\0\0', 4, 'abcd');
    forged.writeUInt32LE(0xffffffff, 4);
    expect(read(forged)).toBeUndefined();
    expect(read(Buffer.alloc(4096))).toBeUndefined();
  });
});

describe('readSymbols', () => {
  const NAMES = ['runtime.sched', 'runtime.allp'] as const;
  const DATA = 0x600000;
  type Entry = readonly [name: string, info: number, value: number];
  const image = (entries: readonly Entry[]): Buffer => {
    const strings = Buffer.from(`\0${entries.map(([name]) => name).join('\0')}\0`);
    const table = Buffer.alloc(24 * entries.length);
    entries.forEach(([name, info, value], index) => {
      table.writeUInt32LE(strings.indexOf(`${name}\0`), 24 * index);
      table[24 * index + 4] = info;
      table.writeBigUInt64LE(BigInt(value), 24 * index + 8);
    });
    const file = elfImage([
      { section: '.data', address: DATA, bytes: Buffer.alloc(64), flags: 6 },
      { section: '.symtab', address: 0, bytes: table },
      { section: '.strtab', address: 0, bytes: strings },
    ]);
    const headers = Number(file.readBigUInt64LE(40));
    file.writeUInt32LE(2, headers + 64 * 2 + 4);
    file.writeUInt32LE(3, headers + 64 * 2 + 40);
    // Memory beyond the file: .bss.
    file.writeBigUInt64LE(4096n, 64 + 40);
    return file;
  };
  const read = (file: Buffer) => Object.fromEntries(finish(readSymbols(elfOf(file), NAMES)).value);

  it('finds variables by name, in data and in zeroed memory', () => {
    const file = image([
      ['main.x', 1, DATA],
      ['runtime.sched', 0x11, DATA + 8],
      ['runtime.allp', 1, DATA + 2048],
    ]);
    expect(read(file)).toEqual({ 'runtime.sched': DATA + 8, 'runtime.allp': DATA + 2048 });
  });

  it('leaves out functions, what cannot be written, and names of two things', () => {
    expect(read(image([['runtime.sched', 2, DATA + 8]]))).toEqual({});
    expect(read(image([['runtime.sched', 1, DATA - 8]]))).toEqual({});
    expect(read(image([['runtime.sched', 1, DATA + 4096]]))).toEqual({});
    const twice = image([
      ['runtime.sched', 1, DATA],
      ['runtime.sched', 1, DATA + 8],
      ['runtime.allp', 1, DATA + 16],
      ['runtime.allp', 1, DATA + 16],
    ]);
    expect(read(twice)).toEqual({ 'runtime.allp': DATA + 16 });
  });

  it('is not taken in by longer names, and finds a name that is the tail of one', () => {
    expect(read(image([['runtime.sched2', 1, DATA]]))).toEqual({});
    const longer = image([['vendor/runtime.sched', 1, DATA]]);
    expect(read(longer)).toEqual({});
    // Some linkers keep one string for both: the second symbol's name starts inside the first's.
    const symbols = longer.indexOf(Buffer.from([1, 0, 0, 0, 1]));
    longer.writeUInt32LE(1 + 'vendor/'.length, symbols);
    expect(read(longer)).toEqual({ 'runtime.sched': DATA });
  });

  it('gives nothing without a symbol table or when its strings are elsewhere', () => {
    expect(read(elfImage([{ section: '.data', address: DATA, bytes: Buffer.alloc(8), flags: 6 }]))).toEqual({});
    const good = image([['runtime.sched', 1, DATA]]);
    const headers = Number(good.readBigUInt64LE(40));
    for (const [at, value] of [
      [40, 0xffffffff],
      [24, 0x7fffffff],
      [32, 0x7fffffff],
      [64 + 24, 0x7fffffff],
      [64 + 32, 0x7fffffff],
    ] as const) {
      const file = Buffer.from(good);
      file.writeUInt32LE(value, headers + 64 * 2 + at);
      expect(read(file)).toEqual({});
    }
  });
});

describe('a position independent program that holds no pointers', () => {
  const RELOCATIONS = 0x300000;
  /** A program whose module data is all zeros, with these relocations instead, in this order. */
  const image = (reorder: (entries: Buffer[]) => Buffer[] = (entries) => entries): Buffer => {
    const plain = goImage([{ name: 'runtime.osinit' }, { name: 'main.main' }]);
    const start = fileOffset(plain, MODULE);
    const entries: Buffer[] = [];
    for (let at = 0; at < 256; at += 8) {
      const value = Number(plain.readBigUInt64LE(start + at));
      if (value >= 0x400000) entries.push(u64s(MODULE + at, 8, value));
    }
    const bytes = Buffer.concat(reorder(entries));
    const dynamic = u64s(7, RELOCATIONS, 8, bytes.length, 0, 0);
    const file = goImage([{ name: 'runtime.osinit' }, { name: 'main.main' }], {
      more: [
        { address: RELOCATIONS, bytes, flags: 4 },
        { address: 0x310000, bytes: dynamic, flags: 6 },
      ],
    });
    const module = fileOffset(file, MODULE);
    for (let at = 0; at < 256; at += 8)
      if (Number(file.readBigUInt64LE(module + at)) >= 0x400000) file.fill(0, module + at, module + at + 8);
    return retype(file, 4, 2);
  };

  it.each([
    ['sorted', undefined],
    ['in the opposite order', (entries: Buffer[]) => entries.toReversed()],
  ])('is read by its relocations, %s', (_, reorder) => {
    const file = image(reorder);
    const elf = elfOf(file);
    const table = fileOffset(file, TABLE);
    const index = table + Number(file.readBigUInt64LE(table + 64));
    expect(finish(findModuleData(elf, table, index, 2)).value).toMatchObject({ text: 0x401000, textEnd: 0x401800 });
    expect(finish(findModuleData(elf, table, index, 3)).value).toBeUndefined();
    expect(finish(resolveRuntime(strictReadAt(file), file.length, 'app')).value.ok).toBe(true);
  });

  it('visits relative relocations only, within the file', () => {
    const bytes = Buffer.concat([u64s(0x1000, 8, 1), u64s(0x2000, 6, 2), u64s(0x3000, 8, 2n ** 64n - 1n)]);
    const file = elfImage([
      { address: RELOCATIONS, bytes, flags: 4 },
      { address: 0x310000, bytes: u64s(7, RELOCATIONS, 8, 2 ** 40, 0, 0), flags: 6 },
    ]);
    retype(file, 1, 2);
    file.writeUInt16LE(62, 18);
    const seen: number[] = [];
    finish(relativeRelocations(elfOf(file), (at) => seen.push(at)));
    expect(seen).toEqual([0x1000, 0x3000]);
    file.writeUInt16LE(243, 18);
    finish(relativeRelocations(elfOf(file), () => expect.unreachable('another machine')));
  });
});

describe('PagedFile', () => {
  const file = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 251));
  const pages = () => new PagedFile(strictReadAt(file), file.length, { pageBytes: 1024, pages: 2, loads: 4 });

  it('reads numbers anywhere, also across pages', () => {
    const paged = pages();
    for (const offset of [0, 1021, 1023, 2996]) expect(paged.u32(offset)).toBe(file.readUInt32LE(offset));
    expect(paged.u64(1020)).toBe(Number(file.readBigUInt64LE(1020)));
    expect(paged.byte(2999)).toBe(2999 % 251);
  });

  it.each([-1, 2997, 3000, 0.5, Number.NaN, 2 ** 60])('has nothing at %d', (offset) => {
    expect(pages().u32(offset)).toBeUndefined();
  });

  it('stops after the pages it may read', () => {
    const paged = pages();
    // Pages 0 and 2 share a place: each look takes a read.
    for (let look = 0; look < 2; look++) {
      expect(paged.byte(0)).toBe(0);
      expect(paged.byte(2048)).toBe(2048 % 251);
    }
    expect(paged.exhausted).toBe(true);
    expect(paged.byte(0)).toBe(-1);
    expect(paged.byte(2048)).toBe(2048 % 251);
    paged.allow(1);
    expect(paged.byte(0)).toBe(0);
  });

  it('reads texts up to a length', () => {
    const bytes = Buffer.from(`\0${'n'.repeat(600)}\0tail`);
    const paged = new PagedFile(strictReadAt(bytes), bytes.length, { pageBytes: 256, pages: 8, loads: 100 });
    expect(paged.text(1, 600)).toBe('n'.repeat(600));
    expect(paged.text(0, 10)).toBe('');
    expect(paged.text(1, 599)).toBeUndefined();
    expect(paged.text(602, 10)).toBeUndefined();
  });
});

describe('valueAt', () => {
  const read = (bytes: readonly number[], distance: number, quantum = 1): number | undefined => {
    const file = Buffer.from([0, ...bytes]);
    const pages = new PagedFile(strictReadAt(file), file.length, { pageBytes: 256, pages: 2, loads: 10 });
    return valueAt(pages, { offset: 0, length: file.length }, 1, quantum, distance);
  };
  /** -1 + 11 = 10 for 5 bytes, 10 - 3 = 7 for 200 bytes, then the end. */
  const LIST = [22, 5, 5, 0xc8, 0x01, 0];

  it.each([
    [0, 10],
    [4, 10],
    [5, 7],
    [204, 7],
    [205, undefined],
  ])('at %d is %s', (distance, value) => {
    expect(read(LIST, distance)).toBe(value);
  });

  it('counts in instructions, and may begin with no change', () => {
    expect(read(LIST, 19, 4)).toBe(10);
    expect(read(LIST, 20, 4)).toBe(7);
    expect(read([0, 5, 0], 0)).toBe(-1);
  });

  it('gives nothing for a list that is cut off or has a number too long', () => {
    expect(read([22], 0)).toBeUndefined();
    expect(read([22, 0x80], 0)).toBeUndefined();
    expect(read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1], 0)).toBeUndefined();
  });
});

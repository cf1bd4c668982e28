import { describe, expect, it } from 'vitest';
import { findLinkedHandlers, searchLinkedHandlers } from '../../src/go/linked-handlers.ts';
import { elfImage, type ImagePart, strictReadAt } from './elf-image.ts';
import { functionTable } from './go-blobs.ts';

const PPROF = 'net/http/pprof.Index';
const EXPVAR = 'expvar.expvarHandler';
const PROMHTTP = 'github.com/prometheus/client_golang/prometheus/promhttp.HandlerFor';
const NONE = { pprof: false, expvar: false, promhttp: false };
const table = (bytes: Buffer, changes: Partial<ImagePart> = {}): ImagePart => ({
  section: '.gopclntab',
  address: 0x480000,
  bytes,
  flags: 4,
  ...changes,
});
const find = (file: Buffer) => findLinkedHandlers(strictReadAt(file), file.length, 'app');

describe('findLinkedHandlers', () => {
  it.each([
    [[], NONE],
    [[PPROF], { ...NONE, pprof: true }],
    [[EXPVAR, 'main.main'], { ...NONE, expvar: true }],
    [[`example.com/app/vendor/${PROMHTTP}.func1`], { ...NONE, promhttp: true }],
    [[PPROF, EXPVAR, PROMHTTP], { pprof: true, expvar: true, promhttp: true }],
  ])('sees %j', (names, value) => {
    expect(find(elfImage([table(functionTable(['main.main', ...names]))]))).toEqual({ ok: true, value });
  });

  it('is not taken in by names that only look alike', () => {
    const names = [
      'example.com/net/http/pprof.Index',
      'net/http/pprof.Index.func1',
      'net/http/pprof.Indexer',
      'my/expvar.expvarHandler',
      'github.com/prometheus/client_golang/prometheus/promhttp.InstrumentRoundTripperCounter',
    ];
    expect(find(elfImage([table(functionTable(names))]))).toEqual({ ok: true, value: NONE });
  });

  it.each([
    { magic: 0xfffffff0 },
    { magic: 0xfffffffa },
    { magic: 0xfffffff1, bigEndian: true },
    { magic: 0xfffffff1, pointerSize: 4 },
    { magic: 0xfffffffa, pointerSize: 4, bigEndian: true },
    { magic: 0x12345678 },
  ] as const)('reads the table %j', (options) => {
    const file = elfImage([table(functionTable([EXPVAR], options))], options);
    expect(find(file)).toEqual({ ok: true, value: { ...NONE, expvar: true } });
  });

  it('looks only where names are, when the header says where', () => {
    const bytes = Buffer.concat([functionTable(['main.main']), Buffer.from(`\0${PPROF}\0`)]);
    expect(find(elfImage([table(bytes)]))).toEqual({ ok: true, value: NONE });
    bytes.fill(0xff, 8 + 4 * 8, 8 + 5 * 8);
    expect(find(elfImage([table(bytes)]))).toEqual({ ok: true, value: { ...NONE, pprof: true } });
  });

  it('finds the table inside another section or without section headers', () => {
    const inside = Buffer.concat([Buffer.alloc(1024 * 1024 - 4, 0x41), functionTable([PPROF]), Buffer.alloc(100)]);
    for (const withoutSections of [true, false]) {
      const file = elfImage([table(inside, { section: '.data.rel.ro' })], { withoutSections });
      expect(find(file)).toEqual({ ok: true, value: { ...NONE, pprof: true } });
    }
  });

  it('finds names that lie across two slices, and yields between slices', () => {
    const filler = Array.from({ length: 3000 }, (_, index) => `main.${'f'.repeat(1000)}${index}`);
    const names = [...filler, PPROF];
    const slice = 1024 * 1024;
    for (const shift of [1, 10, 20, 21]) {
      // The name starts `shift` bytes before the end of the third slice.
      const before = Buffer.from(`\0${filler.join('\0')}\0`).length;
      const padding = 3 * slice - shift - before;
      const padded = ['p'.repeat(padding - 1), ...names];
      const file = elfImage([table(functionTable(padded))]);
      const search = searchLinkedHandlers(strictReadAt(file), file.length);
      let slices = 0;
      let step = search.next();
      for (; step.done !== true; step = search.next()) slices += 1;
      expect(step.value).toEqual({ ok: true, value: { ...NONE, pprof: true } });
      expect(slices).toBeGreaterThanOrEqual(3);
    }
  });

  it('says why there is no answer', () => {
    expect(find(Buffer.from('#!/bin/sh'))).toMatchObject({
      ok: false,
      miss: { kind: 'absent', reader: 'linked_handlers', source: 'app' },
    });
    expect(find(elfImage([table(Buffer.alloc(64), { section: '.data' })]))).toMatchObject({
      ok: false,
      miss: { detail: 'no Go function table' },
    });
    const file = elfImage([table(Buffer.alloc(4096), { address: 0x480000 })]);
    const sections = Number(file.readBigUInt64LE(40));
    file.writeBigUInt64LE(2n ** 40n, sections + 64 + 32);
    expect(find(file)).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
  });
});

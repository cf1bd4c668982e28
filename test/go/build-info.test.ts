import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuildInfo } from '../../src/go/build-info.ts';
import { findLinkedHandlers } from '../../src/go/linked-handlers.ts';
import { elfImage, type ImageOptions, type ImagePart, strictReadAt } from './elf-image.ts';
import { framed, functionTable, inlineInfo, pointerInfo } from './go-blobs.ts';

const MODULES =
  'path\texample.com/app\nmod\texample.com/app\t(devel)\t\nbuild\tDefaultGODEBUG=containermaxprocs=0,updatemaxprocs=0\n';
const CODE: ImagePart = { section: '.text', address: 0x401000, bytes: Buffer.alloc(40, 0x90), flags: 5 };
const info = (bytes: Buffer, changes: Partial<ImagePart> = {}): ImagePart => ({
  section: '.go.buildinfo',
  address: 0x500000,
  bytes,
  flags: 6,
  ...changes,
});
const read = (file: Buffer) => readBuildInfo(strictReadAt(file), file.length, '/proc/7/exe');
const image = (part: ImagePart, options?: ImageOptions) => elfImage([CODE, part], options);

describe('readBuildInfo', () => {
  it('reads the inline form', () => {
    expect(read(image(info(inlineInfo('go1.26.4', framed(MODULES)))))).toEqual({
      ok: true,
      value: {
        goVersion: { text: 'go1.26.4', major: 1, minor: 26, patch: 4, suffix: '' },
        path: 'example.com/app',
        main: { path: 'example.com/app', version: '(devel)', replacedBy: undefined },
        deps: [],
        settings: new Map([['DefaultGODEBUG', 'containermaxprocs=0,updatemaxprocs=0']]),
        defaultGodebug: new Map([
          ['containermaxprocs', '0'],
          ['updatemaxprocs', '0'],
        ]),
      },
    });
  });

  it.each([
    { pointerSize: 8, bigEndian: false },
    { pointerSize: 8, bigEndian: true },
    { pointerSize: 4, bigEndian: false },
    { pointerSize: 4, bigEndian: true },
  ] as const)('reads the pointer form, %j', (options) => {
    const bytes = pointerInfo('go1.17.13', framed(MODULES), 0x500000, options);
    expect(read(image(info(bytes), options))).toMatchObject({
      ok: true,
      value: { goVersion: { minor: 17, patch: 13 }, path: 'example.com/app' },
    });
  });

  it.each([0, 16, 48, 1024 * 1024 - 16, 1024 * 1024, 3 * 1024 * 1024 + 32])(
    'finds it %d bytes into a writable segment when there are no section headers',
    (distance) => {
      const blob = inlineInfo('go1.22.0', framed(MODULES));
      const bytes = Buffer.concat([Buffer.alloc(distance), blob]);
      const found = read(image(info(bytes), { withoutSections: true }));
      expect(found).toMatchObject({ ok: true, value: { goVersion: { minor: 22 } } });
    },
  );

  it('aligns to the address, passes over a magic that is not aligned, and looks in later segments', () => {
    const blob = inlineInfo('go1.22.0', framed(MODULES));
    const decoy = Buffer.concat([Buffer.alloc(8), blob, Buffer.alloc((16 - ((8 + blob.length) % 16)) % 16)]);
    const first = info(decoy, { address: 0x500000 });
    const second = info(Buffer.concat([Buffer.alloc(8), blob]), { address: 0x600008 });
    const file = elfImage([CODE, first, second], { withoutSections: true });
    expect(read(file)).toMatchObject({ ok: true, value: { goVersion: { minor: 22 } } });
    expect(read(elfImage([CODE, first], { withoutSections: true }))).toMatchObject({
      ok: false,
      miss: { kind: 'absent' },
    });
  });

  it('does not search code or read-only data', () => {
    const blob = inlineInfo('go1.22.0', framed(MODULES));
    const parts = [info(blob, { flags: 4 }), info(blob, { flags: 7, address: 0x700000 })];
    expect(read(elfImage(parts, { withoutSections: true }))).toMatchObject({ ok: false, miss: { kind: 'absent' } });
  });

  it('reads a section that is not loaded, and a program without module text', () => {
    const blob = inlineInfo('go1.21.0', Buffer.alloc(0));
    const unloaded: ImagePart = { section: '.go.buildinfo', address: 0x500000, bytes: blob };
    expect(read(image(unloaded))).toEqual({
      ok: true,
      value: {
        goVersion: { text: 'go1.21.0', major: 1, minor: 21, patch: 0, suffix: '' },
        path: undefined,
        main: undefined,
        deps: [],
        settings: new Map(),
        defaultGodebug: new Map(),
      },
    });
    expect(read(image(info(inlineInfo('go1.21.0', Buffer.from(MODULES)))))).toMatchObject({
      ok: true,
      value: { path: undefined },
    });
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\nexit 0\n'.repeat(20))],
    ['a C program', elfImage([CODE, { section: '.data', address: 0x500000, bytes: Buffer.alloc(100), flags: 6 }])],
  ])('says that %s is not Go', (_, file) => {
    expect(read(file)).toEqual({
      ok: false,
      miss: { kind: 'absent', reader: 'build_info', source: '/proc/7/exe', detail: 'not a Go executable' },
    });
  });

  it.each([
    ['a version of over 4 KiB', inlineInfo(`go1.22.0${' x'.repeat(3000)}`, framed(MODULES))],
    ['modules of over 1 MiB', inlineInfo('go1.22.0', framed('x'.repeat(1024 * 1024)))],
    [
      'a length without an end',
      Buffer.concat([inlineInfo('', Buffer.alloc(0)).subarray(0, 32), Buffer.alloc(20, 0xff)]),
    ],
    ['a length beyond the segment', inlineInfo('go1.22.0', framed(MODULES)).subarray(0, 60)],
    ['a header that is cut off', inlineInfo('go1.22.0', framed(MODULES)).subarray(0, 20)],
    ['no version', inlineInfo('', framed(MODULES))],
    ['a version that is none', inlineInfo('rust 1.80', framed(MODULES))],
    ['pointers to nowhere', pointerInfo('go1.17', framed(MODULES), 0x900000)],
    ['an odd pointer size', Buffer.from(pointerInfo('go1.17', framed(MODULES), 0x500000)).fill(5, 14, 15)],
  ])('calls %s malformed', (_, bytes) => {
    expect(read(image(info(bytes)))).toMatchObject({ ok: false, miss: { kind: 'malformed', reader: 'build_info' } });
  });

  it('tells programs whose release cannot be known from broken ones', () => {
    const loadTime = Buffer.from(pointerInfo('go1.17', framed(MODULES), 0x500000)).fill(0, 16, 32);
    expect(read(image(info(loadTime)))).toMatchObject({ ok: false, miss: { kind: 'unsupported' } });
    const development = inlineInfo('devel +0a1b2c3 Tue Nov 3', framed(MODULES));
    expect(read(image(info(development)))).toMatchObject({ ok: false, miss: { kind: 'unsupported' } });
  });

  it('calls an ELF file that no kernel would load malformed', () => {
    const whole = image(info(inlineInfo('go1.22.0', framed(MODULES))));
    expect(read(Buffer.from(whole).fill(9, 4, 5))).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
    expect(read(Buffer.from(whole).fill(0xff, 32, 40))).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
    expect(read(whole.subarray(0, 60))).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
  });
});

describe('hostile ELF files', () => {
  const table = {
    section: '.gopclntab',
    address: 0x480000,
    bytes: functionTable(['main.main', 'net/http/pprof.Index']),
    flags: 4,
  };
  const files = [
    elfImage([CODE, table, info(inlineInfo('go1.26.4', framed(MODULES)))]),
    elfImage([CODE, table, info(pointerInfo('go1.17.1', framed(MODULES), 0x500000))]),
    elfImage(
      [CODE, table, info(pointerInfo('go1.17.1', framed(MODULES), 0x500000, { pointerSize: 4, bigEndian: true }))],
      {
        pointerSize: 4,
        bigEndian: true,
      },
    ),
  ];
  const both = (file: Buffer) => [read(file), findLinkedHandlers(strictReadAt(file), file.length)];

  it('are never read outside and never make a reader throw, whatever bytes are changed', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
      fc.integer({ min: 1, max: 8 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 6 }), (file, edits) => {
        const damaged = Buffer.from(file);
        for (const [where, byte, count] of edits) {
          const at = where % damaged.length;
          damaged.fill(byte, at, Math.min(damaged.length, at + count));
        }
        for (const reading of both(damaged)) expect(typeof reading.ok).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  it('may be cut off anywhere', () => {
    for (const file of files)
      for (let length = 0; length < file.length; length++)
        for (const reading of both(file.subarray(0, length))) expect(typeof reading.ok).toBe('boolean');
  });

  it('may have every single bit of their headers flipped', () => {
    for (const file of files)
      for (let bit = 0; bit < 8 * 300; bit++) {
        const damaged = Buffer.from(file);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        for (const reading of both(damaged)) expect(typeof reading.ok).toBe('boolean');
      }
  });
});

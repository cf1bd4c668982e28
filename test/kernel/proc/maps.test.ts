import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMappingStart, readMappingStart } from '../../../src/kernel/proc/maps.ts';

/** A PIE as the kernel shows it: the Go heap lies below it, its parts in address order. */
const PIE = [
  'c000000000-c000400000 rw-p 00000000 00:00 0                              [anon: Go: heap]',
  'c000400000-c004000000 ---p 00000000 00:00 0 ',
  '55d0c8a00000-55d0c8a81000 r-xp 00000000 fe:01 1311781                    /usr/bin/app',
  '55d0c8c80000-55d0c8d00000 r--p 00080000 fe:01 1311781                    /usr/bin/app',
  '55d0c8d00000-55d0c8d10000 rw-p 00100000 fe:01 1311781                    /usr/bin/app',
  '7f3f3c000000-7f3f3c021000 rw-p 00000000 00:00 0 ',
  '7f3f40a00000-7f3f40a28000 r--p 00000000 fe:01 1315012                    /usr/lib/libc.so.6',
  'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
  '',
].join('\n');

function over(text: string): { readonly readAt: (offset: number, length: number) => Uint8Array; most: number } {
  const bytes = Buffer.from(text);
  const source = {
    most: 0,
    readAt: (offset: number, length: number) => {
      source.most = Math.max(source.most, offset + length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return source;
}

const find = (text: string, name = '/usr/bin/app', offset = 0): number | undefined =>
  findMappingStart(over(text).readAt, name, offset);

describe('findMappingStart', () => {
  it('finds the mapping of the executable with the offset', () => {
    expect(find(PIE)).toBe(0x55d0c8a00000);
    expect(find(PIE, '/usr/bin/app', 0x80000)).toBe(0x55d0c8c80000);
    expect(find(PIE, '/usr/lib/libc.so.6')).toBe(0x7f3f40a00000);
  });

  it('takes the whole path, with blanks, what the kernel adds, and newlines as it writes them', () => {
    const line = (path: string): string => `400000-401000 r-xp 00000000 fe:01 77                    ${path}\n`;
    expect(find(line('/opt/my app'), '/opt/my app')).toBe(0x40_0000);
    expect(find(line('/opt/app (deleted)'), '/opt/app (deleted)')).toBe(0x40_0000);
    expect(find(line('/opt/a\\012b'), '/opt/a\nb')).toBe(0x40_0000);
    expect(find(line('/opt/äpp'), '/opt/äpp')).toBe(0x40_0000);
    expect(find(line('/usr/bin/app2'))).toBeUndefined();
    expect(find(line('/usr/bin/ap'))).toBeUndefined();
  });

  it('says undefined when there is no such mapping', () => {
    expect(find('')).toBeUndefined();
    expect(find(PIE, '/usr/bin/app', 0x1000)).toBeUndefined();
    expect(find(PIE, '/usr/bin/other')).toBeUndefined();
  });

  it('finds a mapping across the pieces it reads, and stops at it', () => {
    const filler = 'c000000000-c000400000 rw-p 00000000 00:00 0 \n';
    for (let extra = 0; extra < 90; extra += 1) {
      const text = `${'x'.repeat(extra)}\n${filler.repeat(700)}${PIE}${filler.repeat(20_000)}`;
      const source = over(text);
      expect(findMappingStart(source.readAt, '/usr/bin/app', 0)).toBe(0x55d0c8a00000);
      expect(source.most).toBeLessThan(64 * 1024);
    }
  });

  it('reads no more than a little over a MiB, and gives up at a line without an end', () => {
    const source = over('c000000000-c000400000 rw-p 00000000 00:00 0 \n'.repeat(200_000));
    expect(findMappingStart(source.readAt, '/usr/bin/app', 0)).toBeUndefined();
    expect(source.most).toBeLessThan(1024 * 1024 + 32 * 1024);
    expect(find('x'.repeat(100_000))).toBeUndefined();
  });

  it.each([
    'r-xp 00000000 fe:01 77 /usr/bin/app',
    '400000 r-xp 00000000 fe:01 77 /usr/bin/app',
    '-401000 r-xp 00000000 fe:01 77 /usr/bin/app',
    'zz-401000 r-xp 00000000 fe:01 77 /usr/bin/app',
    '40000000000000000-401000 r-xp 00000000 fe:01 77 /usr/bin/app',
    'ffffffffffffffff-401000 r-xp 00000000 fe:01 77 /usr/bin/app',
    '400000-401000 r-xp zzz fe:01 77 /usr/bin/app',
    '400000-401000 r-xp 00000000 /usr/bin/app',
    '400000-401000 /usr/bin/app',
    '-',
    '',
  ])('passes over a line that is not of the form: %s', (line) => {
    expect(find(`${line}\n`)).toBeUndefined();
    expect(find(`${line}\n${PIE}`)).toBe(0x55d0c8a00000);
  });
});

describe('readMappingStart', () => {
  it('reads a file, and says absent for a missing file or mapping', () => {
    const folder = mkdtempSync(join(tmpdir(), 'maps-'));
    const path = join(folder, 'maps');
    writeFileSync(path, PIE);
    expect(readMappingStart(path, '/usr/bin/app', 0)).toEqual({ ok: true, value: 0x55d0c8a00000 });
    for (const reading of [readMappingStart(path, '/usr/bin/none', 0), readMappingStart(`${path}2`, '/usr/bin/app', 0)])
      expect(reading.ok ? undefined : reading.miss).toMatchObject({ kind: 'absent', reader: 'proc.maps' });
    rmSync(folder, { recursive: true });
  });

  it.skipIf(platform() !== 'linux')('finds this very program', () => {
    expect(readMappingStart('/proc/self/maps', readlinkSync('/proc/self/exe'), 0).ok).toBe(true);
  });
});

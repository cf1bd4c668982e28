import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { found } from '../../src/base/reading.ts';
import { readSlices } from '../../src/io/read-slices.ts';

describe('readSlices', () => {
  const directory = mkdtempSync(join(tmpdir(), 'read-slices-'));
  const path = join(directory, 'file');
  writeFileSync(path, '0123456789');
  const into = Buffer.alloc(16);
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('reads to the end when nothing is enough', () => {
    const seen: number[] = [];
    const reading = readSlices(path, 'test', into, 4, (length) => seen.push(length) === 0);
    expect(reading).toEqual(found({ length: 10, ended: true }));
    expect(seen).toEqual([4, 8, 10]);
    expect(into.toString('latin1', 0, 10)).toBe('0123456789');
  });

  it('reads no further than is enough', () => {
    into.fill(0x2e);
    expect(readSlices(path, 'test', into, 4, (length) => length >= 5)).toEqual(found({ length: 8, ended: false }));
    expect(into.toString('latin1', 0, 10)).toBe('01234567..');
  });

  it('refuses what does not fit', () => {
    expect(readSlices(path, 'test', into.subarray(0, 10), 4, () => false)).toMatchObject({
      ok: false,
      miss: { kind: 'failed', reader: 'test', detail: 'over 10 bytes' },
    });
  });

  it('misses what is not there or cannot be read', () => {
    expect(readSlices(join(directory, 'none'), 'test', into, 4, () => false)).toMatchObject({
      miss: { kind: 'absent' },
    });
    expect(readSlices(directory, 'test', into, 4, () => false)).toMatchObject({
      miss: { kind: 'failed', detail: 'EISDIR' },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { findSourceLines } from '../../../src/go/memory/source-lines.ts';
import { parseGoVersion } from '../../../src/go/version.ts';
import { strictReadAt } from '../elf-image.ts';
import { countingReadAt, fileOffset, finish, goImage, TABLE, TEXT } from './go-image.ts';

const VERSION = parseGoVersion('go1.26.4') ?? expect.unreachable('a release');
const NAMES = ['runtime.osinit', 'main.main', 'main.Map[go.shape.int,go.shape.string].func1'];
const good = goImage(NAMES.map((name) => ({ name })));

function look(file: Buffer) {
  const lines = finish(findSourceLines(strictReadAt(file), file.length, VERSION)).value;
  if (lines === undefined) return () => undefined;
  return lines.open(strictReadAt(file));
}

// Real programs, lines and files are compared in real-binaries.test.ts: the made-up table has names only.
describe('SourceLines', () => {
  it('finds the function that holds an address', () => {
    const find = look(good);
    expect(find(TEXT)).toEqual({ function: 'runtime.osinit', file: '', line: 0 });
    expect(find(TEXT + 1023)?.function).toBe('runtime.osinit');
    expect(find(TEXT + 1024)?.function).toBe('main.main');
    expect(find(TEXT + 3 * 1024 - 1)?.function).toBe('main.Map[...].func1');
  });

  it.each([0, TEXT - 1, TEXT + 3 * 1024, -1, Number.NaN, 2 ** 60])('knows none at %d', (pc) => {
    expect(look(good)(pc)).toBeUndefined();
  });

  it('remembers what it was asked', () => {
    const counting = countingReadAt(good);
    const lines = finish(findSourceLines(counting.readAt, good.length, VERSION)).value;
    const first = lines?.open(counting.readAt)(TEXT);
    const before = counting.bytesRead();
    expect(lines?.open(counting.readAt)(TEXT)).toBe(first);
    expect(counting.bytesRead()).toBe(before);
    lines?.open(counting.readAt)(TEXT + 1);
    expect(counting.bytesRead()).toBeGreaterThan(before);
  });

  it('may find any numbers in the records', () => {
    const table = fileOffset(good, TABLE);
    const functions = table + Number(good.readBigUInt64LE(table + 64));
    for (const value of [0, 1, 0x7fffffff, 0xffffffff]) {
      for (let at = functions; at < functions + 8 * 4 + 44 * 3; at += 4) {
        const file = Buffer.from(good);
        file.writeUInt32LE(value, at);
        const counting = countingReadAt(file);
        const lines = finish(findSourceLines(counting.readAt, file.length, VERSION)).value;
        const found = lines?.open(counting.readAt)(TEXT + 1500);
        if (found !== undefined) expect(found.function).not.toBe('');
        expect(counting.bytesRead()).toBeLessThan(20 * file.length);
      }
    }
  });
});

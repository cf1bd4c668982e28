import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TreeWriter } from '../../src/demo/tree-writer.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tree-writer-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('TreeWriter', () => {
  it('keeps the inode and shows a kept descriptor the new content, shorter or longer', () => {
    const writer = new TreeWriter();
    const path = join(directory, 'a/b/cpu.stat');
    writer.file(path, 'usage_usec 123456\n');
    const { ino } = statSync(path);
    const fd = openSync(path, 'r');
    const again = () => {
      const bytes = Buffer.alloc(64);
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, 64, 0));
    };
    writer.file(path, 'max\n');
    expect(again()).toBe('max\n');
    writer.file(path, 'usage_usec 99999999999\n');
    expect(again()).toBe('usage_usec 99999999999\n');
    writer.file(path, '');
    expect(again()).toBe('');
    expect(statSync(path).ino).toBe(ino);
    closeSync(fd);
  });

  it('leaves the last content written and no byte of an earlier one', () => {
    const writer = new TreeWriter();
    const path = join(directory, 'file');
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (contents) => {
        for (const content of contents) writer.file(path, content);
        expect(readFileSync(path, 'utf8')).toBe(Buffer.from(contents.at(-1)!, 'utf8').toString('utf8'));
      }),
      { numRuns: 50 },
    );
  });

  it('does not touch a file whose content is the same', () => {
    const writer = new TreeWriter();
    const path = join(directory, 'memory.events');
    writer.file(path, 'oom 0\n');
    const before = statSync(path, { bigint: true }).mtimeNs;
    writer.file(path, 'oom 0\n');
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(before);
  });

  it('makes a removed directory again with its files', () => {
    const writer = new TreeWriter();
    const path = join(directory, 'x/y/file');
    writer.file(path, '1\n');
    writer.remove(join(directory, 'x/y'));
    expect(() => statSync(path)).toThrow('ENOENT');
    writer.file(path, '1\n');
    expect(readFileSync(path, 'utf8')).toBe('1\n');
    writer.remove(join(directory, 'never written'));
  });
});

import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader, type KeptFile } from '../../src/io/file-reader.ts';

let root: string;
let files: FileReader;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'file-reader-'));
  files = new FileReader({ maxBytes: 64, maxKept: 2 });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(name: string, content: string): KeptFile {
  writeFileSync(join(root, name), content);
  return { path: join(root, name), fd: undefined };
}

function text(length: number): string {
  return files.bytes.toString('latin1', 0, length);
}

describe('FileReader', () => {
  it('reads a whole file, and one of exactly the most bytes', () => {
    expect(text(files.read(put('a', 'max\n').path))).toBe('max\n');
    expect(files.read(put('full', 'x'.repeat(64)).path)).toBe(64);
    expect(files.read(put('empty', '').path)).toBe(0);
  });

  it.each(['read', 'readKept'] as const)('%s fails on a longer file instead of cutting it', (method) => {
    const file = put('long', 'x'.repeat(65));
    expect(method === 'read' ? files.read(file.path) : files.readKept(file)).toBe(-1);
    expect(files.failure).toEqual({ kind: 'failed', code: 'over 64 bytes' });
    expect(files.keptCount).toBe(0);
  });

  it('reads on where the kernel gives a file in pieces', () => {
    const big = new FileReader({ maxBytes: 1_000_000, maxKept: 0 });
    const length = big.read('/proc/self/smaps');
    expect(length).toBeGreaterThan(4096);
    expect(big.bytes[length - 1]).toBe(0x0a);
  });

  it('says why there is nothing', () => {
    expect(files.read(join(root, 'nothing'))).toBe(-1);
    expect(files.failure).toEqual({ kind: 'absent', code: 'ENOENT' });
    expect(files.read(root)).toBe(-1);
    expect(files.failure).toEqual({ kind: 'failed', code: 'EISDIR' });
    expect(files.readKept({ path: join(root, 'nothing'), fd: undefined })).toBe(-1);
    expect(files.failure.kind).toBe('absent');
    expect(files.keptCount).toBe(0);
  });

  it('sees a kept file anew at each read, also when it has become shorter', () => {
    const file = put('a', '1000\n');
    expect(text(files.readKept(file))).toBe('1000\n');
    const { fd } = file;
    put('a', '7\n');
    expect(text(files.readKept(file))).toBe('7\n');
    expect(file.fd).toBe(fd);
    expect(files.keptCount).toBe(1);
  });

  it('reads files over its budget without keeping them', () => {
    const kept = ['a', 'b', 'c'].map((name) => put(name, name));
    expect(kept.map((file) => text(files.readKept(file)))).toEqual(['a', 'b', 'c']);
    expect(kept.map((file) => file.fd === undefined)).toEqual([false, false, true]);
    expect(files.keptCount).toBe(2);
    expect(files.maxKept).toBe(2);
    for (const file of kept) files.release(file);
    for (const file of kept) files.release(file);
    expect(files.keptCount).toBe(0);
    expect(text(files.readKept(kept[2]!))).toBe('c');
    files.release(kept[2]!);
  });

  it('lets go of a descriptor that was closed behind its back', () => {
    const file = put('a', 'a');
    files.readKept(file);
    closeSync(file.fd!);
    file.fd = 1_000_000;
    expect(files.readKept(file)).toBe(-1);
    expect(files.failure).toEqual({ kind: 'failed', code: 'EBADF' });
    expect(files.keptCount).toBe(0);
  });
});

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';

const files = new FileReader({ maxBytes: 65_536, maxKept: 0 });
const [major = 0, minor = 0] = release().split('.').map(Number);
const told = major > 6 || (major === 6 && minor >= 2);

describe('open files of a process', () => {
  const own = new ProcessReader({ procRoot: '/proc', files });

  it.runIf(told)('are counted by the kernel without a listing: one more for each file opened', () => {
    const before = own.openFiles(process.pid);
    const descriptors = Array.from({ length: 50 }, () => openSync('/proc/self/stat', 'r'));
    const after = own.openFiles(process.pid);
    for (const descriptor of descriptors) closeSync(descriptor);
    // Other files of this process come and go meanwhile.
    const grown = before.ok && after.ok ? after.value - before.value : 0;
    expect(grown).toBeGreaterThan(30);
    expect(grown).toBeLessThan(70);
  });

  it('are not the size of a directory on a disk', () => {
    const root = mkdtempSync(join(tmpdir(), 'cgopher-fd-'));
    mkdirSync(`${root}/9/fd`, { recursive: true });
    const reader = new ProcessReader({ procRoot: root, files });
    expect(reader.openFiles(9)).toMatchObject({ ok: false, miss: { kind: 'unsupported', detail: 'not on procfs' } });
    expect(reader.openFiles(10)).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.fd' } });
    rmSync(root, { recursive: true });
  });
});

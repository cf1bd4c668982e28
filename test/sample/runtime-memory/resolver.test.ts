import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { stampKey, stampOf } from '../../../src/io/random-access.ts';
import { inThisThread } from '../../../src/sample/runtime-memory/resolver.ts';

const folder = mkdtempSync(join(tmpdir(), 'cgopher-resolver-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('searches the file it was asked about, and no other that lies at its path by now', async () => {
  const exe = join(folder, 'exe');
  writeFileSync(exe, 'no program');
  const stamp = stampOf(exe, 'test');
  if (!stamp.ok) throw new Error(stamp.miss.detail);
  const executable = stampKey(stamp.value);
  expect(await inThisThread.resolve({ exe, executable })).toMatchObject({
    ok: false,
    miss: { detail: 'not an ELF file' },
  });
  writeFileSync(exe, 'another one');
  expect(await inThisThread.resolve({ exe, executable })).toMatchObject({
    ok: false,
    miss: { kind: 'absent', detail: 'the process runs another program by now' },
  });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readHostMemory } from '../../src/io/host-memory.ts';

test("the machine's own total is MemTotal of /proc/meminfo", async () => {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1];
  const reading = await readHostMemory();
  expect(reading.ok && reading.value.totalBytes).toBe(Number(kilobytes) * 1024);
});

test.each([
  [
    { total: 2048, swaptotal: 0 },
    { ok: true, value: { totalBytes: 2048, swapTotalBytes: 0 } },
  ],
  [
    { total: 0, swaptotal: 0 },
    { ok: false, miss: { kind: 'failed', reader: 'host_memory' } },
  ],
  [
    { total: Number.NaN, swaptotal: 0 },
    { ok: false, miss: { kind: 'failed' } },
  ],
  [
    { total: 2048, swaptotal: -1 },
    { ok: false, miss: { kind: 'failed' } },
  ],
])('%j', async (memory, expected) => {
  expect(await readHostMemory(() => Promise.resolve({ mem: () => Promise.resolve(memory) }))).toMatchObject(expected);
});

test('a package that cannot be loaded is a miss', async () => {
  expect(await readHostMemory(() => Promise.reject(new Error('no such package')))).toMatchObject({
    ok: false,
    miss: { kind: 'failed', detail: 'no such package' },
  });
});

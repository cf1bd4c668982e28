import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Miss } from '../../../src/base/reading.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { readNumaNodes } from '../../../src/kernel/proc/numa.ts';

class CountingReader extends FileReader {
  readonly asked: string[] = [];

  override read(path: string): number {
    this.asked.push(path.slice(path.indexOf('/node/') + 6));
    return super.read(path);
  }
}

let sys: string;
let files: CountingReader;
let misses: Miss[];

beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), 'numa-'));
  files = new CountingReader({ maxBytes: 1 << 16, maxKept: 1 });
  misses = [];
});

afterEach(() => {
  rmSync(sys, { recursive: true, force: true });
});

/** Files of /sys/devices/system/node. */
function write(content: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(content)) {
    const path = join(sys, 'devices/system/node', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
}

const read = () => readNumaNodes(sys, files, (miss) => misses.push(miss));

describe('NUMA nodes', () => {
  it('come with their CPUs; one may be memory only', () => {
    write({
      online: '0-2\n',
      'node0/cpulist': '0-3,8-9\n',
      'node1/cpulist': '4-7\n',
      'node2/cpulist': '\n',
    });
    expect(read()).toEqual([
      { node: 0, cpus: [0, 1, 2, 3, 8, 9] },
      { node: 1, cpus: [4, 5, 6, 7] },
      { node: 2, cpus: [] },
    ]);
    expect(misses).toEqual([]);
  });

  it('are none on a machine with one, at the cost of one file', () => {
    write({ online: '0\n', 'node0/cpulist': '0-3\n' });
    expect(read()).toEqual([]);
    expect(files.asked).toEqual(['online']);
  });

  it('are none where the kernel has no NUMA', () => {
    expect(read()).toEqual([]);
    expect(misses).toEqual([]);
  });

  it('leave out a node that went offline meanwhile', () => {
    write({ online: '0-1\n', 'node0/cpulist': '0-3\n' });
    expect(read()).toEqual([]);
  });

  it.each(['', 'two\n', '0-\n', '1,0\n', '0-99999\n'])('are not known when the list is %j', (online) => {
    write({ online, 'node0/cpulist': '0\n', 'node1/cpulist': '1\n' });
    // An empty file is an empty list.
    expect(read()).toEqual(online === '' ? [] : undefined);
    expect(misses.map(({ kind }) => kind)).toEqual(online === '' ? [] : ['malformed']);
  });

  it('are not known when a list of CPUs is malformed, or there are more than there can be', () => {
    write({ online: '0-1\n', 'node0/cpulist': '0-3\n', 'node1/cpulist': '4-\n' });
    expect(read()).toBeUndefined();
    write({ online: '0-1024\n' });
    expect(read()).toBeUndefined();
    expect(misses.map(({ reader, detail }) => [reader, detail])).toEqual([
      ['numa', 'no list of numbers'],
      ['numa', 'over 1024 nodes'],
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('are not known when they may not be read', () => {
    write({ online: '0-1\n' });
    chmodSync(join(sys, 'devices/system/node/online'), 0);
    expect(read()).toBeUndefined();
    expect(misses.map(({ kind }) => kind)).toEqual(['denied']);
  });
});

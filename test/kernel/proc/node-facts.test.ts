import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Miss } from '../../../src/base/reading.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { type NodeFacts, readNodeFacts } from '../../../src/kernel/proc/node-facts.ts';

const RECORDING = new URL('../../../fixtures-cgroupfs/proc-recording', import.meta.url).pathname;

let root = '';
let misses: Miss[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-node-'));
  misses = [];
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(): NodeFacts {
  const files = new FileReader({ maxBytes: 65_536, maxKept: 0 });
  return readNodeFacts({ procRoot: `${root}/proc`, sysRoot: `${root}/sys`, files }, (miss) => misses.push(miss));
}

describe('readNodeFacts', () => {
  it('reads a recorded node', () => {
    cpSync(RECORDING, `${root}/proc`, { recursive: true });
    write('proc/sys/vm/swappiness', '60\n');
    write('proc/sys/vm/panic_on_oom', '0\n');
    write('proc/sys/kernel/threads-max', '15736\n');
    write('proc/sys/kernel/osrelease', '6.1.0-56-cloud-amd64\n');
    write('proc/sys/kernel/random/boot_id', '7e3c9dd2-3f0f-4d2b-9f57-0f2f7f1e8f10\n');
    write('sys/devices/system/cpu/online', '0-1\n');
    write('sys/kernel/mm/transparent_hugepage/enabled', 'always [madvise] never\n');
    write('sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none', '511\n');
    const facts = read();
    expect(misses).toEqual([]);
    expect(facts).toMatchObject({
      memInfo: { memTotal: 2_026_012 * 1024 },
      onlineCpus: [0, 1],
      cpusOnline: 2,
      bootTimeSeconds: 1_795_211_031,
      kernelRelease: '6.1.0-56-cloud-amd64',
      bootId: '7e3c9dd2-3f0f-4d2b-9f57-0f2f7f1e8f10',
      hostname: 'vmlab',
    });
    expect(facts.sysctls).toEqual({
      'vm.swappiness': 60,
      'vm.overcommit_memory': 0,
      'vm.panic_on_oom': 0,
      'kernel.pid_max': 32768,
      'kernel.threads-max': 15736,
      'transparent_hugepage.enabled': 'madvise',
      'khugepaged.max_ptes_none': 511,
    });
    expect(facts.pressure.memory?.some?.totalUsec).toBeTypeOf('number');
    expect(facts.uptimeSeconds).toBeTypeOf('number');
  });

  it('counts the CPUs of /proc/stat where /sys is not mounted', () => {
    write('proc/stat', 'cpu  1\ncpu0 1\ncpu1 1\ncpu2 1\nbtime 5\n');
    expect(read()).toMatchObject({ onlineCpus: undefined, cpusOnline: 3, bootTimeSeconds: 5 });
  });

  it('an empty machine gives undefined and a miss for each file, never a number', () => {
    const facts = read();
    expect(facts).toEqual({
      memInfo: undefined,
      pressure: { cpu: undefined, memory: undefined, io: undefined },
      onlineCpus: undefined,
      cpusOnline: undefined,
      uptimeSeconds: undefined,
      bootTimeSeconds: undefined,
      kernelRelease: undefined,
      bootId: undefined,
      hostname: undefined,
      sysctls: {},
      blockDevices: undefined,
    });
    expect(misses).toHaveLength(17);
    expect(new Set(misses.map((miss) => miss.kind))).toEqual(new Set(['absent']));
  });

  it('tells a malformed file from a missing one', () => {
    write('proc/sys/vm/swappiness', 'lots\n');
    expect(read().sysctls['vm.swappiness']).toBeUndefined();
    expect(misses.find((miss) => miss.source.endsWith('swappiness'))).toMatchObject({
      kind: 'malformed',
      reader: 'sysctl',
    });
  });
});

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/clock.ts';
import type { Miss } from '../../../src/base/reading.ts';
import { FileReader, type KeptFile } from '../../../src/io/file-reader.ts';
import { CgroupReader } from '../../../src/kernel/cgroup/cgroup-reader.ts';
import type { Level } from '../../../src/kernel/cgroup/control-files.ts';
import { createCgroupParsers } from '../../../src/kernel/cgroup/parsers.ts';

/** Answers like a kernel that refuses some files: errno 95 and the like cannot be had from a plain directory. */
class RefusingReader extends FileReader {
  readonly refused = new Map<string, 'unsupported' | 'denied' | 'failed'>();
  readonly asked: string[] = [];

  override read(path: string): number {
    return this.#refuse(path) ?? super.read(path);
  }

  override readKept(file: KeptFile): number {
    return this.#refuse(file.path) ?? super.readKept(file);
  }

  #refuse(path: string): number | undefined {
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.asked.push(name);
    const kind = this.refused.get(name);
    if (kind === undefined) return undefined;
    this.failure.kind = kind;
    this.failure.code = { unsupported: 'ENOTSUP', denied: 'EACCES', failed: 'EIO' }[kind];
    return -1;
  }
}

const FILES: Record<string, string> = {
  'cpu.stat': 'usage_usec 100\nuser_usec 60\nsystem_usec 40\n',
  'cpu.max': '50000 100000\n',
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.stat': 'anon 1024\nfile 2048\n',
  'cpu.weight': '100\n',
  'cpuset.cpus': '\n',
  'cpuset.cpus.effective': '0-1\n',
  'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n',
  'pids.max': '10\n',
  'cgroup.procs': '7\n0\n',
};

let root: string;
let files: RefusingReader;
let misses: Miss[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-reader-'));
  files = new RefusingReader({ maxBytes: 8192, maxKept: 100 });
  misses = [];
  make('/pod/box');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function make(path: string): void {
  mkdirSync(root + path, { recursive: true });
  for (const [name, content] of Object.entries(FILES)) writeFileSync(`${root}${path}/${name}`, content);
}

function write(name: string, content: string): void {
  writeFileSync(`${root}/pod/box/${name}`, content);
}

function reader(level: Level = 'leaf', path = '/pod/box'): CgroupReader {
  const inode = statSync(root + path).ino;
  return new CgroupReader({ root, path, inode, files, parsers: createCgroupParsers(), level });
}

function at(monotonicMs: number): Instant {
  return { wallMs: 1_700_000_000_000 + monotonicMs, monotonicMs };
}

const onMiss = (miss: Miss): void => {
  misses.push(miss);
};

describe('CgroupReader', () => {
  it('reads everything the first time, then only what the cadence says, and carries the rest on', () => {
    const box = reader();
    const first = box.sample('hot', at(1000), onMiss);
    expect(first).toMatchObject({
      path: '/pod/box',
      inode: box.inode,
      readAtMs: 1000,
      slowReadAtMs: 1000,
      cpuStat: { usageUsec: 100, nrPeriods: undefined },
      cpuMax: { quotaUsec: 50_000, periodUsec: 100_000 },
      memoryMax: 'max',
      cpuWeight: 100,
      pidsMax: 10,
      cpusetCpusEffective: [0, 1],
    });
    write('cpu.max', '20000 100000\n');
    write('cpu.weight', '200\n');
    write('pids.max', 'max\n');
    const hot = box.sample('hot', at(2000), onMiss);
    expect(hot).toMatchObject({ readAtMs: 2000, slowReadAtMs: 1000, cpuWeight: 100, pidsMax: 10 });
    expect(hot?.cpuMax?.quotaUsec).toBe(20_000);
    const slow = box.sample('slow', at(3000), onMiss);
    expect(slow).toMatchObject({ readAtMs: 3000, slowReadAtMs: 3000, cpuWeight: 200, pidsMax: 10 });
    expect(box.sample('rare', at(4000), onMiss)).toMatchObject({ pidsMax: 'max' });
    expect(first?.cpuMax?.quotaUsec).toBe(50_000);
    expect(misses).toEqual([]);
  });

  it('takes an io.stat that says the same for a new reading all the same', () => {
    const box = reader();
    box.sample('slow', at(1000), onMiss);
    // Twice `rbytes=1`, four seconds apart: a rate of 0, and not of the time before.
    expect(box.sample('slow', at(5000), onMiss)?.ioStatPair).toMatchObject({ beforeAtMs: 1000, atMs: 5000 });
  });

  it('keeps the reading of io.stat before the last, and when both were', () => {
    const box = reader();
    const bytes = (count: number): void => {
      write('io.stat', `8:0 rbytes=${count} wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n`);
    };
    const sample = (cadence: 'hot' | 'slow', ms: number) => box.sample(cadence, at(ms), onMiss)?.ioStatPair;
    expect(sample('hot', 1000)).toBeUndefined();
    bytes(500);
    expect(sample('hot', 2000)).toBeUndefined();
    // Read at 1000 (1 byte) and at 5000 (500 bytes); the cycles between carry on.
    expect(sample('slow', 5000)).toMatchObject({ before: [{ rbytes: 1 }], beforeAtMs: 1000, atMs: 5000 });
    bytes(900);
    expect(sample('hot', 6000)).toMatchObject({ before: [{ rbytes: 1 }], beforeAtMs: 1000, atMs: 5000 });
    expect(sample('slow', 9000)).toMatchObject({ before: [{ rbytes: 500 }], beforeAtMs: 5000, atMs: 9000 });
    files.refused.set('io.stat', 'failed');
    expect(sample('slow', 13_000)).toBeUndefined();
    files.refused.clear();
    expect(sample('slow', 17_000)).toBeUndefined();
    expect(sample('slow', 21_000)).toMatchObject({ before: [{ rbytes: 900 }], beforeAtMs: 17_000, atMs: 21_000 });
  });

  it('reads memory.numa_stat of containers only, and only on a machine with several nodes', () => {
    write('memory.numa_stat', 'anon N0=4096 N1=8192\nfile N0=0 N1=0\n');
    const read = (level: Level, numa: boolean) => {
      const { ino } = statSync(`${root}/pod/box`);
      const parsers = createCgroupParsers();
      files.asked.length = 0;
      const of = new CgroupReader({ root, path: '/pod/box', inode: ino, files, parsers, level, numa });
      const sample = of.sample('rare', at(1), onMiss);
      return [sample?.memoryNumaAnon, files.asked.includes('memory.numa_stat')];
    };
    const told = [
      { node: 0, bytes: 4096 },
      { node: 1, bytes: 8192 },
    ];
    expect(read('leaf', true)).toEqual([told, true]);
    expect(read('leaf', false)).toEqual([undefined, false]);
    expect(read('pod', true)).toEqual([undefined, false]);
    expect(read('upper', true)).toEqual([undefined, false]);
    write('memory.numa_stat', 'anon N0=\n');
    expect(read('leaf', true)).toEqual([undefined, true]);
    expect(misses.map(({ kind, reader: name }) => [kind, name])).toEqual([['malformed', 'memory.numa_stat']]);
  });

  it('tells no miss for a file that is not there, and takes an empty cpuset.cpus as inherited', () => {
    const sample = reader().sample('rare', at(1), onMiss);
    expect(sample?.memoryEvents).toBeUndefined();
    expect(sample?.cpusetCpus).toBeUndefined();
    expect(misses).toEqual([]);
  });

  it('tells a malformed file with its name and path, and reads it again when it is sound', () => {
    const box = reader();
    write('memory.max', '-1\n');
    expect(box.sample('hot', at(1), onMiss)?.memoryMax).toBeUndefined();
    const source = `${root}/pod/box/memory.max`;
    expect(misses).toEqual([
      { kind: 'malformed', reader: 'memory.max', source, detail: '3 bytes that are not a memory.max' },
    ]);
    write('memory.max', '4096\n');
    expect(box.sample('hot', at(2), onMiss)?.memoryMax).toBe(4096);
    expect(misses).toHaveLength(1);
  });

  it('tells pressure that is off (errno 95 on read) in each sample, but asks again only with the slow files', () => {
    files.refused.set('cpu.pressure', 'unsupported');
    const box = reader();
    for (const time of [1, 2, 3]) expect(box.sample('hot', at(time), onMiss)?.cpuPressure).toBeUndefined();
    expect(misses.map((miss) => `${miss.reader} ${miss.kind} ${miss.detail}`)).toEqual(
      Array(3).fill('cpu.pressure unsupported ENOTSUP'),
    );
    expect(files.asked.filter((name) => name === 'cpu.pressure')).toHaveLength(1);
    files.refused.clear();
    write('cpu.pressure', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n');
    expect(box.sample('slow', at(4), onMiss)?.cpuPressure?.some?.totalUsec).toBe(9);
    expect(misses).toHaveLength(3);
  });

  it('notices pressure files that appear (ENOENT before)', () => {
    const box = reader();
    expect(box.sample('hot', at(1), onMiss)?.memoryPressure).toBeUndefined();
    write('memory.pressure', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n');
    expect(box.sample('slow', at(2), onMiss)?.memoryPressure?.some?.totalUsec).toBe(9);
    expect(misses).toEqual([]);
  });

  it('tells denied and failed files, and tries a failed one every time', () => {
    files.refused.set('memory.current', 'failed').set('memory.stat', 'denied').set('pids.max', 'denied');
    const box = reader();
    box.sample('hot', at(1), onMiss);
    misses = [];
    const sample = box.sample('hot', at(2), onMiss);
    expect(misses.map((miss) => `${miss.reader} ${miss.kind}`)).toEqual([
      'memory.current failed',
      'memory.stat denied',
      'pids.max denied',
    ]);
    expect(sample?.memoryStat).toBeUndefined();
    expect(files.asked.filter((name) => name === 'memory.current')).toHaveLength(2);
    expect(files.asked.filter((name) => name === 'memory.stat')).toHaveLength(1);
  });

  it('outlives one controller that is switched off', () => {
    const box = reader('upper');
    box.sample('hot', at(1), onMiss);
    unlinkSync(`${root}/pod/box/memory.current`);
    const sample = box.sample('hot', at(2), onMiss);
    expect(sample?.memoryCurrent).toBeUndefined();
    expect(sample?.cpuStat?.usageUsec).toBe(100);
    expect(misses).toEqual([]);
  });

  it.each<Level>(['leaf', 'pod', 'upper'])('is undefined once the cgroup is gone (%s), and never was one', (level) => {
    const box = reader(level);
    const late = reader('upper');
    // A kept descriptor of a removed file goes on reading here; on cgroupfs it gives ENODEV.
    if (level === 'upper') expect(box.sample('rare', at(1), onMiss)).toBeDefined();
    rmSync(`${root}/pod/box`, { recursive: true });
    expect(box.sample('hot', at(2), onMiss)).toBeUndefined();
    expect(late.sample('hot', at(2), onMiss)).toBeUndefined();
    expect(box.processes(onMiss)).toBeUndefined();
    expect(misses).toEqual([]);
    expect(files.keptCount).toBe(0);
  });

  it('does not take a later cgroup of the same name for this one', () => {
    const box = reader('upper');
    box.sample('hot', at(1), onMiss);
    rmSync(`${root}/pod/box`, { recursive: true });
    // Keeps the old inode number from being given again.
    mkdirSync(`${root}/pod/other`);
    mkdirSync(`${root}/pod/box`);
    expect(box.sample('hot', at(2), onMiss)).toBeUndefined();
  });

  it('reads everything of a pod, what verdicts need often and the rest seldom, and keeps the hot files of that open', () => {
    const pod = reader('pod');
    const sample = pod.sample('rare', at(1), onMiss);
    expect(sample?.cpuStat?.usageUsec).toBe(100);
    expect(sample?.memoryStat).toBeDefined();
    expect(sample?.memoryMax).toBeDefined();
    expect(sample?.memoryCurrent).toBeDefined();
    // cpu.stat, cpu.max, memory.stat, memory.max are there; memory.events is not.
    expect(files.keptCount).toBe(4);
    pod.close();
    expect(files.keptCount).toBe(0);
  });

  it('keeps the hot files of a leaf open, none of an upper level, and closes them', () => {
    const box = reader('leaf');
    const slice = reader('upper');
    slice.sample('hot', at(1), onMiss);
    expect(files.keptCount).toBe(0);
    box.sample('hot', at(1), onMiss);
    // cpu.stat, cpu.max, memory.current, memory.stat, memory.max are there; the other hot files are not.
    expect(files.keptCount).toBe(5);
    box.sample('rare', at(2), onMiss);
    expect(files.keptCount).toBe(5);
    box.close();
    expect(files.keptCount).toBe(0);
  });

  it('keeps io.pressure only while half of the budget is free', () => {
    write('io.pressure', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n');
    reader().sample('hot', at(1), onMiss);
    expect(files.keptCount).toBe(6);
    files = new RefusingReader({ maxBytes: 8192, maxKept: 10 });
    const tight = reader();
    expect(tight.sample('hot', at(1), onMiss)?.ioPressure?.some?.totalUsec).toBe(1);
    expect(files.keptCount).toBe(5);
  });

  it('does not read memory.stat and io.stat of upper levels', () => {
    make('/');
    const sample = reader('upper', '/').sample('rare', at(1), onMiss);
    expect(sample).toMatchObject({ path: '/', cpuStat: { usageUsec: 100 }, memoryCurrent: 4096 });
    expect(sample?.memoryStat).toBeUndefined();
    expect(sample?.ioStat).toBeUndefined();
    expect(files.asked).not.toContain('memory.stat');
    expect(files.asked).not.toContain('io.stat');
  });
});

describe('CgroupReader.processes', () => {
  it('gives visible processes and counts the others', () => {
    expect(reader().processes(onMiss)).toEqual({ pids: [7], invisible: 1 });
  });

  it('reads the threads of a threaded cgroup', () => {
    files.refused.set('cgroup.procs', 'unsupported');
    write('cgroup.threads', '8\n9\n');
    expect(reader().processes(onMiss)).toEqual({ pids: [8, 9], invisible: 0 });
    expect(misses).toEqual([]);
  });

  it('tells what is denied or malformed', () => {
    const box = reader();
    write('cgroup.procs', 'x\n');
    expect(box.processes(onMiss)).toBeUndefined();
    files.refused.set('cgroup.procs', 'denied');
    expect(box.processes(onMiss)).toBeUndefined();
    expect(misses.map((miss) => `${miss.reader} ${miss.kind}`)).toEqual([
      'cgroup.procs malformed',
      'cgroup.procs denied',
    ]);
  });

  it('tells a file this user may not read', () => {
    const box = reader();
    chmodSync(`${root}/pod/box/cgroup.procs`, 0);
    // Root may read everything, so root reads as somebody else for a moment.
    const isRoot = process.geteuid?.() === 0;
    chmodSync(root, 0o755);
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(box.processes(onMiss)).toBeUndefined();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    expect(misses).toMatchObject([{ kind: 'denied', detail: 'EACCES' }]);
  });
});

import { existsSync, mkdirSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Miss } from '../../../src/base/reading.ts';
import { DirectoryWatch } from '../../../src/io/directory-watch.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { CgroupReader } from '../../../src/kernel/cgroup/cgroup-reader.ts';
import { detectHierarchy } from '../../../src/kernel/cgroup/hierarchy.ts';
import { createCgroupParsers } from '../../../src/kernel/cgroup/parsers.ts';
import { walkCgroups } from '../../../src/kernel/cgroup/walk.ts';

const CGROUP2_MAGIC = 0x63677270;
const root = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(isCgroup2);
const own = `/cgopher-test-${process.pid}`;

function isCgroup2(path: string): boolean {
  return existsSync(path) && statfsSync(path).type === CGROUP2_MAGIC;
}

/** Whether this user may make a cgroup. Nothing is left behind. */
function mayMake(): boolean {
  if (root === undefined) return false;
  try {
    mkdirSync(root + own);
    rmdirSync(root + own);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!mayMake())('on a real cgroup2 file system (needs the right to make cgroups)', () => {
  const mount = root ?? '';
  const files = new FileReader({ maxBytes: 65_536, maxKept: 100 });
  const misses: Miss[] = [];
  const onMiss = (miss: Miss): void => {
    misses.push(miss);
  };

  beforeAll(() => {
    for (const path of ['', '/pod', '/pod/box']) mkdirSync(mount + own + path);
  });

  afterAll(() => {
    for (const path of ['/pod/box', '/pod', '']) if (existsSync(mount + own + path)) rmdirSync(mount + own + path);
  });

  it('walks by link counts', () => {
    expect(walkCgroups(mount + own, { onMiss })).toEqual([
      { path: '/', inode: statSync(mount + own).ino, links: 3 },
      { path: '/pod', inode: statSync(`${mount}${own}/pod`).ino, links: 3 },
      { path: '/pod/box', inode: statSync(`${mount}${own}/pod/box`).ino, links: 2 },
    ]);
    expect(misses).toEqual([]);
  });

  it('knows the hierarchy', () => {
    const found = detectHierarchy('/sys/fs/cgroup', files);
    expect(found.mode).toBe(mount === '/sys/fs/cgroup' ? 'unified' : 'hybrid');
    expect(found.root).toBe(mount);
  });

  it('reads a cgroup, finds it gone, and does not take its successor for it', () => {
    const path = `${own}/pod/box`;
    const inode = statSync(mount + path).ino;
    const parsers = createCgroupParsers();
    const box = new CgroupReader({ root: mount, path, inode, files, parsers, level: 'leaf' });
    const first = box.sample('rare', { wallMs: 0, monotonicMs: 1 }, onMiss);
    expect(first?.cpuStat?.usageUsec).toBe(0);
    expect(first?.events).toEqual({ populated: false, frozen: false });
    expect(first?.stat).toEqual({ nrDescendants: 0, nrDyingDescendants: 0 });
    expect(box.processes(onMiss)).toEqual({ pids: [], invisible: 0 });
    expect(misses.filter((miss) => miss.kind !== 'unsupported')).toEqual([]);
    expect(files.keptCount).toBeGreaterThan(0);
    rmdirSync(mount + path);
    mkdirSync(mount + path);
    expect(box.sample('hot', { wallMs: 0, monotonicMs: 2 }, onMiss)).toBeUndefined();
    expect(files.keptCount).toBe(0);
  });

  it('reads the root without a miss', () => {
    const inode = statSync(mount).ino;
    const top = new CgroupReader({
      root: mount,
      path: '/',
      inode,
      files,
      parsers: createCgroupParsers(),
      level: 'upper',
    });
    misses.length = 0;
    expect(top.sample('rare', { wallMs: 0, monotonicMs: 1 }, onMiss)?.cpuStat?.usageUsec).toBeGreaterThan(0);
    expect(misses.filter((miss) => miss.kind !== 'unsupported')).toEqual([]);
  });

  it('hears of child cgroups that come and go', async () => {
    const heard: string[] = [];
    let wake = (): void => undefined;
    const watch = new DirectoryWatch((directory) => {
      heard.push(directory);
      wake();
    }, 10);
    const next = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    expect(watch.add(mount + own)).toBe(true);
    const made = next();
    mkdirSync(`${mount}${own}/late`);
    await made;
    const removed = next();
    rmdirSync(`${mount}${own}/late`);
    await removed;
    expect(heard).toEqual([mount + own, mount + own]);
    watch.close();
    expect(watch.count).toBe(0);
  });
});

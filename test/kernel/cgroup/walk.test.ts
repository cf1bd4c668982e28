import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Miss } from '../../../src/base/reading.ts';
import { walkCgroups } from '../../../src/kernel/cgroup/walk.ts';

let root: string;
let misses: Miss[];
const onMiss = (miss: Miss): void => {
  misses.push(miss);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-walk-'));
  misses = [];
  for (const path of ['a/pod1/box', 'a/pod1/pause', 'a/pod2', 'b']) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'a/cgroup.procs'), '1\n');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function paths(options: Parameters<typeof walkCgroups>[1] = {}): string[] {
  return walkCgroups(root, { onMiss, ...options }).map((found) => found.path);
}

describe('walkCgroups', () => {
  it('gives every directory with its inode, upper levels first', () => {
    const found = walkCgroups(root, { onMiss });
    expect(found.map((each) => each.path).sort()).toEqual(
      ['/', '/a', '/a/pod1', '/a/pod1/box', '/a/pod1/pause', '/a/pod2', '/b'].sort(),
    );
    expect(found[0]?.path).toBe('/');
    const depths = found.map((each) => (each.path === '/' ? 0 : each.path.split('/').length - 1));
    expect(depths).toEqual([...depths].sort());
    const box = found.find((each) => each.path === '/a/pod1/box');
    expect(box?.inode).toBe(statSync(join(root, 'a/pod1/box')).ino);
    expect(misses).toEqual([]);
  });

  it('goes below only where asked, and lists the others', () => {
    expect(paths({ descend: (path) => path === '/a' }).sort()).toEqual(['/', '/a', '/a/pod1', '/a/pod2', '/b']);
  });

  it('follows no symbolic link', () => {
    symlinkSync(root, join(root, 'b', 'loop'));
    expect(paths()).toHaveLength(7);
  });

  it('stops at its bounds and says so once for each', () => {
    expect(paths({ maxDepth: 1 }).sort()).toEqual(['/', '/a', '/b']);
    expect(misses).toEqual([{ kind: 'failed', reader: 'cgroup_walk', source: root, detail: 'more than 1 levels' }]);
    misses = [];
    expect(paths({ maxDirectories: 4 })).toHaveLength(4);
    expect(misses).toMatchObject([{ kind: 'failed', detail: 'more than 4 directories' }]);
  });

  it('takes a directory that vanishes during the walk as none', () => {
    const found = paths({
      descend: (path) => {
        if (path === '/a/pod1') rmSync(join(root, 'a/pod1'), { recursive: true });
        return true;
      },
    });
    expect(found).not.toContain('/a/pod1/box');
    expect(found).toContain('/b');
    expect(misses).toEqual([]);
  });

  it('tells a root that is not there', () => {
    expect(walkCgroups(join(root, 'nothing'), { onMiss })).toEqual([]);
    expect(misses).toMatchObject([{ kind: 'absent', reader: 'cgroup_walk', detail: 'ENOENT' }]);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { detectHierarchy } from '../../../src/kernel/cgroup/hierarchy.ts';

let root: string;
const files = new FileReader({ maxBytes: 4096, maxKept: 0 });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-hierarchy-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

describe('detectHierarchy', () => {
  it('unified', () => {
    put('cgroup.controllers', 'cpuset cpu io memory pids\n');
    expect(detectHierarchy(root, files)).toEqual({
      mode: 'unified',
      controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
      root,
      partial: false,
      mountOptions: undefined,
      detail: `cgroup2 at ${root} with controllers cpuset cpu io memory pids`,
    });
  });

  it("a container's own part of a unified tree", () => {
    put('cgroup.controllers', 'cpu memory\n');
    put('cgroup.type', 'domain\n');
    const found = detectHierarchy(root, files);
    expect(found).toMatchObject({ mode: 'unified', partial: true });
    expect(found.detail).toContain('only a part of the tree');
  });

  it('hybrid, also with no controller on v2', () => {
    put('memory/tasks');
    put('unified/cgroup.controllers');
    expect(detectHierarchy(root, files)).toMatchObject({
      mode: 'hybrid',
      controllers: [],
      root: `${root}/unified`,
      detail: `cgroup2 at ${root}/unified with no controllers`,
    });
  });

  it('v1, controllers mounted together counted apart', () => {
    put('memory/tasks');
    put('cpu,cpuacct/cgroup.procs');
    put('elsewhere/readme');
    expect(detectHierarchy(root, files)).toMatchObject({
      mode: 'v1',
      controllers: ['cpu', 'cpuacct', 'memory'],
      root: undefined,
    });
  });

  it('none, with a reason', () => {
    expect(detectHierarchy(root, files)).toMatchObject({
      mode: 'none',
      controllers: [],
      detail: `${root} has no cgroup.controllers and no v1 controller directory`,
    });
    expect(detectHierarchy(`${root}/x`, files)).toMatchObject({ mode: 'none', detail: `${root}/x: ENOENT` });
  });

  it('mount options of the mount at the root, else of any cgroup2 mount', () => {
    put('cgroup.controllers', 'cpu memory\n');
    const v1 = { fsType: 'cgroup', mountPoint: root, superOptions: ['rw', 'memory'] };
    const other = { fsType: 'cgroup2', mountPoint: '/elsewhere', superOptions: ['rw', 'memory_localevents'] };
    const here = { fsType: 'cgroup2', mountPoint: root, superOptions: ['rw', 'nsdelegate', 'memory_recursiveprot'] };
    expect(detectHierarchy(root, files, [v1, other, here]).mountOptions).toEqual({
      nsdelegate: true,
      memoryRecursiveprot: true,
      memoryLocalevents: false,
      pidsLocalevents: false,
    });
    expect(detectHierarchy(root, files, [v1, other]).mountOptions?.memoryLocalevents).toBe(true);
    expect(detectHierarchy(root, files, [v1]).mountOptions).toBeUndefined();
  });
});

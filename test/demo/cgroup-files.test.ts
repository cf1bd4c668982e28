import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cgroupFiles } from '../../src/demo/cgroup-files.ts';
import { cgroupTree } from '../../src/demo/cgroup-tree.ts';
import { WORKLOADS } from '../../src/demo/workloads.ts';
import { createWorld } from '../../src/demo/world.ts';

interface Recorded {
  readonly root: Readonly<Record<string, readonly string[]>>;
  readonly container: Readonly<Record<string, readonly string[]>>;
}
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures-cgroupfs/demo/recorded-keys.json', import.meta.url), 'utf8'),
) as Recorded;

const tree = cgroupTree(createWorld(WORKLOADS, undefined).at(12.5), 12.5);
const firstWords = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0]);

describe('cgroupFiles', () => {
  it.each(['root', 'container'] as const)('has the files and keys of a recorded %s, in their order', (level) => {
    const state = level === 'root' ? tree[0]! : tree.find((entry) => entry.path.endsWith('.scope'))!;
    const files = cgroupFiles(state);
    expect(Object.keys(files).sort()).toEqual(Object.keys(recorded[level]).sort());
    const keyed = Object.entries(recorded[level]).filter(([, keys]) => keys.length > 0);
    expect(keyed.length).toBeGreaterThan(6);
    for (const [name, keys] of keyed) expect(firstWords(files[name]!), name).toEqual(keys);
  });

  it('nests slices, pods and scopes as the systemd driver does', () => {
    const qos = '/kubepods.slice/kubepods-burstable.slice';
    const uid = '[0-9a-f]{8}_[0-9a-f]{4}_4[0-9a-f]{3}_[89ab][0-9a-f]{3}_[0-9a-f]{12}';
    const scope = new RegExp(`^${qos}/kubepods-burstable-pod${uid}\\.slice/cri-containerd-[0-9a-f]{64}\\.scope$`);
    expect(tree.filter((state) => scope.test(state.path)).length).toBe(24);
    expect(tree.map((state) => state.path)).toEqual(
      expect.arrayContaining([
        '/',
        '/kubepods.slice',
        qos,
        '/system.slice',
        '/system.slice/containerd.service',
        '/init.scope',
      ]),
    );
    expect(tree.filter((state) => /^\/kubepods\.slice\/kubepods-pod[^/]+\.slice$/.test(state.path)).length).toBe(1);
  });

  it('counts descendants and lists every process once', () => {
    const root = cgroupFiles(tree[0]!);
    expect(root['cgroup.stat']).toBe(`nr_descendants ${tree.length - 1}\nnr_dying_descendants 0\n`);
    const pids = tree.flatMap((state) => state.pids);
    expect(new Set(pids).size).toBe(pids.length);
    // 15 pods with a container and a pause container each, and 3 units.
    expect(pids.length).toBe(15 * 2 + 3);
  });

  it('writes quotas in microseconds and events of the pod after three kills', () => {
    const of = (index: number) => cgroupFiles(tree[index]!);
    const pod = tree.findIndex((state) => state.kills === 3 && state.path.includes('-pod'));
    expect(of(pod)['cpu.max']).toBe('200000 100000\n');
    expect(of(pod)['memory.events']).toBe('low 0\nhigh 0\nmax 42\noom 3\noom_kill 6\noom_group_kill 3\n');
    expect(of(pod)['memory.events.local']).toBe('low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n');
  });
});

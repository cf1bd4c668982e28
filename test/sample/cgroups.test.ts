import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID_A, ID_B, ID_SANDBOX, POD_A, SmallNode, scope, UID_A } from './small-node.ts';
import { taking } from './take.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
});
afterEach(() => {
  node.close();
});

/** Descriptors this process holds below the node's cgroup directory. */
const held = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(node.paths.cgroupfs);
    } catch {
      return false;
    }
  }).length;

describe('the census of cgroups', () => {
  it('reads containers, pods and all above them, and nothing that holds no workload', () => {
    node.cgroup('/system.slice/cron.service');
    const { sampler, take } = taking(node.paths);
    expect([...take().cgroups.keys()].sort()).toEqual(['/', '/kubepods.slice', POD_A, scope(ID_A)].sort());
    expect(sampler.cgroupCount).toBe(6);
    sampler.close();
  });

  it('takes in what is new and drops what has gone, with its descriptors', () => {
    const { sampler, take } = taking(node.paths);
    take();
    const one = sampler.keptDescriptors;
    expect(one).toBeGreaterThan(0);
    expect(held()).toBe(one);
    node.container(ID_B, 102);
    expect(take().cgroups.has(scope(ID_B))).toBe(true);
    expect(sampler.keptDescriptors).toBeGreaterThan(one);
    expect(held()).toBe(sampler.keptDescriptors);
    node.remove(`cgroup${scope(ID_A)}`);
    const sample = take();
    expect(sample.cgroups.has(scope(ID_A))).toBe(false);
    expect(sample.identities.has(scope(ID_A))).toBe(false);
    expect(sample.go.has(101)).toBe(false);
    expect(held()).toBe(one);
    sampler.close();
    expect(held()).toBe(0);
    expect(sampler.keptDescriptors).toBe(0);
  });

  it('takes a cgroup made again under the same name for another one', () => {
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    const before = take().cgroups.get(scope(ID_A))!;
    node.remove(`cgroup${scope(ID_A)}`);
    node.cgroup('/keeps-the-inode-busy');
    node.container(ID_A, 103);
    const after = take().cgroups.get(scope(ID_A))!;
    expect(statSync(join(node.paths.cgroupfs, scope(ID_A))).ino).toBe(after.inode);
    expect(after.inode).not.toBe(before.inode);
    expect(after.slowReadAtMs).toBe(after.readAtMs);
    expect([...take().go.keys()]).toEqual([103]);
    sampler.close();
  });

  it('walks again at once when a cgroup was found gone, without waiting for the regular walk', () => {
    const { sampler, take } = taking(node.paths, { rescanEvery: 1000 });
    take();
    node.remove(`cgroup${scope(ID_A)}`);
    node.container(ID_B, 103);
    const found = take();
    expect(found.cgroups.has(scope(ID_A))).toBe(false);
    expect(found.cgroups.has(scope(ID_B))).toBe(false);
    expect([...take().go.keys()]).toEqual([103]);
    sampler.close();
  });

  it('sees what is new only at a walk: regular, hinted or asked for', () => {
    const { sampler, take } = taking(node.paths, { rescanEvery: 3 });
    take();
    node.container(ID_B, 102);
    expect(take(2).cgroups.has(scope(ID_B))).toBe(false);
    expect(take().cgroups.has(scope(ID_B))).toBe(true);
    const id = 'd'.repeat(64);
    node.container(id, 104);
    sampler.hint();
    expect(take().cgroups.has(scope(id))).toBe(true);
    node.remove(`cgroup${scope(id)}`);
    sampler.refreshTree();
    expect(sampler.cgroupCount).toBe(5);
    sampler.close();
  });

  it('carries slow and rare values on between their readings', () => {
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 8 });
    // Turns are dealt out in the order in which cgroups become known: the root, kubepods and the pod came before.
    const phase = 3;
    take();
    node.cgroup(scope(ID_A), { 'memory.current': '5000\n', 'memory.high': '6000\n', 'memory.peak': '7000\n' });
    node.procs(scope(ID_A), [101]);
    for (let cycle = 1; cycle <= 8; cycle += 1) {
      const sample = take().cgroups.get(scope(ID_A))!;
      expect(sample.memoryCurrent).toBe(5000);
      const turns = Array.from({ length: cycle }, (_, index) => index + 1 + phase);
      const slow = turns.some((turn) => turn % 4 === 0);
      const rare = turns.some((turn) => turn % 8 === 0);
      expect(sample.memoryHigh).toBe(slow ? 6000 : 'max');
      expect(sample.memoryPeak).toBe(rare ? 7000 : 8192);
      const lastSlow = turns.findLastIndex((turn) => turn % 4 === 0);
      expect(sample.readAtMs).toBe(5000 + cycle * 10_000);
      expect(sample.slowReadAtMs).toBe(5000 + (lastSlow + 1) * 10_000);
    }
    sampler.close();
  });

  it('leaves pause containers alone once they are known as such, and gives their descriptors back', () => {
    node.container(ID_SANDBOX, 110, { exe: 'pause', comm: 'pause', mounts: [] });
    const { sampler, take } = taking(node.paths);
    const all = take();
    expect(all.identities.get(scope(ID_SANDBOX))?.sandbox).toBe(true);
    expect(all.cgroups.has(scope(ID_SANDBOX))).toBe(false);
    expect(all.cgroups.has(scope(ID_A))).toBe(true);
    expect(held()).toBe(sampler.keptDescriptors);
    sampler.close();
  });

  it('watches the directories in which containers and pods come and go', () => {
    node.cgroup('/kubepods.slice/kubepods-burstable.slice');
    const { sampler, take } = taking(node.paths);
    take();
    const { cgroupfs } = node.paths;
    const below = (path: string) => cgroupfs + path;
    expect([...sampler.watchable()].sort()).toEqual(
      [cgroupfs, below('/kubepods.slice'), below('/kubepods.slice/kubepods-burstable.slice'), below(POD_A)].sort(),
    );
    sampler.close();
  });

  it('tells an unreadable value as a miss with every sample while it lasts', () => {
    node.cgroup(scope(ID_A), { 'memory.max': 'plenty\n', 'memory.high': 'some\n' });
    node.procs(scope(ID_A), [101]);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    for (const sample of [take(), take(), take()]) {
      expect(sample.cgroups.get(scope(ID_A))).toMatchObject({ memoryMax: undefined, memoryHigh: undefined });
      expect(
        sample.misses
          .filter((miss) => miss.kind === 'malformed')
          .map((miss) => miss.reader)
          .sort(),
      ).toEqual(['memory.high', 'memory.max']);
      expect(sample.collectors.find((run) => run.collector === 'cgroups')?.success).toBe(false);
    }
    sampler.close();
  });

  it('knows the sandbox of a pod for what it is', () => {
    node.container(ID_A, 101, {
      mounts: [
        `/var/lib/kubelet/pods/${UID_A}/containers/web/0a1b`,
        `/run/containerd/io.containerd.grpc.v1.cri/sandboxes/${ID_SANDBOX}/hostname`,
      ],
    });
    node.container(ID_SANDBOX, 100, { exe: 'other', comm: 'pause', mounts: [] });
    const { sampler, take } = taking(node.paths);
    const { identities } = take();
    expect(identities.get(scope(ID_SANDBOX))).toMatchObject({ sandbox: true, container: undefined });
    expect(identities.get(scope(ID_A))).toMatchObject({ sandbox: false, container: 'web' });
    sampler.close();
  });
});

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build.ts';
import type { NodeSample } from '../../src/sample/types.ts';
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

  it('has I/O rates in every cycle, though io.stat is read in every fourth', () => {
    // Three containers, whose turns are dealt out over the cycles; 1000 bytes a second go to each.
    node.container(ID_B, 102);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    let before: NodeSample | undefined;
    const rates: (number | undefined)[] = [];
    for (let cycle = 0; cycle < 16; cycle += 1) {
      const line = `8:0 rbytes=${cycle * 10_000} wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n`;
      for (const id of [ID_A, ID_B]) node.write(`cgroup${scope(id)}/io.stat`, line);
      const sample = take();
      const model = buildModel(sample, before);
      before = sample;
      // In the first four cycles it is read a second time.
      if (cycle >= 4) rates.push(...model.containers.map(({ io }) => io.devices?.[0]?.readBytesPerSecond));
    }
    expect(rates).toHaveLength(24);
    expect(new Set(rates)).toEqual(new Set([1000]));
    sampler.close();
  });

  it('looks at pause containers now and then, for what should not be there', () => {
    node.container(ID_SANDBOX, 110, { exe: 'pause', comm: 'pause', mounts: [] });
    const path = scope(ID_SANDBOX);
    node.write(`cgroup${path}/pids.current`, '1\n');
    node.write(`cgroup${path}/memory.stat`, 'anon 40960\nfile 8192\n');
    const { sampler, take } = taking(node.paths, { slowEvery: 2, rareEvery: 4 });
    const seen = () => take().sandboxes?.get(path);
    expect(seen()).toMatchObject({ tasks: 1, anonBytes: 40_960, processes: ['pause'] });
    node.process(111, { comm: 'nc', exe: 'other' });
    node.procs(path, [110, 111]);
    node.write(`cgroup${path}/pids.current`, '2\n');
    // Within four cycles it is its turn.
    const looks = [seen(), seen(), seen(), seen()].map((sandbox) => sandbox?.tasks);
    expect(looks.filter((tasks, index) => tasks !== (looks[index - 1] ?? 1))).toEqual([2]);
    expect(seen()?.processes).toEqual(['pause', 'nc']);
    node.write(`cgroup${path}/pids.current`, 'many\n');
    node.remove(`cgroup${path}/memory.stat`);
    const broken = [take(), take(), take(), take()];
    expect(broken.at(-1)?.sandboxes?.get(path)).toMatchObject({ tasks: undefined, anonBytes: undefined });
    expect(broken.flatMap(({ misses }) => misses.map(({ reader, kind }) => `${reader} ${kind}`))).toContain(
      'pids.current malformed',
    );
    node.remove(`cgroup${path}`);
    expect(take().sandboxes?.size).toBe(0);
    sampler.close();
  });

  it('tells NUMA nodes, and where memory of containers is, on a machine that has several', () => {
    node.cgroup(scope(ID_A), { 'memory.numa_stat': 'anon N0=4096 N1=8192\n', 'cpuset.cpus.effective': '1-2\n' });
    node.procs(scope(ID_A), [101]);
    const one = taking(node.paths);
    const model = buildModel(one.take(), undefined);
    expect([model.node.numaNodes, model.containers[0]?.placement]).toEqual([[], undefined]);
    one.sampler.close();
    node.write('sys/devices/system/node/online', '0-1\n');
    node.write('sys/devices/system/node/node0/cpulist', '0-1\n');
    node.write('sys/devices/system/node/node1/cpulist', '2-3\n');
    const two = taking(node.paths);
    const several = buildModel(two.take(), undefined);
    expect(several.node.numaNodes?.map(({ cpus }) => cpus)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(several.containers[0]?.placement).toEqual({
      cpus: [1, 2],
      anonByNode: [
        { node: 0, bytes: 4096 },
        { node: 1, bytes: 8192 },
      ],
    });
    two.sampler.close();
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
    node.cgroup('/system.slice/cron.service');
    node.cgroup(`/docker/${ID_SANDBOX}`);
    const { sampler, take } = taking(node.paths);
    take();
    const { cgroupfs } = node.paths;
    const below = (path: string) => cgroupfs + path;
    const walks = [...sampler.watchable()].map(([directory, { walk }]) => [directory, walk]);
    expect(Object.fromEntries(walks)).toEqual({
      [cgroupfs]: 'now',
      [below('/kubepods.slice')]: 'now',
      [below('/kubepods.slice/kubepods-burstable.slice')]: 'now',
      [below(POD_A)]: 'now',
      [below('/system.slice')]: 'next',
      [below('/docker')]: 'next',
    });
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

import { describe, expect, it } from 'vitest';
import type { CgroupSample } from '../../src/kernel/cgroup/types.ts';
import { levelOf } from '../../src/kube/layout.ts';
import { effectiveLimits, selfAndAncestors, type Tree } from '../../src/model/limits.ts';
import { CONTAINER, cgroup, cpuMax, KUBEPODS, MIB, NO_CPU_LIMIT, POD, podTree, QOS } from './builders.ts';

function treeOf(cgroups: readonly CgroupSample[], controllers = ['cpu', 'memory']): Tree {
  const byPath = new Map(cgroups.map((sample) => [sample.path, sample]));
  return { sample: (path) => byPath.get(path), level: levelOf, controllers };
}
const limits = (cgroups: readonly CgroupSample[], path = CONTAINER) => effectiveLimits(path, treeOf(cgroups));

describe('selfAndAncestors', () => {
  it('goes up to, and without, the root', () => {
    expect(selfAndAncestors('/a/b/c')).toEqual(['/a/b/c', '/a/b', '/a']);
    expect(selfAndAncestors('/')).toEqual([]);
    expect(selfAndAncestors('')).toEqual([]);
  });
});

describe('effectiveLimits', () => {
  it('takes the tightest of the cgroup and all its ancestors, and names its level', () => {
    const cgroups = podTree({
      kubepods: { memoryMax: 8000 * MIB },
      pod: { cpuMax: cpuMax(1.5), memoryMax: 512 * MIB },
      container: { cpuMax: cpuMax(2), memoryMax: 256 * MIB, memoryHigh: 200 * MIB },
    });
    expect(limits(cgroups)).toEqual({
      // 150,000 us per 100,000 us.
      cpuCores: { limit: 1.5, level: 'pod', cgroupPath: POD, complete: true },
      cpuPeriodSeconds: 0.1,
      cpuBurstSeconds: undefined,
      memoryMaxBytes: { limit: 256 * MIB, level: 'container', cgroupPath: CONTAINER, complete: true },
      memoryHighBytes: { limit: 200 * MIB, level: 'container', cgroupPath: CONTAINER, complete: true },
      cpusetCpus: undefined,
    });
  });

  it('counts limits of the root where it is the root of a cgroup namespace, and misses none where it is the machine’s', () => {
    const inContainer = [...podTree({}), cgroup('/', { cpuMax: cpuMax(2), memoryMax: 1024 * MIB })];
    expect(limits(inContainer)).toMatchObject({
      cpuCores: { limit: 2, level: 'node', cgroupPath: '/', complete: true },
      memoryMaxBytes: { limit: 1024 * MIB, level: 'node', complete: true },
    });
    const machine = [...podTree({}), cgroup('/', {})];
    expect(limits(machine).cpuCores).toMatchObject({ limit: 'max', complete: true });
  });

  it('finds a limit at any level', () => {
    expect(limits(podTree({ kubepods: { cpuMax: cpuMax(4) } })).cpuCores).toMatchObject({
      limit: 4,
      level: 'kubepods',
    });
    expect(limits(podTree({ qos: { cpuMax: cpuMax(3) } })).cpuCores).toMatchObject({
      limit: 3,
      level: 'qos',
      cgroupPath: QOS,
    });
  });

  it('names the innermost of equal limits', () => {
    const cgroups = podTree({ pod: { cpuMax: cpuMax(2) }, container: { cpuMax: cpuMax(2) } });
    expect(limits(cgroups).cpuCores).toMatchObject({ limit: 2, level: 'container' });
  });

  it('compares quotas of different periods by what they are in cores', () => {
    const cgroups = podTree({
      pod: { cpuMax: { quotaUsec: 30_000, periodUsec: 10_000 } },
      container: { cpuMax: { quotaUsec: 200_000, periodUsec: 50_000 } },
    });
    // 3 cores at the pod in 10 ms, 4 at the container in 50 ms.
    expect(limits(cgroups)).toMatchObject({ cpuCores: { limit: 3, level: 'pod' }, cpuPeriodSeconds: 0.01 });
  });

  it('says max, at the level asked about, when nothing limits', () => {
    expect(limits(podTree({}))).toEqual({
      cpuCores: { limit: 'max', level: 'container', cgroupPath: CONTAINER, complete: true },
      cpuPeriodSeconds: undefined,
      cpuBurstSeconds: undefined,
      memoryMaxBytes: { limit: 'max', level: 'container', cgroupPath: CONTAINER, complete: true },
      memoryHighBytes: { limit: 'max', level: 'container', cgroupPath: CONTAINER, complete: true },
      cpusetCpus: undefined,
    });
  });

  it('tells when a level could not be read, whether the file or the whole cgroup', () => {
    const unread = podTree({ pod: { cpuMax: undefined }, container: { cpuMax: cpuMax(2) } });
    expect(limits(unread).cpuCores).toEqual({ limit: 2, level: 'container', cgroupPath: CONTAINER, complete: false });
    const gone = podTree({}).filter((sample) => sample.path !== POD);
    expect(limits(gone).memoryMaxBytes).toMatchObject({ limit: 'max', complete: false });
  });

  it('knows nothing when no level could be read', () => {
    expect(limits([])).toMatchObject({ cpuCores: undefined, memoryMaxBytes: undefined, cpusetCpus: undefined });
    expect(limits([], '/')).toMatchObject({ cpuCores: undefined });
  });

  it('counts a level without the controller as one without a limit', () => {
    const service = '/system.slice/app.service';
    const off = [
      cgroup('/system.slice', { controllers: ['cpu', 'memory'], cpuMax: cpuMax(6), memoryMax: 'max' }),
      cgroup(service, { controllers: ['memory'], memoryMax: 64 * MIB }),
    ];
    expect(limits(off, service).cpuCores).toEqual({
      limit: 6,
      level: 'slice',
      cgroupPath: '/system.slice',
      complete: true,
    });
    const everywhereOff = [cgroup('/system.slice', { controllers: [] }), cgroup(service, { controllers: [] })];
    expect(limits(everywhereOff, service).cpuCores).toMatchObject({ limit: 'max', level: 'unit', complete: true });
  });

  it('does not take a controller that the whole hierarchy lacks for no limit: v1 may hold one', () => {
    const service = '/system.slice/app.service';
    const cgroups = [cgroup('/system.slice', { controllers: [] }), cgroup(service, { controllers: [] })];
    expect(effectiveLimits(service, treeOf(cgroups, ['memory'])).cpuCores).toBeUndefined();
  });

  it('does not take a file that is missing although its controller is on for no limit', () => {
    const cgroups = podTree({ container: { controllers: ['cpu', 'memory'], memoryMax: undefined } });
    expect(limits(cgroups).memoryMaxBytes).toMatchObject({ limit: 'max', complete: false });
  });

  it('sees the limit that crun writes to the part inside the container', () => {
    const scope = `/kubepods.slice/kubepods-pod0b5e3f4a_1111_4222_8333_444455556666.slice/crio-${'d'.repeat(64)}.scope`;
    const cgroups = [
      cgroup('/kubepods.slice', { cpuMax: NO_CPU_LIMIT }),
      cgroup(scope.slice(0, scope.lastIndexOf('/')), { cpuMax: NO_CPU_LIMIT }),
      cgroup(scope, { cpuMax: NO_CPU_LIMIT }),
      cgroup(`${scope}/container`, { cpuMax: cpuMax(0.5) }),
    ];
    expect(limits(cgroups, `${scope}/container`).cpuCores).toMatchObject({ limit: 0.5, level: 'sub-container' });
    expect(limits(cgroups, scope).cpuCores).toMatchObject({ limit: 'max', level: 'container' });
  });

  it('gives burst and period of the level that sets the limit, in seconds, and no burst without a limit', () => {
    const cgroups = podTree({
      pod: { cpuMax: cpuMax(1), cpuMaxBurstUsec: 50_000 },
      container: { cpuMaxBurstUsec: 70_000 },
    });
    expect(limits(cgroups)).toMatchObject({ cpuPeriodSeconds: 0.1, cpuBurstSeconds: 0.05 });
    expect(limits(podTree({ container: { cpuMaxBurstUsec: 70_000 } })).cpuBurstSeconds).toBeUndefined();
  });

  it('counts the CPUs of the nearest level that says which', () => {
    const cgroups = podTree({ kubepods: { cpusetCpusEffective: [0, 1, 2, 3] }, pod: { cpusetCpusEffective: [1, 3] } });
    expect(limits(cgroups).cpusetCpus).toBe(2);
    expect(limits(cgroups, KUBEPODS).cpusetCpus).toBe(4);
  });
});

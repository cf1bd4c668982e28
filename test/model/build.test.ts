import { describe, expect, it } from 'vitest';
import type { CgroupSample } from '../../src/kernel/cgroup/types.ts';
import { buildModel } from '../../src/model/build.ts';
import type { GoSample } from '../../src/sample/types.ts';
import {
  BEFORE,
  CONTAINER,
  cgroup,
  cpuMax,
  cpuStat,
  goSample,
  identity,
  memoryEvents,
  nodeSample,
  POD,
  POD_UID,
  podTree,
  pressure,
} from './builders.ts';

const earlier = (cgroups: readonly CgroupSample[]) =>
  cgroups.map((sample) => ({ ...sample, readAtMs: BEFORE.monotonicMs, slowReadAtMs: BEFORE.monotonicMs }));
const stat = (nrPeriods: number, nrThrottled: number) =>
  cpuStat({ nrPeriods, nrThrottled, throttledUsec: nrThrottled * 1000 });
const ticks = (utimeTicks: number, over: Partial<GoSample> = {}): GoSample => {
  const go = goSample('go1.26.4', over);
  return { ...go, stat: { ...go.stat, utimeTicks } };
};

describe('buildModel', () => {
  it('has no window and no rates on the first sample', () => {
    const model = buildModel(nodeSample({ cgroups: podTree({}), go: [goSample()] }), undefined);
    expect(model.windowSeconds).toBeUndefined();
    expect(model.containers[0]).toMatchObject({ throttling: undefined, oomKillsInWindow: undefined });
    expect(model.goProcesses[0]).toMatchObject({ usageCores: undefined, cpuSecondsTotal: 1 });
  });

  it('has rates for the same cgroup and the same process', () => {
    const before = nodeSample({
      at: BEFORE,
      cgroups: earlier(podTree({ container: { cpuStat: cpuStat({ usageUsec: 0 }) } })),
      go: [ticks(100)],
    });
    const after = nodeSample({
      cgroups: podTree({ container: { cpuStat: cpuStat({ usageUsec: 20_000_000 }) } }),
      go: [ticks(600)],
    });
    const model = buildModel(after, before);
    expect(model.windowSeconds).toBe(10);
    // 20 s of CPU and 500 ticks of 10 ms, in 10 s.
    expect(model.containers[0]?.cpu.usageCores).toBe(2);
    expect(model.goProcesses[0]?.usageCores).toBe(0.5);
  });

  it('has no rates for a cgroup made anew under the same name, nor for a process with the same id', () => {
    const before = nodeSample({
      at: BEFORE,
      cgroups: earlier(podTree({ container: { inode: 99, cpuStat: cpuStat({ usageUsec: 0 }) } })),
      go: [ticks(100, { startTimeTicks: 4000 })],
    });
    const after = nodeSample({
      cgroups: podTree({ container: { inode: 100, cpuStat: cpuStat({ usageUsec: 20_000_000 }) } }),
      go: [ticks(600)],
    });
    const model = buildModel(after, before);
    expect(model.containers[0]).toMatchObject({ key: `${CONTAINER}#100`, oomKillsInWindow: undefined });
    expect(model.containers[0]?.cpu.usageCores).toBeUndefined();
    expect(model.goProcesses[0]).toMatchObject({ key: '7@5000', usageCores: undefined });
  });

  it('finds the level that throttles: the pod, when the quota is the pod’s', () => {
    const at = (periods: number, throttled: number) =>
      podTree({ pod: { cpuMax: cpuMax(1), cpuStat: stat(periods, throttled) }, container: { cpuStat: stat(0, 0) } });
    const model = buildModel(
      nodeSample({ cgroups: at(200, 30) }),
      nodeSample({ at: BEFORE, cgroups: earlier(at(100, 10)) }),
    );
    expect(model.containers[0]?.throttling).toMatchObject({
      level: 'pod',
      cgroupPath: POD,
      periods: 100,
      throttledRatio: 0.2,
      throttledSeconds: 0.02,
    });
  });

  it('leaves throttling unknown while one level with a quota has no figures', () => {
    const at = (podStat: CgroupSample['cpuStat']) =>
      podTree({
        pod: { cpuMax: cpuMax(1), cpuStat: podStat },
        container: { cpuMax: cpuMax(1), cpuStat: stat(100, 0) },
      });
    const model = buildModel(
      nodeSample({ cgroups: at(cpuStat()) }),
      nodeSample({ at: BEFORE, cgroups: earlier(at(cpuStat())) }),
    );
    expect(model.containers[0]?.throttling).toBeUndefined();
  });

  it('sees limits and throttling of the part that crun puts inside the container', () => {
    const scope = `/kubepods.slice/kubepods-pod${POD_UID.replaceAll('-', '_')}.slice/crio-${'d'.repeat(64)}.scope`;
    const inner = `${scope}/container`;
    const at = (throttled: number) => [
      cgroup(scope, {}),
      cgroup(inner, { cpuMax: cpuMax(0.5), cpuStat: stat(100 + throttled, throttled) }),
    ];
    const identities = new Map([[scope, identity()]]);
    const model = buildModel(
      nodeSample({
        cgroups: at(50),
        identities,
        go: [goSample('go1.26.4', { cgroupPath: inner, workloadPath: scope })],
      }),
      nodeSample({ at: BEFORE, cgroups: earlier(at(0)), identities }),
    );
    expect(model.containers[0]).toMatchObject({ cgroupPath: scope, goPids: [7] });
    expect(model.containers[0]?.effective.cpuCores).toMatchObject({ limit: 0.5, level: 'sub-container' });
    expect(model.containers[0]?.throttling).toMatchObject({ level: 'sub-container', periods: 50, throttledRatio: 1 });
    expect(model.goProcesses[0]).toMatchObject({ containerKey: `${scope}#1`, leafCpuLimitCores: 0.5 });
  });

  it('leaves the sandbox out, and keeps a container whose names are not known', () => {
    const pause = `${POD}/${'a'.repeat(64)}`;
    const unresolved = identity({ state: 'unresolved', namespace: undefined, pod: undefined, container: undefined });
    const identities = new Map([
      [pause, identity({ sandbox: true })],
      [CONTAINER, unresolved],
    ]);
    const model = buildModel(nodeSample({ cgroups: [...podTree({}), cgroup(pause)], identities }), undefined);
    expect(model.containers.map((container) => container.cgroupPath)).toEqual([CONTAINER]);
    expect(model.containers[0]?.identity).toMatchObject({ state: 'unresolved', pod: undefined, podUid: POD_UID });
    expect(model.pods[0]).toMatchObject({ podUid: POD_UID, pod: undefined, containers: [`${CONTAINER}#1`] });
  });

  it('counts kills at the pod, whose counters outlive its containers', () => {
    const at = (oomKill: number) => podTree({ pod: { memoryEvents: memoryEvents({ oomKill }) } });
    const model = buildModel(nodeSample({ cgroups: at(4) }), nodeSample({ at: BEFORE, cgroups: earlier(at(3)) }));
    expect(model.pods[0]).toMatchObject({ key: `${POD}#1`, namespace: 'shop', pod: 'cart-0', oomKillsInWindow: 1 });
    expect(buildModel(nodeSample({ cgroups: at(4) }), undefined).pods[0]?.oomKillsInWindow).toBeUndefined();
  });

  it('tells what memory.events counted at the pod in the window', () => {
    const at = (high: number) => podTree({ pod: { memoryEvents: memoryEvents({ high }) } });
    const model = buildModel(nodeSample({ cgroups: at(9) }), nodeSample({ at: BEFORE, cgroups: earlier(at(2)) }));
    expect(model.pods[0]?.memoryEventsInWindow).toMatchObject({ high: 7, max: undefined });
    expect(buildModel(nodeSample({ cgroups: at(9) }), undefined).pods[0]?.memoryEventsInWindow).toBeUndefined();
  });

  it('counts kills above containers that are in no pod, whether those are still there or not', () => {
    const slice = (oomKill: number) => [
      cgroup('/system.slice', { memoryEvents: memoryEvents({ oomKill }) }),
      cgroup('/'),
    ];
    const model = buildModel(nodeSample({ cgroups: slice(4) }), nodeSample({ at: BEFORE, cgroups: earlier(slice(3)) }));
    expect(model.outer).toEqual([{ cgroupPath: '/system.slice', oomKillsTotal: 4, oomKillsInWindow: 1 }]);
    expect(buildModel(nodeSample({ cgroups: podTree({}) }), undefined).outer).toEqual([]);
  });

  it('leaves out a workload whose cgroup has gone, but not its process', () => {
    const model = buildModel(nodeSample({ cgroups: [], go: [goSample()] }), undefined);
    expect(model.containers).toEqual([]);
    expect(model.goProcesses[0]).toMatchObject({ containerKey: undefined, leafCpuLimitCores: undefined });
    expect(model.goProcesses[0]?.effective.cpuCores).toBeUndefined();
  });

  it('tells how many executables could not be looked at', () => {
    const unseen = [{ workloadPath: CONTAINER, count: 3, detail: 'denied' }];
    expect(buildModel(nodeSample({ cgroups: podTree({}), unseen }), undefined).containers[0]?.unseenProcesses).toBe(3);
  });

  it('shows the node in base units', () => {
    const facts = (total: number) => ({
      cpusOnline: 8,
      hostname: 'n1',
      memInfo: {
        memTotal: 16,
        memFree: 1,
        memAvailable: 9,
        swapTotal: 0,
        swapFree: 0,
        anonHugePages: undefined,
      },
      pressure: { cpu: pressure(total), memory: undefined, io: undefined },
    });
    const model = buildModel(
      nodeSample({ facts: facts(6_000_000) }),
      nodeSample({ at: BEFORE, facts: facts(1_000_000) }),
    );
    expect(model.node).toMatchObject({ hostname: 'n1', cpusOnline: 8, memoryTotalBytes: 16, memoryAvailableBytes: 9 });
    expect(model.node).toMatchObject({ hierarchy: 'unified', swapTotalBytes: 0 });
    // 5 s of 10 s.
    expect(model.node.pressure.cpu?.some?.stalledRatio).toBe(0.5);
    expect(model.node.pressure.memory).toBeUndefined();
  });
});

describe('a Go process', () => {
  const one = (over: Partial<GoSample>, uptimeSeconds?: number) =>
    buildModel(
      nodeSample({ cgroups: podTree({}), go: [goSample('go1.26.4', over)], facts: { uptimeSeconds } }),
      undefined,
    ).goProcesses[0]!;
  const built = (path: string | undefined) => ({ build: { ...goSample().build, path, main: undefined } });

  it('is called by its package, not by its major version, else by its command', () => {
    expect(one(built('example.com/shop/cart')).name).toBe('cart');
    expect(one(built('example.com/tool/v2')).name).toBe('tool');
    expect(one(built('command-line-arguments')).name).toBe('cart');
    expect(one(built(undefined)).name).toBe('cart');
  });

  it('has an age in seconds, from ticks of 10 ms since boot', () => {
    // Started 50 s after boot.
    expect(one({}, 80).uptimeSeconds).toBe(30);
    expect(one({}, 49).uptimeSeconds).toBe(0);
    expect(one({}).uptimeSeconds).toBeUndefined();
  });

  it('knows cgo and open files only when they were read', () => {
    const cgo = (value: string) => ({ build: { ...goSample().build, settings: new Map([['CGO_ENABLED', value]]) } });
    expect([one(cgo('1')).cgoEnabled, one(cgo('0')).cgoEnabled, one({}).cgoEnabled]).toEqual([true, false, undefined]);
    const files = (soft: number | 'unlimited') => ({
      limits: { openFiles: { soft, hard: soft }, processes: undefined, addressSpace: undefined },
    });
    expect(one(files(1024)).openFilesLimit).toBe(1024);
    expect(one(files('unlimited')).openFilesLimit).toBeUndefined();
    expect(one({}).openFilesLimit).toBeUndefined();
  });
});

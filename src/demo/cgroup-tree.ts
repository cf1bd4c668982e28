import { podPath, sandboxPath, threadIds, workloadPath } from './cgroup-paths.ts';
import type { CgroupState } from './cgroup-state.ts';
import { cpuSomeShare, loadAt, NO_COUNTERS, sumCounters, withoutQuota } from './counters.ts';
import { currentBytes, type MemoryState, peakAt, sumMemory } from './memory-state.ts';
import type { Workload } from './workload.ts';
import { NODE_CPUS, NODE_MEMORY, type Running } from './world.ts';

const PAUSE: MemoryState = {
  anon: 49_152,
  file: 0,
  kernelStack: 16_384,
  pagetables: 53_248,
  slabReclaimable: 24_576,
  slabUnreclaimable: 49_152,
};
const QUIET = { cpuSome: 0, cpuFull: 0, memorySome: 0, oomGroup: false, kills: 0, localKills: 0 } as const;

/** Every control group of the node, parents before children. */
export function cgroupTree(running: readonly Running[], second: number): readonly CgroupState[] {
  const leaves = new Map<string, CgroupState[]>();
  const keep = (parent: string, states: readonly CgroupState[]) => {
    leaves.set(parent, [...(leaves.get(parent) ?? []), ...states]);
  };
  const units: Running[] = [];
  for (const entry of running) {
    const place = entry.workload.place;
    if (place.kind === 'unit') units.push(entry);
    else keep(place.qos, podStates(entry, second));
  }
  const burstable = parent('/kubepods.slice/kubepods-burstable.slice', leaves.get('Burstable') ?? [], weightOf(7000));
  const besteffort = parent('/kubepods.slice/kubepods-besteffort.slice', leaves.get('BestEffort') ?? [], 1);
  const kubepods = parent(
    '/kubepods.slice',
    [...burstable, ...besteffort, ...(leaves.get('Guaranteed') ?? [])],
    weightOf(NODE_CPUS * 1000),
    NODE_MEMORY - 2 * 1024 ** 3,
  );
  const unitStates = (prefix: string) =>
    units.filter((entry) => workloadPath(entry).startsWith(prefix)).map((entry) => leafState(entry, second));
  const system = parent('/system.slice', unitStates('/system.slice/'), 100);
  const init = unitStates('/init.scope');
  const user = parent('/user.slice', [], 100);
  return parent('/', [...init, ...kubepods, ...system, ...user], 100);
}

/** A level above others: the sum of its direct children, followed by everything below it. */
function parent(path: string, below: readonly CgroupState[], cpuWeight: number, memoryMax?: number): CgroupState[] {
  const depth = path === '/' ? 1 : path.split('/').length;
  const children = below.filter((state) => state.path.split('/').length === depth + 1);
  const total = (pick: (state: CgroupState) => number) => children.reduce((sum, state) => sum + pick(state), 0);
  const self: CgroupState = {
    ...QUIET,
    path,
    counters: withoutQuota(sumCounters(children.map((state) => state.counters))),
    memory: sumMemory(children.map((state) => state.memory)),
    memoryPeak: total((state) => state.memoryPeak),
    memoryMax: memoryMax ?? 'max',
    kills: total((state) => state.kills),
    cpuCores: 'max',
    cpuWeight,
    cpuSome: Math.min(
      0.6,
      total((state) => state.cpuSome),
    ),
    pids: [],
    threads: [],
    taskCount: total((state) => state.taskCount),
    descendants: below.length,
    delegates: true,
  };
  return [self, ...below];
}

/** A pod's slice, its pause container and its container. */
function podStates(entry: Running, second: number): CgroupState[] {
  const { workload, podCounters, kills } = entry;
  const path = podPath(entry) ?? '/';
  const leaf = leafState(entry, second);
  const sandbox: CgroupState = {
    ...QUIET,
    path: sandboxPath(entry) ?? '/',
    counters: { ...NO_COUNTERS, usageUsec: 28_000, userUsec: 9000, systemUsec: 19_000, pageFaults: 610 },
    memory: PAUSE,
    memoryPeak: 540_672,
    memoryMax: 'max',
    cpuCores: 'max',
    cpuWeight: 1,
    pids: [entry.sandboxPid],
    threads: [entry.sandboxPid],
    taskCount: 1,
    descendants: 0,
    delegates: false,
  };
  const cpuCores = workload.cpu.podLimitCores ?? 'max';
  const total = sumCounters([podCounters, sandbox.counters]);
  // The quota that runs out first is the container's where it has one.
  const ownThrottling = workload.cpu.limitCores === undefined ? total : { ...total, nrThrottled: 0, throttledUsec: 0 };
  const limit = workload.memory.limitBytes;
  const pod: CgroupState = {
    ...leaf,
    path,
    counters: cpuCores === 'max' ? withoutQuota(total) : ownThrottling,
    memory: sumMemory([leaf.memory, sandbox.memory]),
    memoryPeak: Math.min(
      kills > 0 && limit !== undefined ? limit : leaf.memoryPeak + sandbox.memoryPeak,
      limit ?? Infinity,
    ),
    oomGroup: false,
    kills,
    localKills: 0,
    cpuCores,
    cpuWeight: weightOf(workload.cpu.requestMilli),
    pids: [],
    threads: [],
    taskCount: leaf.taskCount + 1,
    descendants: 2,
    delegates: true,
  };
  return [pod, sandbox, leaf];
}

/** The cgroup the workload's process is in. */
function leafState(entry: Running, second: number): CgroupState {
  const { workload, counters } = entry;
  const cpuCores = workload.cpu.limitCores ?? 'max';
  const threads = threadIds(entry.pid, workload.threads);
  const load = loadAt(workload, second);
  return {
    ...QUIET,
    path: workloadPath(entry),
    counters: cpuCores === 'max' ? withoutQuota(counters) : counters,
    memory: entry.memory,
    memoryPeak: Math.max(peakAt(workload, entry.age), currentBytes(entry.memory)),
    memoryMax: workload.memory.limitBytes ?? 'max',
    oomGroup: workload.place.kind === 'pod',
    cpuCores,
    cpuWeight: workload.place.kind === 'pod' ? containerWeight(workload) : 100,
    cpuSome: cpuSomeShare(workload) * load,
    cpuFull: workload.cpu.throttledRatio * 0.4 * load,
    memorySome: counters.memorySomeUsec > 0 ? 0.02 * load : 0,
    pids: [entry.pid],
    threads,
    taskCount: threads.length,
    descendants: 0,
    delegates: false,
  };
}

const sharesOf = (milli: number) => Math.min(262_144, Math.max(2, Math.floor((milli * 1024) / 1000)));

/** The kubelet's formula for its own levels (linear in the CPU request). */
function weightOf(requestMilli: number): number {
  return 1 + Math.floor(((sharesOf(requestMilli) - 2) * 9999) / 262_142);
}

/** The formula of runc 1.3.2 and crun 1.23 for containers. */
function containerWeight(workload: Workload): number {
  const log = Math.log2(sharesOf(workload.cpu.requestMilli));
  return log <= 1 ? 1 : Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

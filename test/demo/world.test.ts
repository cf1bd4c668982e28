import { describe, expect, it } from 'vitest';
import { cgroupTree } from '../../src/demo/cgroup-tree.ts';
import { currentBytes, lifetimeSeconds } from '../../src/demo/memory-state.ts';
import { WORKLOADS } from '../../src/demo/workloads.ts';
import { createWorld } from '../../src/demo/world.ts';

const world = createWorld(WORKLOADS, undefined);
const seconds = Array.from({ length: 75 }, (_, index) => index * 5);
const named = (name: string) => WORKLOADS.findIndex((workload) => workload.name === name);

describe('the simulated world', () => {
  it('follows from the second alone', () => {
    expect(createWorld(WORKLOADS, undefined).at(77.5)).toEqual(world.at(77.5));
  });

  it('counts up only, in every cgroup that lives on', () => {
    const fallen: string[] = [];
    let before = new Map(cgroupTree(world.at(0), 0).map((state) => [state.path, state]));
    for (const second of seconds) {
      const now = new Map(cgroupTree(world.at(second), second).map((state) => [state.path, state]));
      for (const [path, state] of now) {
        const earlier = before.get(path);
        if (earlier === undefined) continue;
        for (const [key, value] of Object.entries(state.counters)) {
          if (value < earlier.counters[key as keyof typeof state.counters]) fallen.push(`${path} ${key}`);
        }
        if (state.kills < earlier.kills || state.memoryPeak < earlier.memoryPeak) fallen.push(path);
      }
      before = now;
    }
    expect(before.size).toBeGreaterThan(40);
    expect(fallen).toEqual([]);
  });

  it('keeps memory within its limit and below its peak', () => {
    const wrong: string[] = [];
    for (const second of seconds) {
      for (const state of cgroupTree(world.at(second), second)) {
        const { path, counters, memory, memoryMax, memoryPeak } = state;
        if (currentBytes(memory) > memoryPeak) wrong.push(`${path} above its peak at ${second} s`);
        if (memoryMax !== 'max' && currentBytes(memory) > memoryMax)
          wrong.push(`${path} above its limit at ${second} s`);
        if (counters.usageUsec !== counters.userUsec + counters.systemUsec)
          wrong.push(`${path} cpu.stat at ${second} s`);
        if (counters.nrThrottled > counters.nrPeriods) wrong.push(`${path} periods at ${second} s`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('never uses more CPU than a quota allows', () => {
    for (const [from, to] of [
      [0, 10],
      [30, 31],
      [100, 160],
    ] as const) {
      const before = new Map(cgroupTree(world.at(from), from).map((state) => [state.path, state]));
      for (const state of cgroupTree(world.at(to), to)) {
        const earlier = before.get(state.path);
        if (earlier === undefined || state.cpuCores === 'max') continue;
        const cores = (state.counters.usageUsec - earlier.counters.usageUsec) / 1e6 / (to - from);
        expect(cores, state.path).toBeLessThanOrEqual(state.cpuCores);
      }
    }
  });

  it('throttles checkout in half of its periods, at the container', () => {
    const throttling = (second: number) => {
      const running = world.at(second)[named('checkout')]!;
      return [running.counters.nrPeriods, running.counters.nrThrottled] as const;
    };
    const [periodsBefore, throttledBefore] = throttling(0);
    const [periods, throttled] = throttling(146);
    // Two whole swings of 73 s: the mean. 9.5 periods a second.
    expect(periods - periodsBefore).toBe(1387);
    expect((throttled - throttledBefore) / 1387).toBeCloseTo(0.5, 2);
  });

  it('puts the throttling of ledger on the pod, whose limit it is', () => {
    const states = cgroupTree(world.at(10), 10);
    const uid = world.at(10)[named('ledger')]!.podUid.replaceAll('-', '_');
    const pod = states.find((state) => state.path.endsWith(`pod${uid}.slice`))!;
    const container = states.find((state) => state.path.startsWith(`${pod.path}/`) && state.taskCount > 1)!;
    expect([pod.cpuCores, container.cpuCores]).toEqual([2, 'max']);
    expect(pod.counters.nrThrottled).toBeGreaterThan(0);
    expect(container.counters.nrThrottled).toBe(0);
  });

  it('kills thumbnailer for memory within two minutes, and tells it in the pod', () => {
    const index = named('thumbnailer');
    const lifetime = lifetimeSeconds(WORKLOADS[index]!);
    expect(lifetime).toBeGreaterThan(150);
    expect(lifetime).toBeLessThan(240);
    const first = world.at(0)[index]!;
    const after = world.at(120)[index]!;
    expect(after.kills).toBe(first.kills + 1);
    expect(after.pid).not.toBe(first.pid);
    expect(after.containerId).not.toBe(first.containerId);
    expect(after.sandboxId).toBe(first.sandboxId);
    expect(after.podUid).toBe(first.podUid);
    expect(after.startedAt).toBeGreaterThan(first.startedAt);
    const goal = first.runtime!.heap.goal;
    // From the start the next collection would end above 256 MiB.
    expect(goal).toBeGreaterThan(256 * 1024 * 1024);
  });

  it('gives every process an id of its own', () => {
    for (const second of [0, 500, 5000]) {
      const pids = world.at(second).flatMap((entry) => [entry.pid, entry.sandboxPid]);
      expect(new Set(pids).size).toBe(pids.length);
    }
  });

  it('shows the agent under its own process id', () => {
    expect(createWorld(WORKLOADS, 4321).at(5).at(-1)).toMatchObject({ pid: 4321, workload: { name: 'cgopher' } });
  });
});

import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { FileReader } from '../../src/io/file-reader.ts';
import { parseCpuMax } from '../../src/kernel/cgroup/cpu.ts';
import { walkCgroups } from '../../src/kernel/cgroup/walk.ts';
import { readNodeFacts } from '../../src/kernel/proc/node-facts.ts';
import { ProcessReader } from '../../src/kernel/proc/process-reader.ts';
import { namesFromMounts } from '../../src/kube/mountinfo-names.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures-cgroupfs/demo/recorded-keys.json', import.meta.url), 'utf8'),
) as Readonly<Record<'status' | 'limits', readonly string[]>> & { readonly statFields: number };

const START_MS = 1_795_000_000_000;
let directory = '';
let elapsed = 0;
let node: SimulatedNode;
const files = new FileReader({ maxBytes: 1 << 20, maxKept: 16 });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'simulated-node-'));
  const clock = { now: () => ({ wallMs: START_MS + elapsed, monotonicMs: 7000 + elapsed }) };
  node = await startSimulatedNode({ directory, clock, host: '127.0.0.1', self: 4242 });
}, 60_000);
afterAll(async () => {
  await node.close();
  rmSync(directory, { recursive: true });
});

const pids = () => readdirSync(node.procfs).filter((name) => /^\d+$/.test(name));
const pidOf = (name: string) =>
  Number(pids().find((pid) => readFileSync(join(node.procfs, pid, 'comm'), 'utf8') === `${name}\n`));
const processes = () => new ProcessReader({ procRoot: node.procfs, files });
const value = <T>(reading: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!reading.ok) throw new Error(JSON.stringify(reading));
  return reading.value;
};

describe('the simulated node', () => {
  it('is read by the agent without a miss', () => {
    const misses: unknown[] = [];
    const facts = readNodeFacts({ procRoot: node.procfs, sysRoot: node.sysfs, files }, (miss) => misses.push(miss));
    expect(misses).toEqual([]);
    expect(facts).toMatchObject({
      cpusOnline: 16,
      uptimeSeconds: 259_200,
      bootTimeSeconds: START_MS / 1000 - 259_200,
      hostname: 'simulated-node',
      kernelRelease: '6.1.0-simulated',
    });
    expect(walkCgroups(node.cgroupfs).length).toBeGreaterThan(50);
  });

  it('has the keys of recorded process files', () => {
    const pid = String(pidOf('checkout'));
    const text = (name: string) => readFileSync(join(node.procfs, pid, name), 'latin1');
    const lines = (name: string) => text(name).trimEnd().split('\n');
    expect(lines('status').map((line) => line.split(':')[0])).toEqual(recorded.status);
    expect(lines('limits').map((line) => line.slice(0, 26).trim())).toEqual(recorded.limits);
    expect(text('stat').trimEnd().split(' ').length).toBe(recorded.statFields);
  });

  it('gives every process a cgroup, a start, memory and the network of the agent', () => {
    const reader = processes();
    expect(pids().length).toBe(33);
    for (const pid of pids().map(Number)) {
      const cgroup = value(reader.cgroup(pid)).unifiedPath!;
      expect(readFileSync(join(node.cgroupfs, cgroup, 'cgroup.procs'), 'latin1').split('\n')).toContain(String(pid));
      expect(value(reader.stat(pid)).pid).toBe(pid);
      expect(value(reader.status(pid)).rssAnon).toBeGreaterThan(0);
      expect(readlinkSync(join(node.procfs, String(pid), 'ns/net'))).toBe(
        readlinkSync(join(node.procfs, 'self/ns/net')),
      );
    }
    expect(readlinkSync(join(node.procfs, 'self'))).toBe('4242');
  });

  it('names its pods by log directory and mounts, all but one', () => {
    const logs = readdirSync(node.podlogs);
    expect(logs.length).toBe(14);
    const uid = logs.find((name) => name.startsWith('shop_checkout-'))!.split('_')[2]!;
    const mounts = value(processes().mountinfo(pidOf('checkout')));
    expect(namesFromMounts(mounts, uid).container).toBe('checkout');
    const unnamed = value(processes().mountinfo(pidOf('unnamed')));
    expect(unnamed.filter((mount) => mount.root.includes('/pods/'))).toEqual([]);
  });

  it('holds a secret that the agent must not keep', () => {
    expect(readFileSync(join(node.procfs, String(pidOf('checkout')), 'environ'), 'latin1').split('\0')).toContain(
      'API_TOKEN=not-a-real-token',
    );
  });

  it('owns its ports through socket links', () => {
    const reader = processes();
    const pid = pidOf('cart');
    const { port } = node.workloads.find((workload) => workload.container === 'cart')!;
    const sockets = value(reader.listenSockets(pid));
    const own = sockets.find((socket) => socket.port === port)!;
    expect(own).toMatchObject({ address: '127.0.0.1', family: 4 });
    const links = readdirSync(join(node.procfs, String(pid), 'fd')).map((fd) =>
      readlinkSync(join(node.procfs, String(pid), 'fd', fd)),
    );
    expect(links).toContain(`socket:[${own.inode}]`);
    expect(sockets.length).toBe(11);
  });

  it('replaces container, process and log when the kernel kills thumbnailer, and nothing else', () => {
    const pid = pidOf('thumbnailer');
    const scope = join(node.cgroupfs, value(processes().cgroup(pid)).unifiedPath!);
    const pod = join(scope, '..');
    const before = {
      scope: statSync(scope).ino,
      pod: statSync(pod).ino,
      events: statSync(join(pod, 'memory.events')).ino,
    };
    const others = pids().filter((name) => name !== String(pid));
    const startedBefore = value(processes().stat(pid)).startTimeTicks;
    elapsed = 120_000;
    node.tick();
    const newPid = pidOf('thumbnailer');
    expect(newPid).not.toBe(pid);
    expect(() => statSync(scope)).toThrow('ENOENT');
    expect(() => statSync(join(node.procfs, String(pid)))).toThrow('ENOENT');
    expect(pids().filter((name) => name !== String(newPid))).toEqual(others);
    const newScope = join(node.cgroupfs, value(processes().cgroup(newPid)).unifiedPath!);
    expect(statSync(newScope).ino).not.toBe(before.scope);
    expect(value(processes().stat(newPid)).startTimeTicks).toBeGreaterThan(startedBefore);
    expect(statSync(pod).ino).toBe(before.pod);
    expect(statSync(join(pod, 'memory.events')).ino).toBe(before.events);
    expect(readFileSync(join(pod, 'memory.events'), 'latin1')).toContain('oom_group_kill 4\n');
    const log = readdirSync(node.podlogs).find((name) => name.startsWith('media_thumbnailer'))!;
    expect(readdirSync(join(node.podlogs, log, 'thumbnailer')).sort()).toEqual(['3.log', '4.log']);
  });

  it('ignores a clock that goes back', () => {
    const usage = () => readFileSync(join(node.cgroupfs, 'cpu.stat'), 'latin1');
    const before = usage();
    elapsed = 1000;
    node.tick();
    expect(usage()).toBe(before);
  });

  it('puts the limit of ledger on the pod alone', () => {
    const scope = join(node.cgroupfs, value(processes().cgroup(pidOf('ledger'))).unifiedPath!);
    const cpuMax = (path: string) => parseCpuMax(files.bytes, files.read(join(path, 'cpu.max')));
    expect(cpuMax(scope)).toEqual({ quotaUsec: 'max', periodUsec: 100_000 });
    expect(cpuMax(join(scope, '..'))).toEqual({ quotaUsec: 200_000, periodUsec: 100_000 });
  });
});

import { readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import { parseExposition } from '../export/parse-exposition.ts';
import { ID_A, ID_B, POD_A, SmallNode, scope, UID_A } from '../sample/small-node.ts';
import { recordingLogger } from './recording-logger.ts';

let node: SmallNode;
let agent: Agent | undefined;
let log: ReturnType<typeof recordingLogger>;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
  node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
  log = recordingLogger();
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  node.close();
});

function make(config: Partial<Config> = {}, clock = systemClock): Agent {
  agent = new Agent({
    paths: node.paths,
    config: { ...defaultConfig(), ...config },
    clock,
    logger: log.logger,
    resolver: addressResolver(undefined),
    build: { version: '1.2.3', revision: 'abc' },
  });
  return agent;
}
const metrics = async (of: Agent) => parseExposition((await of.metricsText()).toString('utf8'));
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !holds(); tries += 1) await sleep(10);
  expect(holds()).toBe(true);
}
const descriptors = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(node.directory);
    } catch {
      return false;
    }
  }).length;

describe('Agent', () => {
  it('is ready after its first cycle, and has something to show', async () => {
    const one = make();
    expect(one.ready).toBe(false);
    expect(one.last).toBeUndefined();
    expect((await metrics(one)).find('cgopher_container_info')).toEqual([]);
    await one.start();
    expect(one.ready).toBe(true);
    expect(one.last?.snapshot.model.goProcesses.map((process) => process.pid)).toEqual([101]);
    const { find } = await metrics(one);
    expect(find('cgopher_container_info')).toHaveLength(1);
    expect(find('cgopher_cycles_total')[0]?.value).toBe(1);
    expect(find('cgopher_build_info')[0]?.labels).toMatchObject({ version: '1.2.3', revision: 'abc' });
    expect(find('cgopher_collector_success', { collector: 'cgroups' })[0]?.value).toBe(1);
  });

  it('is not ready when its last cycle is older than three intervals and a bit, whatever the wall clock does', async () => {
    let monotonicMs = 0;
    let wallMs = 1_795_000_000_000;
    const one = make({ intervalMs: 1000 }, { now: () => ({ wallMs, monotonicMs }) });
    await one.cycle();
    wallMs += 86_400_000;
    expect(one.ready).toBe(true);
    // 3 x 1 s + 5 s
    monotonicMs = 7999;
    expect(one.ready).toBe(true);
    monotonicMs = 8000;
    expect(one.ready).toBe(false);
  });

  it('runs one cycle at a time: who asks for another while one runs gets the same', async () => {
    const one = make();
    await Promise.all([one.cycle(), one.cycle(), one.cycle()]);
    expect((await metrics(one)).find('cgopher_cycles_total')[0]?.value).toBe(1);
    await one.cycle();
    expect((await metrics(one)).find('cgopher_cycles_total')[0]?.value).toBe(2);
  });

  it('remembers the last sample, so that the second cycle has rates', async () => {
    const one = make();
    await one.cycle();
    expect(one.last?.snapshot.model.windowSeconds).toBeUndefined();
    await one.cycle();
    expect(one.last?.snapshot.model.windowSeconds).toBeGreaterThan(0);
    expect(one.last?.snapshot.model.containers[0]?.cpu.usageCores).toBe(0);
  });

  it('tells of a cycle that fails, the first one too, and goes on', async () => {
    let broken = true;
    const clock = {
      now: () => {
        if (broken) throw new Error('no time');
        return systemClock.now();
      },
    };
    broken = false;
    const one = make({ intervalMs: 20 }, clock);
    broken = true;
    await one.start();
    expect(one.last).toBeUndefined();
    expect(log.lines).toMatchObject([{ level: 'error', message: 'a cycle failed' }]);
    expect(String(log.lines[0]?.fields['error'])).toContain('no time');
    broken = false;
    await until(() => one.last !== undefined);
    broken = true;
    const before = log.lines.length;
    await until(() => log.lines.slice(before).some((line) => line.message === 'a cycle failed'));
    broken = false;
    const last = one.last;
    await until(() => one.last !== last);
  });

  it('sees a new container at a hint of the directory watch, long before the next cycle', async () => {
    const one = make({ intervalMs: 3_600_000 });
    await one.start();
    const known = one.knownCgroups;
    expect(one.watches).toBeGreaterThan(1);
    node.cgroup(scope(ID_B));
    await until(() => one.knownCgroups === known + 1);
    node.remove(`cgroup${scope(ID_B)}`);
    await until(() => one.knownCgroups === known);
    // A pod that comes gets a watch of its own, so its containers are seen as well.
    const pod = '/kubepods.slice/kubepods-podaaaaaaaa_2222_4333_8444_555555555555.slice';
    const watches = one.watches;
    node.cgroup(pod);
    await until(() => one.watches === watches + 1);
    node.cgroup(`${pod}/cri-containerd-${ID_B}.scope`);
    await until(() => one.knownCgroups === known + 2);
    node.remove(`cgroup${pod}`);
    await until(() => one.knownCgroups === known && one.watches === watches);
  });

  it('sees a service that comes with the next cycle, not with the walk of the next minute', async () => {
    node.cgroup('/system.slice/old.service');
    const one = make({ intervalMs: 50 });
    await one.start();
    const known = one.knownCgroups;
    node.cgroup('/system.slice/new.service');
    await until(() => one.knownCgroups === known + 1);
    node.remove('cgroup/system.slice/new.service');
    await until(() => one.knownCgroups === known);
  });

  it('watches a slice anew that was removed and made again between two walks', async () => {
    const slice = '/user.slice/user-1000.slice';
    node.cgroup(`${slice}/old.scope`);
    node.cgroup('/away/old.scope');
    const one = make({ intervalMs: 50 });
    await one.start();
    const known = one.knownCgroups - 2;
    const at = (path: string) => join(node.paths.cgroupfs, path);
    renameSync(at(slice), at('old'));
    renameSync(at('away'), at(slice));
    rmSync(at('old'), { recursive: true });
    await until(() => one.knownCgroups === known);
    node.cgroup(`${slice}/new.scope`);
    await until(() => one.knownCgroups === known + 1);
  });

  it('gives back descriptors, timers and watches when it stops, also in the middle of a cycle', async () => {
    const one = make({ intervalMs: 10 });
    await one.start();
    expect(one.keptDescriptors).toBeGreaterThan(0);
    expect(descriptors()).toBeGreaterThan(0);
    const cycle = one.cycle();
    await one.stop();
    await cycle;
    agent = undefined;
    expect(one.keptDescriptors).toBe(0);
    expect(one.watches).toBe(0);
    expect(descriptors()).toBe(0);
    const last = one.last;
    await sleep(60);
    expect(one.last).toBe(last);
  });

  it('logs a miss once, not with every cycle, and counts it with every cycle', async () => {
    node.cgroup(scope(ID_A), { 'memory.max': 'plenty\n' });
    node.procs(scope(ID_A), [101]);
    const one = make();
    for (let cycle = 0; cycle < 3; cycle += 1) await one.cycle();
    const told = log.lines.filter((line) => line.fields['reader'] === 'memory.max');
    expect(told.map((line) => [line.level, line.message])).toEqual([['warn', 'cannot be read']]);
    const [missed] = (await metrics(one)).find('cgopher_misses_total', { reader: 'memory.max', kind: 'malformed' });
    expect(missed?.value).toBe(3);
  });

  it('tells a finding when it fires and when it is over, and takes rules out of force', async () => {
    node.cgroup(scope(ID_A), { 'cpu.max': '100000 100000\n' });
    node.procs(scope(ID_A), [101]);
    node.process(101, {
      environment: ['GOMAXPROCS=8'],
      mounts: [`/var/lib/kubelet/pods/${UID_A}/containers/web/0a1b`],
    });
    const config = defaultConfig();
    const one = make();
    for (let cycle = 0; cycle < config.thresholds.engine.forCycles; cycle += 1) await one.cycle();
    const told = () => log.lines.filter((line) => line.fields['rule'] === 'GomaxprocsAboveCpuLimit');
    expect(told()).toHaveLength(1);
    expect(told()[0]?.fields).toMatchObject({ namespace: 'shop', pod: 'web-0', container: 'web', process: 'app' });
    expect((await metrics(one)).find('cgopher_finding', { rule: 'GomaxprocsAboveCpuLimit' })).toHaveLength(1);
    one.reconfigure({ ...config, rules: { disable: ['GomaxprocsAboveCpuLimit'] } });
    await one.cycle();
    expect((await metrics(one)).find('cgopher_finding', { rule: 'GomaxprocsAboveCpuLimit' })).toEqual([]);
  });

  it('tells the interval by which its last cycle is judged', async () => {
    const one = make({ intervalMs: 600_000 });
    await one.cycle();
    expect((await metrics(one)).find('cgopher_cycle_interval_seconds')[0]?.value).toBe(600);
    one.reconfigure({ ...defaultConfig(), intervalMs: 30_000 });
    await one.cycle();
    expect((await metrics(one)).find('cgopher_cycle_interval_seconds')[0]?.value).toBe(30);
  });

  it('tells whether the configuration on disk is the one in use', async () => {
    const one = make();
    const state = async () => {
      const { find } = await metrics(one);
      return [
        find('cgopher_config_last_reload_successful')[0]?.value,
        find('cgopher_config_last_reload_success_timestamp_seconds')[0]!.value,
      ] as const;
    };
    one.configReloaded(true);
    const [, at] = await state();
    expect(at).toBeGreaterThan(1.7e9);
    one.configReloaded(false);
    expect(await state()).toEqual([0, at]);
  });
});

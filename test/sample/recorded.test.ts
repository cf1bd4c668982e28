import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineOptions } from '../../src/agent/assemble.ts';
import { runAtOnce } from '../../src/agent/slices.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { buildModel } from '../../src/model/build.ts';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { RuleEngine } from '../../src/rules/engine.ts';
import type { Finding } from '../../src/rules/types.ts';
import { EndpointFetch } from '../../src/sample/endpoints/fetch.ts';
import { EndpointPoller } from '../../src/sample/endpoints/poller.ts';
import { Sampler } from '../../src/sample/sampler.ts';
import type { NodeSample } from '../../src/sample/types.ts';
import { RecordedNode } from './recorded-node.ts';

/*
 * Two instants of a real node (fixtures-cgroupfs/guest-6.1), read, modelled and judged. Each expected figure is worked out here from
 * the numbers in the files, `b - a` of counters; the files of a pod are below the path that SNAPSHOT.json gives for it.
 */

/** SNAPSHOT.json: 1795235426026 to 1795235434047. */
const WINDOW = 8.021;
const near = (value: number): unknown => expect.closeTo(value, 6);

const node = new RecordedNode();
const poller = new EndpointPoller({
  fetch: new EndpointFetch(node.client, node.clock, { timeoutMs: 1000, maxBytes: 1 << 20 }),
  clock: node.clock,
  concurrency: 2,
  plan: { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines: 10_000 },
});
const sampler = new Sampler({
  paths: node.paths,
  clock: node.clock,
  cadences: { slowEvery: 1, rareEvery: 1 },
  rescanEvery: 1,
  poller,
  processes: 'cgroups',
  memory: undefined,
  configured: () => undefined,
});
let first: NodeSample;
let second: NodeSample;
let model: NodeModel;
let findings: readonly Finding[];

/** A look finds the endpoints, which can be asked from then on; what they say is in the next look at the same instant. */
async function look(): Promise<NodeSample> {
  runAtOnce(sampler.take());
  await poller.pollAll();
  return runAtOnce(sampler.take());
}

beforeAll(async () => {
  first = await look();
  node.advance();
  second = await look();
  const engine = new RuleEngine(engineOptions(defaultConfig(), 'once'));
  engine.evaluate(buildModel(first, undefined));
  model = buildModel(second, first);
  ({ findings } = engine.evaluate(model));
});
afterAll(() => {
  sampler.close();
  node.close();
});

function container(namespace: string, pod: string): ContainerModel {
  const path = node.workload(namespace, pod).cgroup;
  return model.containers.find(({ cgroupPath }) => cgroupPath === path)!;
}
function program(namespace: string, pod: string): GoProcessModel {
  const { key } = container(namespace, pod);
  return model.goProcesses.find(({ containerKey }) => containerKey === key)!;
}

describe('reading', () => {
  it('leaves nothing unread but what was not recorded', () => {
    const kinds = new Set(second.misses.map(({ kind, reader }) => `${kind} ${reader}`));
    expect([...kinds]).toEqual(['absent pprof_goroutine']);
    expect(second.collectors.filter(({ success }) => !success)).toEqual([]);
    expect(second.unseen).toEqual([]);
    expect(model.windowSeconds).toBeCloseTo(WINDOW, 9);
  });

  it('knows the node', () => {
    expect(model.node).toMatchObject({
      hostname: 'guest-node',
      kernelRelease: '6.1.0-56-cloud-amd64',
      hierarchy: 'unified',
      cpusOnline: 3,
      privileges: { ptrace: true, dacReadSearch: true },
      // proc/pressure/cpu, some: 37441603 - 31014422 us.
      pressure: { cpu: { some: { stalledRatio: near(6.427181 / WINDOW), avg10Ratio: 0.8216 } } },
    });
    expect(model.node.controllers).toEqual(expect.arrayContaining(['cpu', 'cpuset', 'io', 'memory', 'pids']));
  });

  it('names every container and pod from mounts and log directories', () => {
    const names = model.containers.map(({ identity }) => {
      expect(identity).toMatchObject({
        kind: 'kubernetes',
        state: 'resolved',
        runtime: 'containerd',
        qos: 'Burstable',
      });
      return `${identity.namespace!}/${identity.pod!}/${identity.container!}`;
    });
    expect(names.sort()).toEqual([
      'demo-bad/cpu-throttled/app',
      'demo-bad/gomaxprocs-above/app',
      'demo-bad/misses-ancestor/app',
      'demo-bad/next-gc-beyond/app',
      'demo-bad/oom-killed/app',
      'demo-good/gomaxprocs-above/app',
      'monitoring/prometheus-0/prometheus',
    ]);
    expect(container('demo-bad', 'oom-killed').identity).toMatchObject({
      podUid: '3e001038-4b1d-4c8e-9f27-6d0a5e3b1038',
      containerId: '5a0010399c1f5d2e7a3b604896d0e1c24b7f35a8d91e06b3f4c7a25018ed6f9b',
      restartCount: 0,
    });
    expect([...second.identities.values()].filter(({ sandbox }) => sandbox)).toHaveLength(7);
    expect(model.pods.map(({ namespace, pod }) => `${namespace!}/${pod!}`)).toHaveLength(7);
  });
});

describe('figures', () => {
  it('divides what counters gained by the time between', () => {
    // cpu.stat usage_usec 12155721 - 9620813, memory.current 49684480 - 59056128, memory.stat inactive_file 23154688.
    expect(container('monitoring', 'prometheus-0')).toMatchObject({
      cpu: { usageSecondsTotal: 12.155721, usageCores: near(2.534908 / WINDOW), limitCores: 3 },
      memory: {
        currentBytes: 49_684_480,
        peakBytes: 59_838_464,
        workingSetBytes: 26_529_792,
        currentGrowthBytesPerSecond: near(-9_371_648 / WINDOW),
      },
    });
    // stat fields 14 and 15, in hundredths: 330 + 873 after 270 + 680; field 22 is 921, proc/uptime 50.56.
    expect(program('monitoring', 'prometheus-0')).toMatchObject({
      pid: 171,
      name: 'prometheus',
      goVersion: 'go1.19.8',
      cpuSecondsTotal: 12.03,
      usageCores: near(2.53 / WINDOW),
      uptimeSeconds: near(41.35),
      rssAnonBytes: 24_888 * 1024,
      threads: 8,
      affinityCpus: 3,
    });
  });

  it('tells the share of throttled periods where it was worst', () => {
    // Container: 201 - 150 periods, 47 - 27 throttled; pod: 211 - 160 and 47 - 28, which is one less.
    expect(container('demo-bad', 'gomaxprocs-above')).toMatchObject({
      throttling: {
        level: 'container',
        periods: 51,
        throttledPeriods: 20,
        throttledRatio: 20 / 51,
        throttledSeconds: near(3.006566 - 1.234486),
      },
      // cpu.pressure some 6605165 - 5247661, full 5528225 - 4501177.
      pressure: {
        cpu: {
          some: { stalledRatio: near(1.357504 / WINDOW) },
          full: { stalledRatio: near(1.027048 / WINDOW) },
        },
      },
    });
    // Pod: all of 272 - 194 periods; container: 170 - 96 of 263 - 185.
    expect(container('demo-bad', 'cpu-throttled').throttling).toMatchObject({
      level: 'pod',
      periods: 78,
      throttledPeriods: 78,
      throttledRatio: 1,
      throttledSeconds: near(35.947773 - 20.421618),
    });
    // Container: 1 of 228 - 164; pod: 1 of 233 - 168.
    expect(container('demo-good', 'gomaxprocs-above').throttling?.throttledRatio).toBe(1 / 64);
    expect(container('demo-bad', 'next-gc-beyond').throttling).toBeUndefined();
  });

  it('finds the limit that binds, and the level it is set at', () => {
    const limits = (pod: string) => container('demo-bad', pod).effective;
    // cpu.max of the container is max, of its pod 100000 100000.
    expect(limits('misses-ancestor').cpuCores).toMatchObject({ limit: 1, level: 'pod', complete: true });
    expect(limits('cpu-throttled').cpuCores).toMatchObject({ limit: 0.2, level: 'container', complete: true });
    expect(limits('cpu-throttled').cpuPeriodSeconds).toBe(0.1);
    expect(limits('next-gc-beyond').cpuCores).toMatchObject({ limit: 'max', complete: true });
    expect(limits('next-gc-beyond').memoryMaxBytes).toMatchObject({ limit: 134_217_728, level: 'container' });
    expect(limits('oom-killed').memoryMaxBytes).toMatchObject({ limit: 33_554_432, level: 'container' });
    expect(limits('oom-killed').cpusetCpus).toBe(3);
    expect(program('demo-bad', 'misses-ancestor').leafCpuLimitCores).toBe('max');
  });

  it('sees the program that was started after the kill as another one in the same container', () => {
    // memory.events oom_kill 0, then 2; the pod's limit was reached, its container's was not: pause takes its share.
    const { key, oomKillsInWindow, memory } = container('demo-bad', 'oom-killed');
    expect({ oomKillsInWindow, peak: memory.peakBytes }).toEqual({ oomKillsInWindow: 2, peak: 33_554_432 });
    expect(memory.events).toMatchObject({ oom: 0, oomKill: 2, oomGroupKill: 1 });
    const pod = model.pods.find((one) => one.containers.includes(key))!;
    expect(pod).toMatchObject({ oomKillsInWindow: 2, memoryEvents: { max: 31, oom: 1, oomKill: 2 } });
    expect(first.go.get(721)).toMatchObject({ startTimeTicks: 2132 });
    expect(second.go.has(721)).toBe(false);
    expect(program('demo-bad', 'oom-killed')).toMatchObject({ key: '936@4816', usageCores: undefined });
  });
});

describe('Go', () => {
  it('knows release and settings of each program', () => {
    const told = (namespace: string, pod: string) => {
      const { goVersion, settings, expectedGomaxprocs } = program(namespace, pod);
      const { gomaxprocs, gogc, gomemlimit } = settings;
      return [
        goVersion,
        gomaxprocs?.value,
        gomaxprocs?.from,
        gogc?.value,
        gomemlimit?.value,
        expectedGomaxprocs.offBecause,
      ];
    };
    // The environments hold GOMAXPROCS=2 and GOMEMLIMIT=200MiB, GOMAXPROCS=8, and nothing.
    const expected = [
      ['go1.19.8', 2, 'environment', 100, 209_715_200],
      ['go1.26.8', 8, 'endpoint', 100, 'off'],
      ['go1.26.8', 3, 'endpoint', 100, 'off'],
    ];
    expect(told('monitoring', 'prometheus-0').slice(0, 5)).toEqual(expected[0]);
    expect(told('demo-bad', 'gomaxprocs-above').slice(0, 5)).toEqual(expected[1]);
    expect(told('demo-bad', 'misses-ancestor').slice(0, 5)).toEqual(expected[2]);
    // Three CPUs and a container without a limit of its own: what the program said is what its runtime had to choose.
    expect(program('demo-bad', 'misses-ancestor').expectedGomaxprocs).toMatchObject({
      value: 3,
      containerAware: true,
      setBy: 'runtime',
    });
  });

  it('finds each endpoint by the sockets its process owns', () => {
    const asked = model.goProcesses.map(({ endpoint }) => `http://${endpoint!}`);
    expect(asked.sort()).toEqual(node.snapshot.workloads.map(({ url }) => url).sort());
  });

  it('takes the runtime’s memory from the exposition text', () => {
    const { runtime, attribution } = program('demo-bad', 'next-gc-beyond');
    expect(runtime.heapGoalBytes?.value).toBe(168_254_786);
    // Sys 92711192, HeapSys 87752704, HeapReleased 2760704; memory.stat anon 87429120 is less than what Go manages.
    expect(runtime.nonHeapBytes?.value).toBe(92_711_192 - 87_752_704);
    expect(runtime.managedBytes?.value).toBe(92_711_192 - 2_760_704);
    expect(attribution.nonGoBytes).toBe(0);
    expect(runtime.goroutines?.value).toBe(3);
  });
});

describe('findings', () => {
  it('says what is wrong with each pod, and nothing of the healthy ones', () => {
    // Whatever these programs serve, they serve to the whole pod network.
    const exposed = findings.filter(({ rule }) => rule === 'PprofExposed');
    expect(exposed.map(({ severity }) => severity)).toEqual(Array.from({ length: 8 }, () => 'info'));
    const others = findings.filter(({ rule }) => rule !== 'PprofExposed');
    const said = others.map(
      ({ rule, severity, subject }) => `${subject.namespace!}/${subject.pod!} ${rule} ${severity}`,
    );
    expect(said.sort()).toEqual([
      'demo-bad/cpu-throttled CpuThrottled critical',
      'demo-bad/gomaxprocs-above CpuThrottled critical',
      'demo-bad/gomaxprocs-above GomaxprocsAboveCpuLimit critical',
      'demo-bad/gomaxprocs-above GomaxprocsIgnoresCpuset warning',
      'demo-bad/misses-ancestor GomaxprocsAboveCpuLimit info',
      // It is idle, which the first of the two looks could not know; a severity that was told falls slowly.
      'demo-bad/misses-ancestor GomaxprocsMissesAncestorLimit warning',
      'demo-bad/next-gc-beyond GomemlimitMissing warning',
      'demo-bad/next-gc-beyond NextGcBeyondMemoryLimit critical',
      'demo-bad/oom-killed OomKilled critical',
    ]);
  });

  it('rests the prediction on goal, runtime and page cache that cannot be dropped', () => {
    const finding = findings.find(({ rule }) => rule === 'NextGcBeyondMemoryLimit')!;
    const predicted = finding.evidence.find(({ signal }) => signal === 'predicted memory at the next collection');
    // Goal, Sys - HeapSys, and memory.stat shmem.
    expect(predicted?.value).toBe(168_254_786 + 4_958_488 + 4096);
  });
});

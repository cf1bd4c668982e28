import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hrtime } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/base/reading.ts';
import { type AttachedRuntime, attach } from '../../../src/go/memory/attach.ts';
import type { RuntimeOffsets } from '../../../src/go/memory/offset-types.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import { resolveRuntime } from '../../../src/go/memory/resolve.ts';
import { findSourceLines } from '../../../src/go/memory/source-lines.ts';
import type { RuntimeAddresses, RuntimeSnapshot, SourceLine } from '../../../src/go/memory/types.ts';
import { openProcessMemory, type ProcessMemory } from '../../../src/io/process-memory.ts';
import { readMappingStart } from '../../../src/kernel/proc/maps.ts';
import { buildTargets } from '../../go-targets/build.mjs';
import { RunningTarget } from '../../go-targets/running-target.ts';
import type { TargetState } from '../../go-targets/target-state.ts';
import { strictReadAt } from '../elf-image.ts';

function valueOf<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(`${reading.miss.kind}: ${reading.miss.detail}`);
  return reading.value;
}

function finish<T>(work: Generator<undefined, T, undefined>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const nowMs = (): number => Number(hrtime.bigint()) / 1e6;

/** What a poll reads of a table, without the sizes of structs and what no code asks for. */
function readOf(offsets: RuntimeOffsets): string {
  const { gcController, memstats, sched, gcCPULimiter, p, g, heapStatsDelta, cpuStats, timeHistogram } = offsets;
  const read = [gcController, memstats, { ...sched, 'stwTotalTimeGC.counts': 0 }, gcCPULimiter, p, g];
  return JSON.stringify([...read, heapStatsDelta, cpuStats, timeHistogram], (key, value: unknown) =>
    key === 'byteSize' ? undefined : value,
  );
}

describe.skipIf(spawnSync('go', ['version']).status !== 0).each([
  ['default', '-heap 16 -blocked -leak 50 -threads 2 -procs 3 -gcpercent 50', 'symbols'],
  ['piestripped', '-heap 4 -leak 5 -memlimit 200000000', 'decoded'],
])('a %s program of the go on PATH, run with %s', (variant, flags, method) => {
  let target: RunningTarget;
  let memory: ProcessMemory;
  let addresses: RuntimeAddresses;
  let bias = 0;
  let runtime: AttachedRuntime;
  let nameAt: (pc: number) => SourceLine | undefined = () => undefined;

  beforeAll(async () => {
    const [built] = await buildTargets({ versions: ['path'], variants: [variant] });
    const path = built?.path ?? `not built: ${built?.skipped ?? ''}`;
    target = await RunningTarget.start(path, flags.split(' '));
    await target.gc();
    const file = readFileSync(path);
    const readAt = strictReadAt(file);
    addresses = valueOf(finish(resolveRuntime(readAt, file.length, path)));
    memory = valueOf(openProcessMemory(`/proc/${target.pid}/mem`));
    if (addresses.relocatable) {
      const executable = readlinkSync(`/proc/${target.pid}/exe`);
      const maps = `/proc/${target.pid}/maps`;
      bias = valueOf(readMappingStart(maps, executable, addresses.firstLoad.offset)) - addresses.firstLoad.address;
    }
    runtime = valueOf(attach(addresses, memory, bias, { source: 'mem' }));
    const lines = finish(findSourceLines(readAt, file.length, addresses.goVersion))?.open(readAt);
    nameAt = (pc) => lines?.(pc - bias);
  }, 600_000);

  afterAll(async () => {
    memory.close();
    await target.stop();
  });

  it('passes every identity', () => {
    expect(runtime.attestation.checks.map(({ name, outcome, detail }) => [name, outcome, detail])).toEqual(
      runtime.attestation.checks.map(({ name }) => [name, 'passed', '']),
    );
    expect(runtime.attestation.checks).toHaveLength(8);
  });

  it('is read as it describes itself', async () => {
    const before = await target.state();
    // The answer is on its way before its writer has done with it.
    await sleep(50);
    const snapshot = valueOf(runtime.snapshot());
    const after = await target.state();
    expect(snapshot.method).toBe(method);
    expect(snapshot.gogc).toBe(after.gogc);
    expect(String(snapshot.gomemlimit)).toBe(after.gomemlimit === '9223372036854775807' ? 'off' : after.gomemlimit);
    const outside = windows(snapshot)
      .map(([name, value, told, apart = 0]) => {
        const [one, other] = [told(before), told(after)];
        return [name, value ?? Number.NaN, Math.min(one, other) - apart, Math.max(one, other) + apart] as const;
      })
      .filter(([, value, least, most]) => !(value >= least && value <= most));
    expect(outside).toEqual([]);
  });

  it('has the pauses and the latencies the runtime tells of', async () => {
    const snapshot = valueOf(runtime.snapshot());
    const { memStats, metrics } = await target.state();
    const newest = snapshot.recentPauses.map((pause, back) => {
      const index = ((snapshot.numGc ?? 0) - 1 - back) % 256;
      return [pause.pauseNs, pause.endUnixMs, Number(memStats.PauseNs[index]), memStats.PauseEnd[index]?.slice(0, -6)];
    });
    expect(newest.length).toBe(Math.min(256, snapshot.numGc ?? 0));
    expect(newest.filter(([ns, end, toldNs, toldEnd]) => ns !== toldNs || String(end) !== toldEnd)).toEqual([]);
    const told = metrics['/sched/latencies:seconds'];
    if (told?.kind !== 'histogram') throw new Error('no histogram');
    expect(snapshot.schedulerLatency?.boundsSeconds).toEqual(told.buckets.slice(1).map(Number));
    // They only rise, and the question came later.
    const counts = snapshot.schedulerLatency?.counts ?? [];
    expect(counts.filter((count, index) => count > Number(told.counts[index]))).toEqual([]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it('has the goroutines that it lists itself', async () => {
    const census = valueOf(finish(runtime.goroutines({ nameAt, nowMs, monotonicNs: Number(hrtime.bigint()) })));
    expect(census.total).toBe((await target.state()).numGoroutine);
    expect(census.total).toBe(valueOf(runtime.snapshot()).goroutines);
    const stacks = (await target.stacks()).split('\n\n');
    for (const site of census.sites) {
      const { createdBy, waitReason, count } = site;
      if (createdBy === undefined || createdBy.function.startsWith('runtime.')) continue;
      const listed = stacks.filter((stack) => {
        const [head = ''] = stack.split('\n', 1);
        const waits = head.includes(`[${waitReason}]`) || head.includes(`[${waitReason}, `);
        return waits && stack.includes(`${createdBy.file}:${createdBy.line} `);
      });
      expect([createdBy.function, waitReason, count]).toEqual([createdBy.function, waitReason, listed.length]);
      expect(listed[0]).toContain(`created by ${createdBy.function}`);
    }
    expect(census.sites.map((site) => site.createdBy?.function)).toContain(
      'example.com/cgopher/go-targets/behave.startSendLeaks',
    );
  });

  it('has the memory profile that it tells of', async () => {
    await target.gc();
    await target.gc();
    const told = await target.heap();
    const profile = valueOf(finish(runtime.heapProfile({ nameAt, nowMs })));
    const { inUseObjects, inUseBytes, allocObjects, allocBytes } = profile;
    const { sites, rate, ...totals } = told;
    expect(rate).toBe(512 * 1024);
    expect({ inUseObjects, inUseBytes, allocObjects, allocBytes }).toEqual(totals);
    const largest = Math.max(...sites.map((site) => site.inUseBytes));
    expect(profile.sites[0]?.inUseBytes).toBe(largest);
    const stacks = sites
      .filter((site) => site.inUseBytes === largest)
      .map((site) => site.stack.map((frame) => `${frame.function} ${frame.line}`));
    expect(stacks).toContainEqual(profile.sites[0]?.stack.map((frame) => `${frame.function} ${frame.line}`));
  });

  it('is refused with every table but its own', () => {
    const own = RUNTIME_OFFSETS[runtime.attestation.layout];
    if (own === undefined) throw new Error(`no table ${runtime.attestation.layout}`);
    const minor = `1.${addresses.goVersion.minor}`;
    const wrong = Object.entries(RUNTIME_OFFSETS).filter(([, table]) => readOf(table) !== readOf(own));
    expect(wrong.length).toBeGreaterThan(5);
    for (const [name, table] of wrong) {
      const reading = attach(addresses, memory, bias, { source: 'mem', tables: { [minor]: table } });
      expect([name, reading.ok ? 'accepted' : reading.miss.kind]).toEqual([name, 'unsupported']);
    }
  });

  it('is absent once it has gone', async () => {
    await target.stop();
    const reading = runtime.snapshot();
    expect(reading.ok ? undefined : reading.miss.kind).toBe('absent');
    expect(runtime.attest().accepted).toBe(false);
  });
});

/** `apart`: how far the value may be from what was told, where asking changes it. */
type Window = readonly [name: string, value: number | undefined, told: (state: TargetState) => number, apart?: number];

/** ReadMemStats first gives back what Ps keep for later: empty stacks, and parts of the heap they might yet use. */
const KEPT_BY_PS = 512 * 1024;

function windows(snapshot: RuntimeSnapshot): Window[] {
  const metric =
    (name: string, scale = 1) =>
    ({ metrics }: TargetState): number => {
      const told = metrics[name];
      return told === undefined || !('value' in told) ? Number.NaN : Math.round(Number(told.value) * scale);
    };
  const cpu = (name: string): ((state: TargetState) => number) => metric(`/cpu/classes/${name}:cpu-seconds`, 1e9);
  const { cpuClasses } = snapshot;
  return [
    ['gomaxprocs', snapshot.gomaxprocs, (state) => state.gomaxprocs],
    ['ncpu', snapshot.ncpu, (state) => state.numCpu],
    ['goroutines', snapshot.goroutines, (state) => state.numGoroutine],
    ['numGc', snapshot.numGc, ({ memStats }) => memStats.NumGC],
    ['numForcedGc', snapshot.numForcedGc, ({ memStats }) => memStats.NumForcedGC],
    ['pauseTotalNs', snapshot.pauseTotalNs, ({ memStats }) => Number(memStats.PauseTotalNs)],
    ['lastGcUnixMs', snapshot.lastGcUnixMs, ({ memStats }) => Number(memStats.LastGC.slice(0, -6))],
    ['heapGoal', numeric(snapshot.heapGoal), ({ memStats }) => Number(memStats.NextGC)],
    ['gcCpuFraction', snapshot.gcCpuFraction, ({ memStats }) => memStats.GCCPUFraction],
    ['heapMarked', snapshot.heapMarked, metric('/gc/heap/live:bytes')],
    ['stackScan', snapshot.stackScan, metric('/gc/scan/stack:bytes')],
    ['globalsScan', snapshot.globalsScan, metric('/gc/scan/globals:bytes')],
    ['heapInUse', snapshot.heapInUse, ({ memStats }) => Number(memStats.HeapInuse), KEPT_BY_PS],
    [
      'mappedReady',
      snapshot.mappedReady,
      ({ memStats }) => Number(memStats.Sys) - Number(memStats.HeapReleased),
      KEPT_BY_PS,
    ],
    ['heapReleased', snapshot.heapReleased, ({ memStats }) => Number(memStats.HeapReleased)],
    ['stacksInUse', snapshot.stacksInUse, ({ memStats }) => Number(memStats.StackInuse), KEPT_BY_PS],
    ['stacksSys', snapshot.stacksSys, ({ memStats }) => Number(memStats.StackSys), KEPT_BY_PS],
    ['mspanSys', snapshot.mspanSys, ({ memStats }) => Number(memStats.MSpanSys)],
    ['mcacheSys', snapshot.mcacheSys, ({ memStats }) => Number(memStats.MCacheSys)],
    ['buckHashSys', snapshot.buckHashSys, ({ memStats }) => Number(memStats.BuckHashSys)],
    ['totalAlloc', snapshot.totalAlloc, ({ memStats }) => Number(memStats.TotalAlloc), KEPT_BY_PS],
    ['limiter', snapshot.limiterLastEnabledCycle, metric('/gc/limiter/last-enabled:gc-cycle')],
    ['gcPause', cpuClasses?.gcPause, cpu('gc/pause')],
    ['gcTotal', cpuClasses?.gcTotal, cpu('gc/total')],
    ['idle', cpuClasses?.idle, cpu('idle')],
    ['total', cpuClasses?.total, cpu('total')],
  ];
}

function numeric(value: number | 'off' | undefined): number | undefined {
  return value === 'off' ? undefined : value;
}

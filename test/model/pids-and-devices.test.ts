import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { GoSample } from '../../src/sample/types.ts';
import { endpoint, goMetrics, goSample, modelOf, nodeSample, now, POD, podTree } from './builders.ts';

type Cgroup = Parameters<typeof podTree>[0];
const containerOf = (tree: Cgroup) => buildModel(nodeSample({ cgroups: podTree(tree) }), undefined).containers[0]!;

describe('tasks against their limit', () => {
  it('are of the level that is nearest to it', () => {
    const { pids } = containerOf({
      pod: { pidsCurrent: 80, pidsMax: 100 },
      container: { pidsCurrent: 60, pidsMax: 1000 },
    });
    expect(pids).toMatchObject({ current: 60, max: 1000 });
    expect(pids.nearest).toEqual({ current: 80, max: 100, level: 'pod', cgroupPath: POD });
  });

  it('are not there without a limit, or without a count', () => {
    expect(containerOf({ container: { pidsCurrent: 60, pidsMax: 'max' } }).pids.nearest).toBeUndefined();
    expect(containerOf({ container: { pidsMax: 10 } }).pids.nearest).toBeUndefined();
    expect(containerOf({ container: { pidsCurrent: 1, pidsMax: 0 } }).pids.nearest).toBeUndefined();
  });
});

describe('I/O of a device', () => {
  const line = { device: '8:0', rbytes: 1, wbytes: 1, rios: 1, wios: 1, dbytes: 0, dios: 0, costWaitUsec: undefined };

  it('has its own weight, else the default, and tells whether the cost controller is on', () => {
    const { io } = containerOf({
      container: {
        ioStat: [
          { ...line, costUsageUsec: 0 },
          { ...line, device: '8:16', costUsageUsec: undefined },
        ],
        ioWeight: { defaultWeight: 100, byDevice: new Map([['8:0', 500]]) },
      },
    });
    expect(io.devices?.map(({ device, weight, costControlled }) => [device, weight, costControlled])).toEqual([
      ['8:0', 500, true],
      ['8:16', 100, false],
    ]);
  });
});

describe('a process', () => {
  const of = (over: Partial<GoSample>): GoProcessModel => modelOf(goSample('go1.26.4', over));

  it('has its open files from the kernel, else from its own metrics', () => {
    const told = endpoint({ metrics: now(goMetrics({ processOpenFds: 33 })) });
    expect(of({ openFiles: 30, endpoint: told }).openFiles).toMatchObject({ value: 30, from: 'kernel' });
    expect(of({ endpoint: told }).openFiles).toMatchObject({ value: 33, from: 'endpoint', detail: 'process_open_fds' });
    expect(of({}).openFiles).toBeUndefined();
  });

  it('knows whether its process 1 catches SIGTERM or waits for it', () => {
    const init = (sigCgt: bigint | undefined, sigBlk: bigint | undefined) =>
      of({ init: { pid: 3, name: 'init', sigCgt, sigBlk } }).init;
    expect(init(0x4000n, 0n)).toEqual({ pid: 3, name: 'init', handlesSigterm: true });
    // tini: nothing caught, everything blocked and taken with sigwait.
    expect(init(0n, 0xffff_ffffn)?.handlesSigterm).toBe(true);
    // Only SIGHUP (bit 0) and SIGCHLD (bit 16).
    expect(init(0x1_0001n, 0n)?.handlesSigterm).toBe(false);
    expect(init(undefined, 0n)?.handlesSigterm).toBeUndefined();
    expect(of({}).init).toBeUndefined();
  });

  it('has the places of leaked goroutines, most first, stacks of one place together', () => {
    const group = (count: number, name: string) => ({
      count,
      stack: ['runtime.gopark', name],
      site: { function: name, file: '/src/main.go', line: 3 },
      entry: undefined,
      cause: 'chan send' as const,
      labels: {},
    });
    const leaks = now({
      total: 9,
      groups: [group(4, 'main.a'), group(3, 'main.b'), group(2, 'main.b')],
      otherGoroutines: 0,
    });
    expect(of({ endpoint: endpoint({ leaks }) }).runtime.leakedSites).toEqual([
      { site: 'main.b (/src/main.go:3)', count: 5, cause: 'chan send' },
      { site: 'main.a (/src/main.go:3)', count: 4, cause: 'chan send' },
    ]);
    expect(of({ endpoint: endpoint({}) }).runtime.leakedSites).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { decideNudge } from '../../src/actions/gc-nudge-decision.ts';
import { NOT_NUDGED, type NudgePast, type NudgeSettings } from '../../src/actions/gc-nudge-types.ts';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { CONTAINER_PATH, container, goProcess, limitAt, MIB, memory, nodeModel, POD_PATH } from '../rules/models.ts';

const NOW_UNIX_MS = 1_700_000_000_000;
const NOW_MS = 1_000_000;

const SETTINGS: NudgeSettings = {
  selectors: [{ namespace: 'shop' }],
  atMemoryRatio: 0.85,
  minFreedBytes: 32 * MIB,
  maxGcCpuRatio: 0.1,
  attributionRatio: 0.8,
};
const NEVER: NudgePast = { nodeNotBeforeMs: 0, notBeforeMs: new Map() };

const read = <T>(value: T, ageSeconds = 0) => ({ value, from: 'memory', ageSeconds }) as const;

type Runtime = Partial<GoProcessModel['runtime']>;

/**
 * GOGC=400 in 512 MiB: 100 MiB live, 400 allocated, so 300 MiB since the last mark; the trigger at 480 is 80 MiB away. The mark lies at
 * 0.85 x 512 = 435.2 MiB.
 */
function program(runtime: Runtime = {}, over: Parameters<typeof goProcess>[0] = {}): GoProcessModel {
  return goProcess({
    ...over,
    runtime: {
      heapLiveBytes: read(100 * MIB),
      heapAllocBytes: read(400 * MIB),
      heapTriggerBytes: read(480 * MIB),
      heapGoalBytes: read(500 * MIB),
      gcCycles: read(40),
      forcedGcCycles: read(3),
      lastGcUnixMs: read(NOW_UNIX_MS - 30_000),
      // 15 MiB freed and kept.
      heapIdleBytes: read(20 * MIB),
      heapReleasedBytes: read(5 * MIB),
      gcCpuRatio: read(0.02),
      gcLimiterActive: read(false),
      ...runtime,
    },
  });
}

/** 460 MiB, 20 of them inactive page cache: 440 are 4.8 above the mark. */
const full = (over: Partial<ContainerModel> = {}): ContainerModel =>
  container({ memory: memory({ currentBytes: 460 * MIB, workingSetBytes: 440 * MIB }), ...over });

const node = (process = program(), box = full()): NodeModel =>
  nodeModel({
    at: { wallMs: NOW_UNIX_MS, monotonicMs: NOW_MS },
    containers: [box],
    goProcesses: [process],
  });

function reasonOf(model: NodeModel, settings = SETTINGS, past = NEVER): string {
  const { plan, skipped } = decideNudge(model, settings, past);
  if (plan !== undefined) return 'asked';
  expect(skipped.length).toBeLessThan(2);
  return skipped[0]?.reason ?? 'not looked at';
}

describe('a program near its limit with garbage to free', () => {
  it('is asked, with what is expected in numbers', () => {
    const { plan, skipped } = decideNudge(node(), SETTINGS, NEVER);
    expect(skipped).toEqual([]);
    expect(plan).toEqual({
      processKey: '7@5000',
      process: 'app',
      namespace: 'shop',
      pod: 'app-0',
      container: 'app',
      limitPath: CONTAINER_PATH,
      limitBytes: 512 * MIB,
      heldBytes: 460 * MIB,
      // 4.8 MiB are 5,033,164.8 bytes.
      missingBytes: 5_033_165,
      heapAllocBytes: 400 * MIB,
      expectedBytes: 300 * MIB,
      gcCycles: 40,
      forcedGcCycles: 3,
    });
  });

  it('is asked without a goal, where nothing collects by itself', () => {
    expect(reasonOf(node(program({ heapGoalBytes: read('off'), heapTriggerBytes: undefined })))).toBe('asked');
  });

  it('is asked without a known share of CPU time when no collection ran for half a minute', () => {
    const idle = (seconds: number) =>
      node(program({ gcCpuRatio: undefined, lastGcUnixMs: read(NOW_UNIX_MS - seconds * 1000) }));
    expect(reasonOf(idle(30))).toBe('asked');
    expect(reasonOf(idle(29))).toBe('unknown');
  });
});

describe('whose programs are looked at', () => {
  const { identity } = container();

  it.each([
    ['nobody without a selector', [], 'not looked at'],
    ['another namespace', [{ namespace: 'shopping' }], 'not looked at'],
    ['another pod of it', [{ namespace: 'shop', pod: 'app-1' }], 'not looked at'],
    ['another container of it', [{ namespace: 'shop', container: 'sidecar' }], 'not looked at'],
    ['pod and container', [{ namespace: 'shop', pod: 'app-0', container: 'app' }], 'asked'],
    ['the second of two', [{ namespace: 'bank' }, { namespace: 'shop' }], 'asked'],
  ])('%s', (_, selectors, expected) => {
    expect(reasonOf(node(), { ...SETTINGS, selectors })).toBe(expected);
  });

  it('nothing that could not be named', () => {
    expect(reasonOf(node(program(), full({ identity: { ...identity, state: 'unresolved' } })))).toBe('not looked at');
    expect(reasonOf(node(program({}, { containerKey: undefined })))).toBe('not looked at');
  });
});

describe('the mark', () => {
  const holding = (currentMiB: number, workingSetMiB: number) =>
    node(program(), full({ memory: memory({ currentBytes: currentMiB * MIB, workingSetBytes: workingSetMiB * MIB }) }));

  it('is looked at in memory.current, and again without the page cache the kernel takes back first', () => {
    expect(reasonOf(holding(435, 435))).toBe('not looked at');
    expect(reasonOf(holding(436, 435))).toBe('page-cache');
    expect(reasonOf(holding(436, 436))).toBe('asked');
  });

  it('is never there without a limit, and not known where the limit is not', () => {
    const under = (memoryMaxBytes: GoProcessModel['effective']['memoryMaxBytes']) =>
      node(program({}, { effective: { memoryMaxBytes } }));
    expect(reasonOf(under(limitAt('max')))).toBe('not looked at');
    expect(reasonOf(under(undefined))).toBe('unknown');
    expect(reasonOf(under(limitAt(512 * MIB, 'kubepods')))).toBe('shared-limit');
    expect(reasonOf(under(limitAt(512 * MIB, 'slice')))).toBe('shared-limit');
  });

  it('of a pod is that of its containers together', () => {
    const process = program({}, { effective: { memoryMaxBytes: limitAt(512 * MIB, 'pod') } });
    const mine = full({ memory: memory({ currentBytes: 300 * MIB, workingSetBytes: 300 * MIB }) });
    const sidecar = (workingSetBytes: number | undefined) =>
      container({
        key: 'sidecar',
        cgroupPath: `${POD_PATH}/sidecar`,
        memory: memory({ currentBytes: 160 * MIB, workingSetBytes }),
      });
    const neighbour = container({
      key: 'b',
      cgroupPath: '/kubepods/pod-ab/app',
      memory: memory({ currentBytes: 9 * MIB }),
    });
    const with_ = (other: ContainerModel): NodeModel => ({
      ...node(process, mine),
      containers: [mine, other, neighbour],
    });
    // 300 + 160 = 460 of 512 MiB.
    expect(decideNudge(with_(sidecar(160 * MIB)), SETTINGS, NEVER).plan).toMatchObject({
      limitPath: POD_PATH,
      heldBytes: 460 * MIB,
    });
    expect(reasonOf(with_(sidecar(undefined)))).toBe('unknown');
  });
});

describe('what a collection cannot mend', () => {
  it.each([
    // 131 - 100 = 31 MiB, below the least of 32.
    ['little-to-free', program({ heapAllocBytes: read(131 * MIB) })],
    ['asked', program({ heapAllocBytes: read(132 * MIB) })],
    // 360 - 300 = 60 MiB, below a quarter of 300 = 75.
    ['little-to-free', program({ heapLiveBytes: read(300 * MIB), heapAllocBytes: read(360 * MIB) })],
    ['asked', program({ heapLiveBytes: read(300 * MIB), heapAllocBytes: read(375 * MIB) })],
    // A heap below what was marked is a reading across a collection.
    ['little-to-free', program({ heapAllocBytes: read(90 * MIB) })],
    // 37 - 5 = 32 MiB of free heap, as much as would be worth it.
    ['free-heap', program({ heapIdleBytes: read(37 * MIB) })],
    ['asked', program({ heapIdleBytes: read(36 * MIB) })],
    ['recent-collection', program({ lastGcUnixMs: read(NOW_UNIX_MS - 9999) })],
    ['asked', program({ lastGcUnixMs: read(NOW_UNIX_MS - 10_000) })],
    // 0.9 x 480 = 432 MiB.
    ['collection-due', program({ heapAllocBytes: read(432 * MIB) })],
    ['asked', program({ heapAllocBytes: read(431 * MIB) })],
    ['collecting-hard', program({ gcCpuRatio: read(0.11) })],
    ['collecting-hard', program({ gcLimiterActive: read(true) })],
    ['other-memory', program({}, { attribution: { anonShare: 0.79 } })],
    ['no-endpoint', program({}, { pprof: { answersAt: undefined } })],
  ])('%s', (expected, process) => {
    expect(reasonOf(node(process))).toBe(expected);
  });

  it('half of what is missing must be expected: 120 MiB of 300 above the mark are not worth it', () => {
    const box = full({ memory: memory({ currentBytes: 1200 * MIB, workingSetBytes: 1170 * MIB }) });
    const process = (allocMiB: number) =>
      program({ heapAllocBytes: read(allocMiB * MIB) }, { effective: { memoryMaxBytes: limitAt(1024 * MIB) } });
    // 1170 - 870.4 = 299.6 MiB missing, half of it 149.8.
    expect(reasonOf(node(process(220), box))).toBe('little-to-free');
    expect(reasonOf(node(process(250), box))).toBe('asked');
  });
});

describe('what is not known is no reason to act', () => {
  it.each<[string, Runtime]>([
    ['heap allocated', { heapAllocBytes: undefined }],
    ['heap allocated, from an endpoint', { heapAllocBytes: { value: 400 * MIB, from: 'endpoint' } }],
    ['heap allocated, old', { heapAllocBytes: read(400 * MIB, 6) }],
    ['live heap', { heapLiveBytes: undefined }],
    ['live heap, inferred', { heapLiveBytes: { value: 100 * MIB, from: 'inferred' } }],
    ['collections', { gcCycles: undefined }],
    ['forced collections', { forcedGcCycles: undefined }],
    ['last collection', { lastGcUnixMs: undefined }],
    ['heap idle', { heapIdleBytes: undefined }],
    ['heap released', { heapReleasedBytes: { value: 5 * MIB, from: 'endpoint' } }],
    ['trigger', { heapTriggerBytes: undefined }],
    ['share of CPU time', { gcCpuRatio: undefined, lastGcUnixMs: read(NOW_UNIX_MS - 20_000) }],
    ['limiter', { gcLimiterActive: undefined }],
  ])('%s', (_, runtime) => {
    expect(reasonOf(node(program(runtime)))).toBe('unknown');
  });

  it('nor is a share of the cgroup, or what it holds', () => {
    expect(reasonOf(node(program({}, { attribution: { anonShare: undefined } })))).toBe('unknown');
    expect(reasonOf(node(program(), full({ memory: memory({ currentBytes: undefined }) })))).toBe('unknown');
  });

  it('before Go 1.19 there is no limiter to be unknown', () => {
    expect(reasonOf(node(program({ gcLimiterActive: undefined }, { goMinor: 18 })))).toBe('asked');
  });
});

describe('how often', () => {
  it('one process waits its own time', () => {
    const past = (at: number): NudgePast => ({ nodeNotBeforeMs: 0, notBeforeMs: new Map([['7@5000', at]]) });
    expect(reasonOf(node(), SETTINGS, past(NOW_MS + 1))).toBe('process-interval');
    expect(reasonOf(node(), SETTINGS, past(NOW_MS))).toBe('asked');
  });

  it('the node asks one at a time, the one nearest to its limit', () => {
    const other = (currentMiB: number): NodeModel => ({
      ...node(),
      containers: [
        full(),
        full({
          key: 'b',
          cgroupPath: '/kubepods/pod-b/app',
          memory: memory({ currentBytes: currentMiB * MIB, workingSetBytes: currentMiB * MIB }),
        }),
      ],
      goProcesses: [
        program(),
        program(
          {},
          {
            key: '8@1',
            containerKey: 'b',
            effective: { memoryMaxBytes: { ...limitAt(512 * MIB), cgroupPath: '/kubepods/pod-b/app' } },
          },
        ),
      ],
    });
    expect(decideNudge(other(461), SETTINGS, NEVER)).toMatchObject({
      plan: { processKey: '8@1' },
      skipped: [{ processKey: '7@5000', reason: 'node-interval' }],
    });
    expect(decideNudge(other(459), SETTINGS, NEVER).plan?.processKey).toBe('7@5000');
    const waiting = decideNudge(other(459), SETTINGS, { ...NEVER, nodeNotBeforeMs: NOW_MS + 1 });
    expect(waiting.plan).toBeUndefined();
    expect(waiting.skipped.map(({ reason }) => reason)).toEqual(['node-interval', 'node-interval']);
  });
});

it('reasons are a closed set of short words: they are label values', () => {
  expect(new Set(NOT_NUDGED).size).toBe(NOT_NUDGED.length);
  for (const reason of NOT_NUDGED) expect(reason).toMatch(/^[a-z-]{1,20}$/);
});

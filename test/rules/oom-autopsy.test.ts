import { describe, expect, it } from 'vitest';
import type { ContainerModel, PodModel } from '../../src/model/container-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { RuleEngine } from '../../src/rules/engine.ts';
import { autopsyAdvice, followPrograms } from '../../src/rules/oom-autopsy.ts';
import { oomKilled } from '../../src/rules/oom-killed.ts';
import { oomKilledOutsidePods } from '../../src/rules/oom-killed-outside-pods.ts';
import type { Judging, Verdict } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  limitAt,
  MIB,
  memory,
  missing,
  NO_EVENTS,
  nodeModel,
  pod,
  podContext,
  THRESHOLDS,
  told,
  whyClear,
} from './models.ts';

const at = (seconds: number) => ({ wallMs: 0, monotonicMs: seconds * 1000 });
const killed = { ...NO_EVENTS, oom: 1, oomKill: 1 };

/** The verdict after all contexts, one after the other. */
function after<C>(rule: Judging<C>, contexts: readonly C[]): Verdict {
  let remembered: unknown;
  for (const context of contexts) remembered = rule.observe?.(remembered, context);
  return rule.detect(contexts.at(-1)!, remembered);
}

describe('OomKilled with what was before', () => {
  const running = { ...podContext(pod()), at: at(0) };
  const kill: Partial<PodModel> = { memoryEvents: killed, memoryEventsInWindow: killed, oomKillsInWindow: 1 };
  const restarted = container({ key: 'new', oomKillsInWindow: undefined });

  it('shows the runtime as it was before the container went', () => {
    if (oomKilled.subject !== 'pod') throw new Error('judges something else');
    const dead = { ...podContext(pod(kill)), containers: [restarted], processes: [], at: at(15) };
    const verdict = holds(after(oomKilled, [running, dead]));
    expect(verdict.summary).toBe(
      'the kernel killed for lack of memory in app; before, app had 100 MiB of live heap, a goal of 200 MiB, no GOMEMLIMIT and 50 goroutines',
    );
    expect(evidence(verdict, 'live heap before the kill')).toBe(100 * MIB);
    expect(evidence(verdict, 'memory.current before the kill')).toBe(300 * MIB);
    expect(evidence(verdict, 'goroutines before the kill')).toBe(50);
    expect(verdict.evidence.at(-1)?.source).toBe('app in app, 15 s before the kill was seen');
    // 512 x 0.9 - 10.
    expect(verdict.remedy.text).toContain(
      'had no GOMEMLIMIT, against a memory limit of 512 MiB: set GOMEMLIMIT=450MiB',
    );
  });

  it('still has it when the program was gone a cycle before the kill showed, not minutes later', () => {
    if (oomKilled.subject !== 'pod') throw new Error('judges something else');
    const gone = { ...podContext(pod()), containers: [restarted], processes: [], at: at(15) };
    const dead = (seconds: number) => ({
      ...podContext(pod(kill)),
      containers: [restarted],
      processes: [],
      at: at(seconds),
    });
    expect(holds(after(oomKilled, [running, gone, dead(30)])).summary).toContain('before, app had');
    expect(holds(after(oomKilled, [running, gone, dead(120)])).summary).not.toContain('before');
  });

  it('shows the program that lives on when the kill took another process of its container', () => {
    if (oomKilled.subject !== 'pod') throw new Error('judges something else');
    const counted = container({ oomKillsInWindow: 1, memory: memory({ events: killed }) });
    const dead = { ...podContext(pod(kill)), containers: [counted], at: at(15) };
    expect(holds(after(oomKilled, [running, dead])).summary).toContain('before, app had 100 MiB of live heap');
    // A sibling whose container counts no kill is no victim.
    const other = { ...podContext(pod(kill)), at: at(15) };
    expect(holds(after(oomKilled, [running, other])).summary).not.toContain('before');
  });
});

it('is kept by the engine after the container was started anew', () => {
  const engine = new RuleEngine({ rules: [oomKilled], thresholds: THRESHOLDS, forCycles: 2, clearCycles: 2 });
  const model = (seconds: number, over: Parameters<typeof nodeModel>[0]) =>
    nodeModel({ at: { wallMs: seconds * 1000, monotonicMs: seconds * 1000 }, ...over });
  const anew = container({ key: 'new' });
  const fresh = goProcess({ key: '9@9', containerKey: 'new', runtime: { heapLiveBytes: told(MIB) } });
  engine.evaluate(model(0, { pods: [pod()], containers: [container()], goProcesses: [goProcess()] }));
  const gone = pod({ memoryEvents: killed, oomKillsInWindow: 1, containers: [] });
  expect(engine.evaluate(model(15, { pods: [gone] })).findings[0]?.summary).toContain('100 MiB of live heap');
  const back = pod({ memoryEvents: killed, containers: ['new'] });
  const { findings } = engine.evaluate(model(30, { pods: [back], containers: [anew], goProcesses: [fresh] }));
  expect(findings).toMatchObject([{ rule: 'OomKilled', state: 'firing' }]);
  expect(findings[0]?.evidence.find(({ signal }) => signal === 'live heap before the kill')?.value).toBe(100 * MIB);
});

describe('OomKilledOutsidePods', () => {
  const path = '/system.slice/docker-c.scope';
  const docker = (over: Partial<ContainerModel> = {}): ContainerModel =>
    container({
      key: `${path}#1`,
      cgroupPath: path,
      identity: {
        ...container().identity,
        kind: 'docker',
        podUid: undefined,
        pod: undefined,
        namespace: undefined,
        container: 'web',
      },
      ...over,
    });
  const process = goProcess({ containerKey: `${path}#1`, cgroupPath: path });
  const slice = (oomKillsInWindow: number | undefined): NodeModel['outer'] => [
    { cgroupPath: '/system.slice', oomKillsTotal: 3, oomKillsInWindow },
  ];
  const look = (seconds: number, over: Parameters<typeof nodeModel>[0]) => {
    const model = nodeModel({ at: at(seconds), outer: slice(0), ...over });
    return { model, at: model.at, windowSeconds: 10, thresholds: THRESHOLDS };
  };
  const alive = look(0, { containers: [docker()], goProcesses: [process] });
  const judge = (...looks: readonly ReturnType<typeof look>[]) => {
    if (oomKilledOutsidePods.subject !== 'node') throw new Error('judges something else');
    return after(oomKilledOutsidePods, looks);
  };

  it('sees a container go with its kill, by the slice above', () => {
    const verdict = holds(judge(alive, look(15, { outer: slice(1) })));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'the kernel killed for lack of memory, probably in web, whose memory limit is 512 MiB; before, app had 100 MiB of live heap, a goal of 200 MiB, no GOMEMLIMIT and 50 goroutines',
    );
    expect(verdict.remedy.text).toContain('set GOMEMLIMIT=450MiB');
    // Started again at once, in a cgroup of the same name.
    const again = [docker({ key: `${path}#2` })];
    expect(holds(judge(alive, look(15, { containers: again, outer: slice(1) }))).summary).toContain('in web');
  });

  it('sees a kill that came after the container’s counter was read and before that of the slice', () => {
    const torn = look(15, { containers: [docker({ goPids: [] })], outer: slice(1) });
    expect(holds(judge(alive, torn)).summary).toContain('probably in web');
  });

  it('does not blame a program that ended in a service that runs on: the shim of a killed container ends with it', () => {
    expect(judge(alive, look(15, { containers: [docker()], outer: slice(1) })).outcome).toBe('clear');
    const others = docker({ goPids: [], unseenProcesses: 1 });
    expect(judge(alive, look(15, { containers: [others], outer: slice(1) })).outcome).toBe('clear');
  });

  it('does not blame a program that had ended before the window of the kill', () => {
    // 15 s is one and a half windows of 10 s.
    expect(judge(alive, look(15.001, { outer: slice(1) })).outcome).toBe('clear');
    expect(judge(alive, look(15, { outer: slice(1), windowSeconds: undefined })).outcome).toBe('clear');
  });

  it('looks above a program that has no limit of its own', () => {
    const kill = look(15, { outer: slice(1) });
    for (const limit of [limitAt('max'), limitAt(4096 * MIB, 'slice')]) {
      const free = goProcess({ ...process, effective: { memoryMaxBytes: limit } });
      const verdict = holds(judge(look(0, { containers: [docker()], goProcesses: [free] }), kill));
      expect(verdict.summary).toContain('probably in web; before, app had');
      expect(verdict.remedy.text).toContain('no memory limit of its own: the node or a slice ran out');
    }
  });

  it('does not blame a container that stopped for a kill that another one counts', () => {
    const other = docker({
      key: 'other',
      cgroupPath: '/system.slice/docker-d.scope',
      oomKillsInWindow: 1,
      memory: memory({ events: killed }),
    });
    const db = { ...other, identity: { ...other.identity, container: 'db' } };
    const verdict = holds(judge(alive, look(15, { containers: [db], outer: slice(1) })));
    expect(verdict.summary).toContain('killed for lack of memory in db');
    expect(verdict.summary).not.toContain('web');
    expect(whyClear(judge(alive, look(15, { outer: slice(0) })))).toContain('no new OOM kill');
  });

  it('sees a kill that the container outlives', () => {
    const counted = docker({ oomKillsInWindow: 1, memory: memory({ events: killed }) });
    const verdict = holds(judge(alive, look(15, { containers: [counted], goProcesses: [process], outer: slice(1) })));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toContain('memory in web, whose memory limit is 512 MiB; before, app had');
    expect(evidence(verdict, 'OOM kills in web')).toBe(1);
  });

  it('names all that may have been the one', () => {
    const second = docker({ key: 'second', cgroupPath: '/system.slice/docker-e.scope' });
    const two = look(0, {
      containers: [docker(), { ...second, identity: { ...second.identity, container: 'job' } }],
      goProcesses: [process, goProcess({ key: '8@1', containerKey: 'second' })],
    });
    expect(holds(judge(two, look(15, { outer: slice(1) }))).summary).toMatch(/in one of (web, job|job, web)/);
  });

  it('warns at the first look of kills from before', () => {
    const old = docker({ memory: memory({ events: killed }) });
    const first = look(0, { containers: [old] });
    const verdict = holds(judge(first));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('in web since it was started');
    expect(whyClear(judge(first, look(15, { containers: [old] })))).toContain('no new OOM kill');
  });

  it('leaves pods to OomKilled', () => {
    const inPod = container({ oomKillsInWindow: 1, memory: memory({ events: killed }) });
    expect(judge(look(0, { containers: [inPod] })).outcome).toBe('clear');
    // A container the runtime put outside of its pod's cgroup does not count there.
    const stray = { ...inPod, identity: { ...inPod.identity, driverMismatch: true } };
    expect(judge(look(0, { containers: [stray] })).outcome).toBe('holds');
  });

  it('is unknown without memory.events, or on another hierarchy', () => {
    const blind = docker({ memory: memory({ events: undefined }), oomKillsInWindow: undefined });
    expect(missing(judge(look(0, { containers: [blind] })))).toBe('memory.events of web');
    expect(missing(judge(look(0, { node: { hierarchy: 'v1' } })))).toContain('unified');
  });
});

describe('an autopsy', () => {
  const [seen] = followPrograms(undefined, [goProcess()], [container()], at(0));
  const advice = (over: Partial<NonNullable<typeof seen>>) => autopsyAdvice({ ...seen!, ...over }, 0.1);

  it('reads the cause from the figures', () => {
    // 70 % of 512 is 358.4; 30 % is 153.6.
    expect(advice({ liveBytes: 359 * MIB })).toContain('no setting makes that fit');
    expect(advice({ outsideBytes: 154 * MIB })).toContain('were outside the Go runtime');
    expect(advice({ gomemlimit: 500 * MIB })).toContain(
      'had GOMEMLIMIT 500 MiB, against a memory limit of 512 MiB: set GOMEMLIMIT=450MiB',
    );
    expect(advice({ goal: 480 * MIB })).toContain('and a heap goal of 480 MiB');
    expect(advice({ gomemlimit: 450 * MIB })).toContain('memory grew faster than it was sampled');
    expect(advice({ gomemlimit: undefined })).toBeUndefined();
    expect(advice({ limit: 'max' })).toBeUndefined();
  });

  it('is of programs whose container is known, and of so many', () => {
    expect(followPrograms(undefined, [goProcess()], [], at(0))).toEqual([]);
    const many = Array.from({ length: 100 }, (_, pid) =>
      goProcess({ key: `${pid}@1`, effective: { memoryMaxBytes: limitAt('max') } }),
    );
    expect(followPrograms(undefined, many, [container()], at(0))).toHaveLength(64);
    const unknownAll = goProcess({ settings: { gomemlimit: undefined }, runtime: { goroutines: told(1) } });
    expect(followPrograms(undefined, [unknownAll], [container()], at(0))[0]).toMatchObject({
      gomemlimit: undefined,
      goroutines: 1,
    });
  });
});

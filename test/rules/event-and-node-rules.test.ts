import { describe, expect, it } from 'vitest';
import type { PodModel } from '../../src/model/container-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { nodeNotUnifiedCgroupV2 } from '../../src/rules/node-not-unified.ts';
import { oomKilled } from '../../src/rules/oom-killed.ts';
import type { PodContext } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgePod,
  limitAt,
  MIB,
  memory,
  missing,
  nodeModel,
  pod,
  THRESHOLDS,
  told,
  whyClear,
} from './models.ts';

const events = (oomKill: number | undefined, oom = oomKill) => ({
  low: 0,
  high: 0,
  max: 0,
  oom,
  oomKill,
  oomGroupKill: undefined,
});

describe('OomKilled', () => {
  /** All that is counted happened in the window, unless told otherwise. */
  const judge = (of: Partial<PodModel>, over?: Partial<PodContext>) =>
    judgePod(
      oomKilled,
      pod({ ...('memoryEvents' in of ? { memoryEventsInWindow: of.memoryEvents } : {}), ...of }),
      over,
    );
  const victim = container({
    oomKillsInWindow: 2,
    memory: memory({ events: events(2), peakBytes: 512 * MIB }),
  });

  it('tells kills before the first look also when two samples were taken in it, as a check does', () => {
    const verdict = holds(judge({ memoryEvents: events(8), oomKillsInWindow: 0 }, { firstSeen: true }));
    expect(verdict.severity).toBe('warning');
    expect(judge({ memoryEvents: events(8), oomKillsInWindow: 0 }, { firstSeen: false }).outcome).toBe('clear');
  });

  it('fires on a kill since the last reading, and names container and limit', () => {
    const verdict = holds(judge({ memoryEvents: events(3), oomKillsInWindow: 2 }, { containers: [victim] }));
    expect(verdict.severity).toBe('critical');
    expect(verdict.summary).toBe('the kernel killed for lack of memory in app, whose memory limit is 512 MiB');
    expect(evidence(verdict, 'OOM kills since the pod was made')).toBe(3);
    expect(evidence(verdict, 'OOM kills in the container')).toBe(2);
    expect(verdict.evidence.at(-1)).toMatchObject({ signal: 'peak memory', value: 512 * MIB, bound: 512 * MIB });
  });

  it('does not name a container when the one that was killed has gone', () => {
    const verdict = holds(judge({ memoryEvents: events(3), oomKillsInWindow: 1 }));
    expect(verdict.summary).toBe('the kernel killed for lack of memory in a container');
    expect(verdict.remedy.text).toContain('Look at what the container held');
    expect(
      holds(judge({ memoryEvents: events(1), oomKillsInWindow: 1 }, { containers: [], processes: [] })).severity,
    ).toBe('critical');
  });

  it('does not put down to the limit what the node ran out of', () => {
    // oom counts limits that were reached; oom_kill counts every kill.
    const verdict = holds(judge({ memoryEvents: events(1, 0), oomKillsInWindow: 1 }, { containers: [victim] }));
    expect(verdict.summary).toBe(
      'the kernel killed for lack of memory in app, though no memory limit in the pod was reached then: memory ran out above it, at the node or a slice',
    );
    expect(verdict.remedy.text).toContain('memory request');
    // A limit that was reached long ago does not tell why this kill came.
    const before = { memoryEvents: events(5, 4), memoryEventsInWindow: events(1, 0), oomKillsInWindow: 1 };
    expect(holds(judge(before)).summary).toContain('no memory limit in the pod was reached then');
    const unread = { ...before, memoryEventsInWindow: undefined };
    expect(holds(judge(unread)).summary).not.toContain('was reached then');
  });

  it('does not call a limit that all pods share the container’s', () => {
    const shared = {
      ...victim,
      effective: { ...victim.effective, memoryMaxBytes: limitAt(4096 * MIB, 'kubepods') },
    };
    const verdict = holds(judge({ memoryEvents: events(1), oomKillsInWindow: 1 }, { containers: [shared] }));
    expect(verdict.summary).toBe('the kernel killed for lack of memory in app');
  });

  it('warns of kills before the first look, without a time', () => {
    const verdict = holds(judge({ memoryEvents: events(4), oomKillsInWindow: undefined }, { firstSeen: true }));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('since the pod was made; when exactly is not known');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge({}))).toBe('no OOM kill since the pod was made');
    expect(whyClear(judge({ memoryEvents: events(4), oomKillsInWindow: 0 }))).toBe(
      'no new OOM kill (4 since the pod was made)',
    );
    expect(judge({ oomKillsInWindow: undefined }, { firstSeen: true }).outcome).toBe('clear');
    // None at all is none in the window, whatever the last reading was.
    expect(judge({ oomKillsInWindow: undefined }).outcome).toBe('clear');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ memoryEvents: undefined }))).toBe('memory.events of the pod');
    expect(missing(judge({ memoryEvents: events(undefined) }))).toBe('memory.events of the pod');
    expect(missing(judge({ memoryEvents: events(4), oomKillsInWindow: undefined }))).toContain('cycle before');
  });

  it('advises by what the program that runs there now has set', () => {
    const remedy = (gomemlimit: number | 'off' | undefined) =>
      holds(
        judge(
          { memoryEvents: events(3), oomKillsInWindow: 2 },
          {
            containers: [victim],
            processes: [
              goProcess({ settings: { gomemlimit: gomemlimit === undefined ? undefined : told(gomemlimit) } }),
            ],
          },
        ),
      ).remedy.text;
    expect(remedy('off')).toContain('has no GOMEMLIMIT');
    expect(remedy(400 * MIB)).toContain('GOMEMLIMIT is set or not known');
    expect(remedy(undefined)).toContain('GOMEMLIMIT is set or not known');
  });

  it('names a limit of the pod too', () => {
    const shared = { ...victim, effective: { ...victim.effective, memoryMaxBytes: limitAt(256 * MIB, 'pod') } };
    expect(holds(judge({ memoryEvents: events(1), oomKillsInWindow: 1 }, { containers: [shared] })).summary).toContain(
      '256 MiB',
    );
  });
});

describe('NodeNotUnifiedCgroupV2', () => {
  const judge = (node: Partial<NodeModel['node']>) => {
    if (nodeNotUnifiedCgroupV2.subject !== 'node') throw new Error('judges something else');
    return nodeNotUnifiedCgroupV2.detect({
      model: nodeModel({ node }),
      at: { wallMs: 0, monotonicMs: 0 },
      windowSeconds: 10,
      thresholds: THRESHOLDS,
    });
  };

  it('is silent on a unified node with both controllers', () => {
    expect(whyClear(judge({}))).toBe('cgroup v2, unified');
  });

  it.each([
    ['v1', 'cgroup v1:'],
    ['hybrid', 'cgroup v1 and v2 side by side (hybrid):'],
  ] as const)('fires on %s, with the boot argument', (hierarchy, words) => {
    const verdict = holds(judge({ hierarchy, controllers: [] }));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain(words);
    expect(verdict.remedy.patch).toEqual({ kind: 'kernel', set: { 'systemd.unified_cgroup_hierarchy': '1' } });
    expect(evidence(verdict, 'controllers in the v2 root')).toBe('none');
  });

  it('fires on a missing controller, and does not ask for the boot argument that is already in force', () => {
    const verdict = holds(judge({ controllers: ['cpu', 'io'] }));
    expect(verdict.summary).toContain('has no memory controller');
    expect(verdict.remedy.patch).toBeUndefined();
    expect(verdict.remedy.text).toContain('cgroup_disable');
    expect(holds(judge({ controllers: [] })).summary).toContain('no cpu and no memory controller');
  });

  it('is unknown where no cgroup file system was found', () => {
    expect(missing(judge({ hierarchy: 'none', hierarchyDetail: 'nothing mounted', controllers: [] }))).toBe(
      'a cgroup file system: nothing mounted',
    );
  });
});

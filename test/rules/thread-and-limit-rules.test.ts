import { describe, expect, it } from 'vitest';
import type { Tree } from '../../src/model/limits.ts';
import { pidsModel } from '../../src/model/pids.ts';
import type { PidsAtLevel } from '../../src/model/pids-types.ts';
import { fileDescriptorsNearLimit } from '../../src/rules/file-descriptors-near-limit.ts';
import { pidsNearLimit } from '../../src/rules/pids-near-limit.ts';
import { threadGrowth } from '../../src/rules/thread-growth.ts';
import { cgroup } from '../model/builders.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeContainer,
  judgeProcess,
  missing,
  POD_PATH,
  told,
  whyClear,
} from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
const atPod = (current: number, max: number): PidsAtLevel => ({ current, max, level: 'pod', cgroupPath: POD_PATH });

describe('ThreadGrowth', () => {
  const judge = (over: Over, of = container()) => judgeProcess(threadGrowth, goProcess(over), { container: of });
  const site = (cause: string, count: number) => ({
    count,
    site: 'main.readFile (/src/main.go:9)',
    createdBy: undefined,
    cause,
    waitSeconds: undefined,
    growth: undefined,
    growthSeconds: undefined,
    from: 'endpoint' as const,
    ageSeconds: 1,
  });

  it('fires on many threads for few Ps, and names where they are', () => {
    const of = container({ pids: { current: 650, peak: 650, max: 'max', nearest: atPod(650, 1000) } });
    const verdict = holds(
      judge({ threads: 640, runtime: { goroutineSites: [site('syscall', 600), site('select', 9)] } }, of),
    );
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('640 threads for GOMAXPROCS 2');
    expect(verdict.evidence.map(({ signal, value, bound }) => [signal, value, bound])).toEqual([
      // 20 for each of 2 Ps.
      ['threads', 640, 40],
      ['GOMAXPROCS', 2, undefined],
      ['threads at which the runtime ends the program', 10_000, undefined],
      ['tasks of the pod', 650, 1000],
      ['goroutines in a system call at main.readFile (/src/main.go:9)', 600, undefined],
    ]);
    expect(verdict.remedy.text).not.toContain('netdns');
    expect(holds(judge({ threads: 640, cgoEnabled: true })).remedy.text).toContain('GODEBUG=netdns=go');
  });

  it('is critical near the runtime’s own limit, however many Ps there are', () => {
    const verdict = holds(judge({ threads: 8000, settings: { gomaxprocs: told(512) } }));
    expect([verdict.severity, verdict.summary.includes('at 10000 the runtime ends the program')]).toEqual([
      'critical',
      true,
    ]);
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge({}))).toBe('8 threads');
    expect(whyClear(judge({ threads: 499 }))).toBe('499 threads');
    expect(whyClear(judge({ threads: 600, settings: { gomaxprocs: told(64) } }))).toContain(
      'not many for GOMAXPROCS 64',
    );
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge({ threads: undefined }))).toBe('threads of the process');
    expect(missing(judge({ threads: 640, settings: { gomaxprocs: undefined } }))).toBe('GOMAXPROCS');
  });
});

describe('PidsNearLimit', () => {
  const judge = (nearest: PidsAtLevel | undefined, max: number | 'max' | undefined = 'max') =>
    judgeContainer(pidsNearLimit, container({ pids: { current: 9, peak: 9, max, nearest } }));

  it('fires near the limit of any level and names it', () => {
    const verdict = holds(judge(atPod(820, 1024)));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toContain('the pod has 820 of the 1024 tasks it may have (80.1 %)');
    expect(evidence(verdict, 'threads of app')).toBe(8);
    expect(verdict.remedy.text).toContain('podPidsLimit');
    expect(verdict.remedy.text).toContain('would be 1640');
    expect(holds(judge(atPod(973, 1024))).severity).toBe('critical');
    expect(holds(judge({ ...atPod(90, 100), level: 'unit' })).remedy.text).toContain('TasksMax');
  });

  it('is a note at a level that others share', () => {
    const verdict = holds(judge({ current: 990, max: 1000, level: 'kubepods', cgroupPath: '/kubepods' }));
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toContain(
      'all that is below the kubepods level shares its limit of tasks: the kubepods has',
    );
  });

  it('is unknown while a level that was not read may be nearer', () => {
    const partly = (nearest: PidsAtLevel | undefined) =>
      judgeContainer(pidsNearLimit, container({ pids: { current: 9, peak: 9, max: 'max', nearest, complete: false } }));
    expect(missing(partly(undefined))).toContain('of an ancestor');
    expect(missing(partly(atPod(100, 1000)))).toContain('of an ancestor');
    expect(partly(atPod(820, 1024)).outcome).toBe('holds');
  });

  it('is silent far from it or without one, and unknown when it was not read', () => {
    expect(whyClear(judge(atPod(100, 1000)))).toBe('10 % of the tasks the pod may have');
    expect(whyClear(judge(undefined))).toContain('no limit of tasks');
    const unread = container({ pids: { current: undefined, peak: undefined, max: undefined, nearest: undefined } });
    expect(missing(judgeContainer(pidsNearLimit, unread))).toBe('pids.current and pids.max');
  });
});

describe('the limits of tasks that were read', () => {
  type Sample = NonNullable<Parameters<typeof cgroup>[1]>;
  const complete = (above: Sample | undefined) => {
    const own = cgroup('/pod/app', { pidsCurrent: 9, pidsMax: 100 });
    const tree: Tree = {
      sample: (path) => (path === '/pod/app' ? own : above === undefined ? undefined : cgroup(path, above)),
      level: () => 'pod',
      controllers: ['cpu', 'pids'],
    };
    return pidsModel(own, tree).complete ?? true;
  };

  it('are all of them when each level has its own, or none', () => {
    expect(complete({ pidsCurrent: 20, pidsMax: 100 })).toBe(true);
    // Nothing counts against no limit.
    expect(complete({ pidsMax: 'max' })).toBe(true);
    expect(complete({ controllers: ['cpu'] })).toBe(true);
  });

  it('are not all of them when a level, its limit or its count is missing', () => {
    expect(complete(undefined)).toBe(false);
    expect(complete({})).toBe(false);
    expect(complete({ controllers: ['cpu', 'pids'] })).toBe(false);
    expect(complete({ pidsMax: 100 })).toBe(false);
  });
});

describe('FileDescriptorsNearLimit', () => {
  const judge = (open: number | undefined, limit: number | undefined = 1024) =>
    judgeProcess(
      fileDescriptorsNearLimit,
      goProcess({ openFiles: open === undefined ? undefined : told(open), openFilesLimit: limit }),
    );

  it('fires near the limit', () => {
    // 819.2 is 80 %, 972.8 is 95 %.
    expect(judge(819).outcome).toBe('clear');
    const verdict = holds(judge(820));
    expect([verdict.severity, verdict.evidence[0]?.bound]).toEqual(['warning', 1024]);
    expect(verdict.summary).toContain('820 of 1024 open files (80.1 %)');
    expect(verdict.remedy.text).toContain('to 2048 or more');
    expect(holds(judge(973)).severity).toBe('critical');
  });

  it('is silent far from it, and unknown without its inputs', () => {
    expect(whyClear(judge(20))).toBe('20 of 1024 open files');
    expect(missing(judge(undefined))).toContain('process_open_fds');
    expect(missing(judgeProcess(fileDescriptorsNearLimit, goProcess({ openFilesLimit: undefined })))).toContain(
      'soft limit',
    );
  });
});

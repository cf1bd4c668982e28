import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { clockStepped } from '../../src/rules/clock-stepped.ts';
import { containerRestartLoop } from '../../src/rules/container-restart-loop.ts';
import { controllersMissing } from '../../src/rules/controllers-missing.ts';
import { initIgnoresSigterm } from '../../src/rules/init-ignores-sigterm.ts';
import { nodeSysctls } from '../../src/rules/node-sysctls.ts';
import type { NodeContext, PodContext } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  judgeProcess,
  memory,
  missing,
  NO_EVENTS,
  nodeModel,
  pod,
  podContext,
  THRESHOLDS,
  whyClear,
} from './models.ts';
import { overTime, times } from './over-time.ts';

const node = (over: Parameters<typeof nodeModel>[0] = {}): NodeContext => {
  const model: NodeModel = nodeModel(over);
  return { model, at: model.at, windowSeconds: 10, thresholds: THRESHOLDS };
};

describe('ContainerRestartLoop', () => {
  const app = (containerId: string | undefined, restartCount: number | undefined, name: string | undefined = 'app') =>
    container({ identity: { ...container().identity, containerId, restartCount, container: name } });
  const look = (...containers: ContainerModel[]): PodContext => ({ ...podContext(pod()), containers });
  const judge = (...looks: readonly PodContext[]) => overTime(containerRestartLoop, looks, 60_000);

  it('fires on the third new id of one name', () => {
    const looks = [look(app('a', undefined)), look(app('b', undefined)), look(app('c', undefined))];
    expect(whyClear(judge(...looks))).toBe('app was started again 2 times in 30 min');
    const verdict = holds(judge(...looks, look(app('d', undefined))));
    expect(verdict.summary).toBe('app was started again 3 times in 30 min');
    expect(evidence(verdict, 'time since the last start')).toBe(0);
    expect(verdict.remedy.text).toContain('kubectl logs --previous');
  });

  it('counts starts between two looks by the restart count, and remembers while the container is away', () => {
    const verdict = holds(judge(look(app('a', 4)), look(), look(app('b', 7)), look()));
    expect(evidence(verdict, 'starts of app')).toBe(3);
    expect(evidence(verdict, 'restarts since the pod was made')).toBe(7);
  });

  it('counts one start once when the id comes before the restart count', () => {
    const looks = [look(app('a', 0)), look(app('b', 0)), look(app('b', 1))];
    expect(whyClear(judge(...looks))).toContain('started again once');
    expect(whyClear(judge(...looks, look(app('c', 1)), look(app('c', 2))))).toContain('started again 2 times');
    // Two more between the looks are told by the count alone.
    expect(evidence(holds(judge(look(app('a', 0)), look(app('b', 0)), look(app('b', 3)))), 'starts of app')).toBe(3);
  });

  it('does not count old and new side by side again and again, nor another container', () => {
    const both = look(app('a', 0), app('b', 1));
    expect(whyClear(judge(look(app('a', 0)), ...times(5, both)))).toBe('app was started again once in 30 min');
    expect(whyClear(judge(look(app('a', 0)), look(app('a', 0), app('b', 0, 'sidecar'))))).toContain('no container');
  });

  it('forgets starts older than the window, and restarts from before it looked', () => {
    const starts = [look(app('a', 0)), look(app('b', 1)), look(app('c', 2)), look(app('d', 3))];
    // The last start is at minute 3: out of the window of 30 after minute 33.
    expect(judge(...starts, ...times(28, look(app('d', 3)))).outcome).toBe('holds');
    expect(whyClear(judge(...starts, ...times(31, look(app('d', 3)))))).toBe(
      'no container of the pod was started again',
    );
    expect(whyClear(judge(look(app('a', 40)), look(app('a', 40))))).toContain('no container');
  });

  it('points at memory when the kernel killed there', () => {
    const killed = { ...look(app('d', 3)), pod: pod({ memoryEvents: { ...NO_EVENTS, oomKill: 3 } }) };
    const verdict = holds(judge(look(app('a', 0)), killed));
    expect(verdict.summary).toContain('the kernel killed 3 times in this pod');
    expect(verdict.remedy.text).toContain('OomKilled first');
  });

  it('is unknown without names, and takes any name', () => {
    const nameless = container({ identity: { ...container().identity, container: undefined } });
    expect(missing(judge(look(nameless)))).toContain('names');
    expect(whyClear(judge(look()))).toContain('no container seen');
    expect(judge(look(app('a', 0, '__proto__')), look(app('a', 0, 'constructor'))).outcome).toBe('clear');
  });
});

describe('InitIgnoresSigterm', () => {
  const judge = (init: ReturnType<typeof goProcess>['init'], of: ContainerModel | undefined = container()) =>
    judgeProcess(initIgnoresSigterm, { ...goProcess(), init }, { container: of });

  it('fires when a shell is process 1', () => {
    const verdict = holds(judge({ pid: 3, name: 'sh', handlesSigterm: false }));
    expect(verdict.summary).toContain(
      'process 1 of the container is a shell (sh), which does nothing on SIGTERM: app never hears',
    );
    expect(verdict.remedy.text).toContain('ENTRYPOINT ["/app"]');
    expect(evidence(verdict, 'catches or waits for SIGTERM')).toBe('no');
    expect(holds(judge({ pid: 3, name: 'wrapper', handlesSigterm: false })).remedy.text).toContain('tini');
    expect(holds(judge({ pid: 7, name: 'app', handlesSigterm: false })).summary).toContain('ignores SIGTERM');
  });

  it('is silent when process 1 hears it, and in units', () => {
    expect(whyClear(judge({ pid: 7, name: 'app', handlesSigterm: true }))).toContain('it is process 1 itself');
    expect(whyClear(judge({ pid: 3, name: 'tini', handlesSigterm: true }))).toBe('process 1 (tini) handles SIGTERM');
    const outside = judgeProcess(initIgnoresSigterm, { ...goProcess(), init: undefined }, { container: undefined });
    expect(whyClear(outside)).toBe('it is in no container or unit');
    const unit = container({ identity: { ...container().identity, kind: 'systemd' } });
    expect(whyClear(judge(undefined, unit))).toContain('systemd');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(undefined))).toContain('process 1');
    expect(missing(judge({ pid: 3, name: 'sh', handlesSigterm: undefined }))).toContain('SigCgt');
  });
});

describe('ControllersMissing', () => {
  const ALL = ['cpuset', 'cpu', 'io', 'memory', 'pids'];
  const judge = (
    controllers: readonly string[],
    containers: readonly ContainerModel[] = [],
    over: Partial<Omit<NodeModel, 'node'>> = {},
  ) => {
    return controllersMissing.subject === 'node'
      ? controllersMissing.detect(node({ ...over, containers, node: { controllers } }))
      : undefined!;
  };
  const bare = container({
    cpu: { ...container().cpu, limitCores: undefined },
    pids: { current: 4, peak: 4, max: 'max', nearest: undefined },
  });

  it('tells a controller that no container has', () => {
    const verdict = holds(judge(ALL, [bare]));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'containers have no cpu controller: CPU limits and requests are not in force and cannot be judged',
    );
    expect(verdict.remedy.text).toContain('`Delegate=cpu`');
    const noMemory = container({
      memory: memory({ maxBytes: undefined }),
      pids: { current: undefined, peak: undefined, max: undefined, nearest: undefined },
    });
    expect(evidence(judge(ALL, [noMemory]), 'controllers that no container has')).toBe('memory pids');
  });

  it('tells one that is missing at the root', () => {
    const io = holds(judge(['cpu', 'memory', 'pids']));
    expect([io.severity, io.summary]).toEqual([
      'info',
      'the cgroup v2 hierarchy has no io controller: disk traffic by container cannot be judged',
    ]);
    expect(holds(judge(['cpu', 'memory', 'io'])).severity).toBe('warning');
  });

  it('is silent when some container has the files, and leaves the rest to another rule', () => {
    expect(whyClear(judge(ALL, [bare, container()]))).toContain('are there');
    expect(whyClear(judge(ALL, []))).toContain('are there');
    // A unit is not a pod.
    const unit = { ...bare, identity: { ...bare.identity, kind: 'systemd' as const } };
    expect(judge(ALL, [unit]).outcome).toBe('clear');
    expect(judge(['io', 'pids'], []).outcome).toBe('clear');
    const v1 = controllersMissing.subject === 'node' && controllersMissing.detect(node({ node: { hierarchy: 'v1' } }));
    expect(v1 && whyClear(v1)).toContain('NodeNotUnifiedCgroupV2');
  });

  it('is unknown when files are there and were not read', () => {
    const misses = [
      {
        kind: 'denied' as const,
        reader: 'cgroup',
        source: '/sys/fs/cgroup/kubepods/pod-a/app/cpu.max',
        detail: 'EACCES',
      },
    ];
    expect(missing(judge(ALL, [bare], { misses }))).toContain('could not be read');
    const none =
      controllersMissing.subject === 'node' && controllersMissing.detect(node({ node: { hierarchy: 'none' } }));
    expect(none && missing(none)).toContain('a cgroup file system');
  });
});

describe('ClockStepped', () => {
  const at = (wallMs: number, monotonicMs: number): NodeContext => ({ ...node(), at: { wallMs, monotonicMs } });
  const judge = (...looks: readonly NodeContext[]) => overTime(clockStepped, looks, 0);

  it('fires on a jump of either direction', () => {
    const forward = holds(judge(at(1_000_000, 5000), at(1_075_000, 20_000)));
    // 75 s of wall clock in 15 s.
    expect(evidence(forward, 'step of the wall clock')).toBe(60);
    expect(forward.summary).toContain('jumped 60 s forward between two looks');
    expect(forward.summary).toContain('suspended');
    const back = holds(judge(at(1_000_000, 5000), at(1_013_900, 20_000)));
    expect(back.summary).toContain('jumped 1.1 s back');
    expect(clockStepped.keepSeconds).toBe(600);
  });

  it('is silent when both go on together, also after a step', () => {
    expect(whyClear(judge(at(1_000_000, 5000), at(1_015_007, 20_000)))).toContain('went on together');
    expect(judge(at(1_000_000, 5000), at(1_075_000, 20_000), at(1_090_000, 35_000)).outcome).toBe('clear');
  });

  it('is unknown on the first look', () => {
    expect(missing(judge(at(1_000_000, 5000)))).toBe('an earlier look at both clocks');
  });
});

describe('NodeSysctls', () => {
  const judge = (sysctls: Record<string, number | string>) =>
    nodeSysctls.subject === 'node' ? nodeSysctls.detect(node({ node: { sysctls } })) : undefined!;

  it('fires on strict overcommit and on panic', () => {
    const strict = holds(judge({ 'vm.overcommit_memory': 2, 'vm.panic_on_oom': 0 }));
    expect(strict.remedy).toEqual({
      text: 'Set vm.overcommit_memory=1 in /etc/sysctl.d, as the kubelet does itself unless protectKernelDefaults is on.',
      patch: { kind: 'sysctl', set: { 'vm.overcommit_memory': '1' } },
    });
    expect(holds(judge({ 'vm.overcommit_memory': 1, 'vm.panic_on_oom': 1 })).severity).toBe('warning');
    const both = holds(judge({ 'vm.overcommit_memory': 2, 'vm.panic_on_oom': 2 }));
    expect([both.severity, both.remedy.patch?.set]).toEqual([
      'critical',
      { 'vm.overcommit_memory': '1', 'vm.panic_on_oom': '0' },
    ]);
  });

  it('is silent on the usual values, and unknown when one was not read', () => {
    expect(whyClear(judge({ 'vm.overcommit_memory': 0, 'vm.panic_on_oom': 0, 'vm.swappiness': 100 }))).toContain(
      'as the kubelet',
    );
    expect(missing(judge({}))).toBe('vm.overcommit_memory; vm.panic_on_oom');
    expect(missing(judge({ 'vm.overcommit_memory': 1 }))).toBe('vm.panic_on_oom');
    expect(judge({ 'vm.overcommit_memory': 2 }).outcome).toBe('holds');
  });
});

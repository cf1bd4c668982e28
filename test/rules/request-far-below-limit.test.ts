import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { ContainerSpecModel, ResourcesModel } from '../../src/model/pod-spec-types.ts';
import { requestFarBelowLimit } from '../../src/rules/request-far-below-limit.ts';
import type { ContainerContext, Verdict } from '../../src/rules/types.ts';
import { container, containerContext, evidence, holds, MIB, memory, missing, whyClear } from './models.ts';
import { overTime } from './over-time.ts';

const spec = (over: Partial<ResourcesModel> = {}, more: Partial<ContainerSpecModel> = {}): ContainerSpecModel => ({
  ageSeconds: 0,
  kind: 'container',
  // A request of 100 MiB below a limit of 512 MiB.
  resources: {
    requestCpuCores: 'none',
    requestMemoryBytes: 100 * MIB,
    limitCpuCores: 'max',
    limitMemoryBytes: 512 * MIB,
    ...over,
  },
  podResources: undefined,
  reported: undefined,
  resize: undefined,
  imageDigest: undefined,
  restartCount: 0,
  lastTermination: undefined,
  ...more,
});

const working = (workingSetMib: number | undefined, told: ContainerSpecModel | 'none' = spec()): ContainerModel => ({
  ...container(),
  memory: memory({ workingSetBytes: workingSetMib === undefined ? undefined : workingSetMib * MIB }),
  ...(told === 'none' ? {} : { spec: told }),
});

function judge(looks: readonly ContainerModel[], over: Partial<ContainerContext> = {}): Verdict {
  return overTime(
    requestFarBelowLimit,
    looks.map((look) => ({ ...containerContext(look), ...over })),
    0,
  );
}

describe('RequestFarBelowLimit', () => {
  it('asks for the largest working set seen, and a tenth more', () => {
    const verdict = holds(judge([working(250), working(200)]));
    // 250 MiB x 1.1 = 275 MiB.
    expect(verdict.remedy.patch).toEqual({ kind: 'resources', set: { 'requests.memory': '275Mi' } });
    expect(verdict.severity).toBe('info');
    // 200 / 100 = 2; 100 / 512 = 19.5 %.
    expect(verdict.summary).toBe(
      'the memory request of 100 MiB is 19.5 % of the limit, and the program works with 200 MiB: 2 times what was asked for, which was promised to nobody',
    );
    expect(evidence(verdict, 'working set')).toBe(200 * MIB);
  });

  it('is clear with its own remedy applied', () => {
    expect(judge([working(250, spec({ requestMemoryBytes: 275 * MIB }))]).outcome).toBe('clear');
  });

  it('never asks for more than the limit', () => {
    const verdict = holds(judge([working(500)]));
    expect(verdict.remedy.patch?.set).toEqual({ 'requests.memory': '512Mi' });
  });

  it('fires on a container that asks for nothing', () => {
    expect(holds(judge([working(200, spec({ requestMemoryBytes: 'none' }))])).summary).toContain('all of it');
  });

  it.each([
    ['the request is half of the limit', working(300, spec({ requestMemoryBytes: 256 * MIB })), '50 % of the limit'],
    ['the working set fits', working(100), 'within the request'],
    ['there is no limit', working(300, spec({ limitMemoryBytes: 'max' })), 'no memory limit'],
    ['it is an init container', working(300, spec({}, { kind: 'init' })), 'init container'],
    [
      'the request is made for the pod',
      working(300, spec({ requestMemoryBytes: 'none' }, { podResources: spec().resources })),
      'for the pod as a whole',
    ],
  ])('is silent when %s', (_, of, why) => {
    expect(whyClear(judge([of]))).toContain(why);
  });

  it('is silent without a Go program, and outside of pods', () => {
    expect(whyClear(judge([working(300)], { processes: [] }))).toContain('no Go process');
    const of = working(300);
    expect(judge([{ ...of, identity: { ...of.identity, kind: 'docker' } }]).outcome).toBe('clear');
  });

  it('is unknown without the spec, a quantity or the working set', () => {
    expect(missing(judge([working(300, 'none')]))).toContain('Kubernetes API');
    expect(missing(judge([working(300, spec({ requestMemoryBytes: undefined }))]))).toContain('requests.memory');
    expect(missing(judge([working(300, spec({ limitMemoryBytes: undefined }))]))).toContain('limits.memory');
    expect(missing(judge([working(undefined)]))).toBe('working set of the container');
    expect(missing(judge([{ ...working(300), unseenProcesses: 2 }], { processes: [] }))).toContain('executables');
  });
});

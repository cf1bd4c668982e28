import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { ContainerSpecModel, ResourcesModel } from '../../src/model/pod-spec-types.ts';
import { specCgroupDrift } from '../../src/rules/spec-cgroup-drift.ts';
import { quotaCores } from '../../src/rules/spec-limits.ts';
import type { ContainerContext, Verdict } from '../../src/rules/types.ts';
import { container, containerContext, evidence, goProcess, holds, MIB, memory, missing, whyClear } from './models.ts';
import { overTime } from './over-time.ts';

export const resources = (over: Partial<ResourcesModel> = {}): ResourcesModel => ({
  requestCpuCores: 1,
  requestMemoryBytes: 256 * MIB,
  limitCpuCores: 2,
  limitMemoryBytes: 512 * MIB,
  ...over,
});

export const spec = (over: Partial<ContainerSpecModel> = {}): ContainerSpecModel => ({
  ageSeconds: 0,
  kind: 'container',
  resources: resources(),
  podResources: undefined,
  reported: undefined,
  resize: undefined,
  imageDigest: undefined,
  restartCount: 0,
  lastTermination: undefined,
  ...over,
});

/** The usual container: 2 cores and 512 MiB in its cgroup. */
function limited(
  over: { readonly cores?: number | 'max' | undefined; readonly bytes?: number | 'max' | undefined },
  told: ContainerSpecModel | 'none' = spec(),
): ContainerModel {
  const base = container();
  return {
    ...base,
    cpu: { ...base.cpu, limitCores: 'cores' in over ? over.cores : 2 },
    memory: memory({ maxBytes: 'bytes' in over ? over.bytes : 512 * MIB }),
    ...(told === 'none' ? {} : { spec: told }),
  };
}

/** The last of several looks. */
function judge(looks: readonly ContainerModel[], over: Partial<ContainerContext> = {}): Verdict {
  return overTime(
    specCgroupDrift,
    looks.map((look) => ({ ...containerContext(look), ...over })),
    0,
  );
}

/** Another container of the node, whose CPU limit is enforced or is not. */
const neighbour = (cores: number | 'max'): ContainerModel => ({ ...limited({ cores }), key: 'other#2' });

describe('the quota of a CPU limit', () => {
  it('is whole microseconds of the period, and at least one millisecond', () => {
    expect(quotaCores(1.5, 0.1)).toBe(1.5);
    // 5 m of 100 ms are 500 us, so 1000 us of 100,000: a hundredth of a core.
    expect(quotaCores(0.005, 0.1)).toBe(0.01);
    // 333 m of 10 ms: 3330 us of 10,000.
    expect(quotaCores(0.333, 0.01)).toBe(0.333);
  });
});

describe('SpecCgroupDrift is silent', () => {
  it('when both limits are in force', () => {
    expect(whyClear(judge([limited({})]))).toBe('the limits of the spec are those of the cgroup');
  });

  it('when the difference is how the kubelet, systemd and the kernel round', () => {
    const of = (limitCpuCores: number, cores: number) =>
      judge([limited({ cores }, spec({ resources: resources({ limitCpuCores }) }))]).outcome;
    // 5 m are 1 ms of each period; systemd rounds 125 m up to 13 hundredths of a core.
    expect([of(0.005, 0.01), of(0.125, 0.125), of(0.125, 0.13)]).toEqual(['clear', 'clear', 'clear']);
    // memory.max of 1,000,000,000 bytes: 244,140 whole pages of 4096 are 999,997,440; of 64 KiB 15,258 pages, 999,948,288.
    const limitMemoryBytes = 1_000_000_000;
    const pages = (bytes: number) =>
      judge([limited({ bytes }, spec({ resources: resources({ limitMemoryBytes }) }))]).outcome;
    expect([pages(999_997_440), pages(999_948_288), pages(1_000_001_536)]).toEqual(['clear', 'clear', 'holds']);
  });

  it('when neither sets a limit', () => {
    const none = spec({ resources: resources({ limitCpuCores: 'max', limitMemoryBytes: 'max' }) });
    expect(judge([limited({ cores: 'max', bytes: 'max' }, none)]).outcome).toBe('clear');
  });

  it('when the container was given the limit of its pod, or an older kubelet gave it none', () => {
    const told = spec({ resources: resources({ limitMemoryBytes: 'max' }), podResources: resources() });
    expect(judge([limited({ bytes: 512 * MIB }, told)]).outcome).toBe('clear');
    expect(judge([limited({ bytes: 'max' }, told)]).outcome).toBe('clear');
    expect(judge([limited({ bytes: 256 * MIB }, told)]).outcome).toBe('holds');
  });

  it('when the container has its CPUs for itself', () => {
    const exclusive = limited({ cores: 'max' });
    const of = {
      ...exclusive,
      identity: { ...exclusive.identity, qos: 'Guaranteed' },
      effective: { ...goProcess().effective, cpusetCpus: 2 },
    };
    expect(judge([of]).outcome).toBe('clear');
  });

  it('when no CPU limit is enforced on the node', () => {
    expect(
      judge([limited({ cores: 'max' })], { neighbours: [limited({ cores: 'max' }), neighbour('max')] }).outcome,
    ).toBe('clear');
  });

  it('outside of pods', () => {
    const of = limited({ cores: 1 });
    expect(whyClear(judge([{ ...of, identity: { ...of.identity, kind: 'systemd' } }]))).toContain('not a container');
  });
});

describe('SpecCgroupDrift fires', () => {
  it('and says what the kubelet reports when something else wrote to the cgroup', () => {
    const verdict = holds(judge([limited({ bytes: 256 * MIB }, spec({ reported: resources() }))]));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'memory limit: spec 512 MiB, memory.max 256 MiB: something other than the kubelet wrote to the cgroup',
    );
    expect(evidence(verdict, 'memory limit of the spec')).toBe(512 * MIB);
    expect(evidence(verdict, 'memory limit in force')).toBe(256 * MIB);
    expect(evidence(verdict, 'memory limit the kubelet reports')).toBe(512 * MIB);
  });

  it('as a note when the cgroup gives more than the spec', () => {
    const of = limited({ cores: 4 }, spec({ reported: resources({ limitCpuCores: 4 }) }));
    const verdict = holds(judge([of]));
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe(
      'CPU limit: spec 2 cores, cpu.max 4 cores: the spec was changed, and it is not in force yet',
    );
  });

  it.each([
    ['deferred', 'until there is room'],
    ['infeasible', 'can never carry'],
    ['in progress', 'still at it'],
  ] as const)('with the kubelet’s word on a resize that is %s', (resize, words) => {
    expect(holds(judge([limited({ cores: 1 }, spec({ resize }))])).summary).toContain(words);
  });

  it('with the side that was seen to move, where the kubelet reports nothing', () => {
    const resized = spec({ resources: resources({ limitCpuCores: 4 }) });
    expect(holds(judge([limited({}), limited({}, resized)])).summary).toContain('the spec was changed');
    expect(holds(judge([limited({}), limited({ cores: 1 })])).summary).toContain('something other than the kubelet');
    expect(holds(judge([limited({ cores: 1 })])).summary).toContain('which side changed is not known');
  });

  it('on a CPU limit that is not enforced here and is elsewhere on the node', () => {
    const verdict = holds(
      judge([limited({ cores: 'max' })], { neighbours: [limited({ cores: 'max' }), neighbour(1)] }),
    );
    expect(verdict.summary).toContain('spec 2 cores, cpu.max no limit');
    expect(verdict.severity).toBe('info');
  });

  it('on a limit that nobody asked for', () => {
    const told = spec({ resources: resources({ limitMemoryBytes: 'max' }) });
    expect(holds(judge([limited({}, told)])).severity).toBe('warning');
  });
});

describe('SpecCgroupDrift is unknown', () => {
  it('without the API, and when it does not answer any more', () => {
    expect(missing(judge([limited({ cores: 1 }, 'none')]))).toContain('Kubernetes API');
    expect(judge([limited({ cores: 1 }, spec({ ageSeconds: 120 }))]).outcome).toBe('holds');
    expect(missing(judge([limited({ cores: 1 }, spec({ ageSeconds: 121 }))]))).toContain('does not answer');
  });

  it.each([
    ['cpu.max', limited({ cores: undefined })],
    ['memory.max', limited({ bytes: undefined })],
    ['limits.memory', limited({}, spec({ resources: resources({ limitMemoryBytes: undefined }) }))],
    ['limits.cpu', limited({}, spec({ resources: resources({ limitCpuCores: undefined }) }))],
  ])('without %s, and fires all the same when the other limit differs', (name, of) => {
    expect(missing(judge([of]))).toContain(name);
    const broken = name.includes('cpu')
      ? { ...of, memory: memory({ maxBytes: 128 * MIB }) }
      : { ...of, cpu: { ...of.cpu, limitCores: 1 } };
    expect(judge([broken]).outcome).toBe('holds');
  });

  it('when the only CPU limit of the node is not enforced', () => {
    expect(missing(judge([limited({ cores: 'max' })]))).toContain('--cpu-cfs-quota');
  });
});

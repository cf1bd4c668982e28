import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedGomaxprocs, type GomaxprocsInput } from '../../src/go/gomaxprocs-rule.ts';
import type { GoModule } from '../../src/go/types.ts';
import { parseGoVersion } from '../../src/go/version.ts';

const AUTOMAXPROCS: GoModule = { path: 'go.uber.org/automaxprocs', version: 'v1.6.0', replacedBy: undefined };

function given(version: string, changes: Partial<GomaxprocsInput> = {}): GomaxprocsInput {
  return {
    goVersion: parseGoVersion(version)!,
    environment: { GOMAXPROCS: undefined, GODEBUG: undefined },
    defaultGodebug: new Map(),
    modules: [],
    affinityCpus: 16,
    leafCpuLimitCores: 2.5,
    ...changes,
  };
}

describe('expectedGomaxprocs', () => {
  it('takes the environment first', () => {
    const environment = { GOMAXPROCS: '3', GODEBUG: undefined };
    expect(expectedGomaxprocs(given('go1.26.4', { environment, modules: [AUTOMAXPROCS] }))).toMatchObject({
      value: 3,
      containerAware: false,
      offBecause: 'env-gomaxprocs',
      from: 'environment',
      setBy: 'environment',
      followsChanges: false,
    });
  });

  it('passes over a value of the environment that the runtime passes over', () => {
    const environment = { GOMAXPROCS: '2000m', GODEBUG: undefined };
    const expected = expectedGomaxprocs(given('go1.26.4', { environment, modules: [AUTOMAXPROCS] }));
    expect(expected).toMatchObject({ value: 3, containerAware: true, setBy: 'runtime', offBecause: undefined });
    expect(expected.reason).toContain('ignored');
  });

  it('uses every CPU of the mask to 1.24', () => {
    const expected = expectedGomaxprocs(given('go1.24.6'));
    expect(expected).toMatchObject({ value: 16, containerAware: false, offBecause: 'go-version', from: 'inferred' });
    expect(expected.reason).toContain('Go 1.24');
  });

  it.each([
    [0.25, 16, 2],
    [2, 16, 2],
    [2.01, 16, 3],
    [40, 16, 16],
    [0.5, 1, 1],
    ['max', 16, 16],
  ] as const)('rounds a limit of %s cores on %d CPUs to %d from 1.25', (leafCpuLimitCores, affinityCpus, value) => {
    const expected = expectedGomaxprocs(given('go1.25.0', { leafCpuLimitCores, affinityCpus }));
    expect(expected).toMatchObject({ value, containerAware: true, followsChanges: true, missing: [] });
  });

  it('sees that the go line turned it off', () => {
    const defaultGodebug = new Map([
      ['containermaxprocs', '0'],
      ['updatemaxprocs', '0'],
    ]);
    expect(expectedGomaxprocs(given('go1.26.4', { defaultGodebug }))).toMatchObject({
      value: 16,
      containerAware: false,
      offBecause: 'go-line',
      followsChanges: false,
    });
    const environment = { GOMAXPROCS: undefined, GODEBUG: 'containermaxprocs=1' };
    expect(expectedGomaxprocs(given('go1.26.4', { defaultGodebug, environment }))).toMatchObject({
      value: 3,
      containerAware: true,
      followsChanges: false,
    });
  });

  it('sees that the environment turned it off, and passes over a broken setting', () => {
    const off = { GOMAXPROCS: undefined, GODEBUG: 'gctrace=1,containermaxprocs=0' };
    expect(expectedGomaxprocs(given('go1.26.4', { environment: off }))).toMatchObject({
      value: 16,
      offBecause: 'godebug-env',
    });
    const broken = { GOMAXPROCS: undefined, GODEBUG: 'containermaxprocs=no,default=go1.20' };
    expect(expectedGomaxprocs(given('go1.26.4', { environment: broken }))).toMatchObject({
      value: 3,
      containerAware: true,
    });
  });

  it('lets automaxprocs round down, on any Go version, at least 1', () => {
    const modules = [AUTOMAXPROCS];
    expect(expectedGomaxprocs(given('go1.22.0', { modules }))).toMatchObject({ value: 2, setBy: 'automaxprocs' });
    expect(expectedGomaxprocs(given('go1.26.0', { modules, leafCpuLimitCores: 0.5 }))).toMatchObject({ value: 1 });
    expect(expectedGomaxprocs(given('go1.22.0', { modules, leafCpuLimitCores: 'max' }))).toMatchObject({
      value: 16,
      setBy: 'runtime',
    });
    expect(expectedGomaxprocs(given('go1.22.0', { modules, leafCpuLimitCores: undefined }))).toMatchObject({
      value: undefined,
      missing: ['cpu-limit'],
    });
  });

  it('knows that automaxprocs before 1.5.0 cannot read cgroup v2', () => {
    const modules = [{ ...AUTOMAXPROCS, version: 'v1.4.0' }];
    expect(expectedGomaxprocs(given('go1.22.0', { modules }))).toMatchObject({ value: 16, offBecause: 'go-version' });
  });

  it('names what is missing instead of inventing a value', () => {
    expect(
      expectedGomaxprocs(given('go1.25.0', { affinityCpus: undefined, leafCpuLimitCores: undefined })),
    ).toMatchObject({
      value: undefined,
      containerAware: true,
      missing: ['affinity', 'cpu-limit'],
    });
    expect(expectedGomaxprocs(given('go1.24.0', { affinityCpus: undefined }))).toMatchObject({
      value: undefined,
      missing: ['affinity'],
    });
    expect(expectedGomaxprocs(given('go1.25.0', { affinityCpus: 2, leafCpuLimitCores: undefined }))).toMatchObject({
      value: 2,
      missing: [],
    });
    expect(expectedGomaxprocs(given('go1.25.0', { environment: undefined }))).toMatchObject({
      value: undefined,
      containerAware: undefined,
      missing: ['environment'],
    });
    expect(expectedGomaxprocs(given('go1.24.0', { environment: undefined }))).toMatchObject({
      containerAware: false,
      offBecause: 'go-version',
      missing: ['environment'],
    });
  });

  it('never goes above the mask or below the lesser of mask and 2, from 1.25', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 512 }), fc.double({ min: 0.01, max: 600, noNaN: true }), (cpus, limit) => {
        const { value } = expectedGomaxprocs(given('go1.25.0', { affinityCpus: cpus, leafCpuLimitCores: limit }));
        expect(value).toBeLessThanOrEqual(cpus);
        expect(value).toBeGreaterThanOrEqual(Math.min(cpus, 2));
      }),
    );
  });
});

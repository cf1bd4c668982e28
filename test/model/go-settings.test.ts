import { describe, expect, it } from 'vitest';
import type { EndpointSample, GoSample } from '../../src/sample/types.ts';
import {
  CONTAINER,
  cpuMax,
  endpoint,
  goMetrics,
  goSample,
  MIB,
  memStats,
  modelOf,
  NO_ENVIRONMENT,
  now,
  podTree,
  status,
} from './builders.ts';

type Environment = Partial<NonNullable<GoSample['environment']>>;
const settings = (
  version: string,
  environment: Environment | undefined,
  told?: Partial<EndpointSample>,
  deps: string[] = [],
) => {
  const go = goSample(version, {
    environment: environment === undefined ? undefined : { ...NO_ENVIRONMENT, ...environment },
    endpoint: told === undefined ? undefined : endpoint(told),
  });
  const build = { ...go.build, deps: deps.map((path) => ({ path, version: 'v1.6.0', replacedBy: undefined })) };
  const cgroups = podTree({ container: { cpuMax: cpuMax(2), memoryMax: 512 * MIB } });
  return modelOf({ ...go, build }, cgroups).settings;
};
const metrics = (over: Parameters<typeof goMetrics>[0]) => ({ metrics: now(goMetrics(over)) });

describe('GOMAXPROCS', () => {
  it('is what the endpoint says, whatever the environment says', () => {
    expect(settings('go1.26.4', { GOMAXPROCS: '3' }, metrics({ gomaxprocs: 6 })).gomaxprocs).toEqual({
      value: 6,
      from: 'endpoint',
      detail: 'go_sched_gomaxprocs_threads',
      ageSeconds: 0,
    });
  });

  it('is the environment’s, else inferred from version, mask and limit', () => {
    expect(settings('go1.26.4', { GOMAXPROCS: '3' }).gomaxprocs).toMatchObject({ value: 3, from: 'environment' });
    // min(8 CPUs, max(2, ceil(2))) with Go 1.26; all 8 with Go 1.24.
    expect(settings('go1.26.4', {}).gomaxprocs).toMatchObject({ value: 2, from: 'inferred' });
    expect(settings('go1.24.0', {}).gomaxprocs).toMatchObject({ value: 8, from: 'inferred' });
    expect(settings('go1.26.4', undefined).gomaxprocs).toBeUndefined();
  });

  it('names in plain words what is missing', () => {
    const blind = modelOf(goSample('go1.26.4', { environment: undefined }));
    expect(blind.expectedGomaxprocs.missing).toEqual([
      'environment of the process (needs SYS_PTRACE and DAC_READ_SEARCH)',
    ]);
    const maskless = modelOf(goSample('go1.24.0', { status: status({ cpusAllowed: undefined }) }));
    expect(maskless.expectedGomaxprocs.missing).toEqual(['CPU affinity of the process']);
    const unread = modelOf(goSample('go1.26.4'), podTree({ container: { cpuMax: undefined } }));
    expect(unread.expectedGomaxprocs.missing).toEqual(['cpu.max of the process’s own cgroup']);
  });

  it('looks at the limit of the process’s own cgroup only', () => {
    const model = modelOf(goSample('go1.26.4'), podTree({ pod: { cpuMax: cpuMax(2) } }));
    expect(model.leafCpuLimitCores).toBe('max');
    expect(model.expectedGomaxprocs).toMatchObject({ value: 8, containerAware: true, setBy: 'runtime' });
    expect(model.effective.cpuCores).toMatchObject({ limit: 2, level: 'pod' });
  });

  it('sees no limit where the cpu controller is off, as the runtime does', () => {
    const model = modelOf(goSample('go1.26.4'), podTree({ container: { cpuMax: undefined, controllers: ['memory'] } }));
    expect(model.leafCpuLimitCores).toBe('max');
    expect(model.settings.gomaxprocs?.value).toBe(8);
  });
});

describe('GOGC', () => {
  it.each([
    [undefined, 100],
    ['', 100],
    ['50', 50],
    ['0', 0],
    ['off', 'off'],
    ['-1', 'off'],
    // Not an int32: the runtime says nothing and takes 100.
    ['100%', 100],
    ['99999999999', 100],
  ] as const)('of %s is %s', (GOGC, value) => {
    expect(settings('go1.26.4', { GOGC }).gogc).toMatchObject({ value, from: 'environment' });
  });

  it('is the endpoint’s first, also when it says off by its goal', () => {
    expect(settings('go1.26.4', { GOGC: '50' }, metrics({ gogc: 200 })).gogc).toMatchObject({
      value: 200,
      from: 'endpoint',
    });
    const off = { memStats: { ...now(memStats({ nextGc: 'off' })), source: 'expvar' as const } };
    expect(settings('go1.26.4', {}, off).gogc).toMatchObject({ value: 'off', from: 'endpoint' });
    expect(settings('go1.26.4', undefined).gogc).toBeUndefined();
  });
});

describe('GOMEMLIMIT', () => {
  const AUTOMEMLIMIT = ['github.com/KimMachineGun/automemlimit'];

  it('is the endpoint’s, then the environment’s, else off', () => {
    const told = metrics({ gomemlimit: 300 * MIB });
    expect(settings('go1.26.4', { GOMEMLIMIT: '1GiB' }, told).gomemlimit).toMatchObject({
      value: 300 * MIB,
      from: 'endpoint',
    });
    expect(settings('go1.26.4', { GOMEMLIMIT: '1GiB' }).gomemlimit).toMatchObject({
      value: 1024 * MIB,
      from: 'environment',
    });
    expect(settings('go1.26.4', { GOMEMLIMIT: 'off' }).gomemlimit).toMatchObject({ value: 'off', from: 'environment' });
    expect(settings('go1.26.4', {}).gomemlimit).toMatchObject({ value: 'off', from: 'environment' });
    expect(settings('go1.26.4', undefined).gomemlimit).toBeUndefined();
  });

  it('is off before Go 1.19, whatever the environment says or hides', () => {
    expect(settings('go1.18.10', { GOMEMLIMIT: '1GiB' }).gomemlimit).toMatchObject({ value: 'off', from: 'build' });
    expect(settings('go1.18.10', undefined).gomemlimit).toMatchObject({ value: 'off', from: 'build' });
    expect(settings('go1.19', undefined).gomemlimit).toBeUndefined();
  });

  it('is not known when it is malformed: the program would have died', () => {
    for (const GOMEMLIMIT of ['512Mi', '1800m', '1G', '1.5GiB'])
      expect(settings('go1.26.4', { GOMEMLIMIT }).gomemlimit).toBeUndefined();
  });

  it('is off when the goal says that nothing ends', () => {
    expect(
      settings('go1.26.4', undefined, metrics({ memStats: memStats({ nextGc: 'off' }) })).gomemlimit,
    ).toMatchObject({
      value: 'off',
      from: 'endpoint',
    });
  });

  it('is 90 % of the limit the program can see when automemlimit is linked in', () => {
    // 0.9 x 512 MiB = 483,183,820.8.
    expect(settings('go1.26.4', {}, undefined, AUTOMEMLIMIT).gomemlimit).toMatchObject({
      value: 483_183_820,
      from: 'inferred',
    });
    expect(settings('go1.26.4', { AUTOMEMLIMIT: '0.5' }, undefined, AUTOMEMLIMIT).gomemlimit).toMatchObject({
      value: 256 * MIB,
    });
    expect(settings('go1.26.4', { AUTOMEMLIMIT: '2' }, undefined, AUTOMEMLIMIT).gomemlimit).toBeUndefined();
  });

  it('leaves automemlimit out when it is switched off or the variable exists, even empty', () => {
    expect(settings('go1.26.4', { AUTOMEMLIMIT: 'off' }, undefined, AUTOMEMLIMIT).gomemlimit?.value).toBe('off');
    expect(settings('go1.26.4', { GOMEMLIMIT: '1GiB' }, undefined, AUTOMEMLIMIT).gomemlimit?.value).toBe(1024 * MIB);
    expect(settings('go1.26.4', { GOMEMLIMIT: '' }, undefined, AUTOMEMLIMIT).gomemlimit?.value).toBe('off');
  });

  it('does not guess what automemlimit made of a limit outside its cgroup namespace', () => {
    const build = {
      ...goSample().build,
      deps: [{ path: AUTOMEMLIMIT[0]!, version: 'v0.7.0', replacedBy: undefined }],
    };
    const model = modelOf(goSample('go1.26.4', { build }), podTree({ kubepods: { memoryMax: 60_000 * MIB } }));
    expect(model.effective.memoryMaxBytes).toMatchObject({ limit: 60_000 * MIB, level: 'kubepods' });
    expect(model.settings.gomemlimit).toBeUndefined();
  });
});

describe('GODEBUG', () => {
  it('is the environment’s, else what is built in', () => {
    const built = { ...goSample().build, settings: new Map([['DefaultGODEBUG', 'containermaxprocs=0']]) };
    const of = (environment: Environment) =>
      modelOf(goSample('go1.26.4', { build: built, environment: { ...NO_ENVIRONMENT, ...environment } })).settings
        .godebug;
    expect(of({ GODEBUG: 'madvdontneed=0' })).toEqual({
      value: 'madvdontneed=0',
      from: 'environment',
      detail: 'GODEBUG',
    });
    expect(of({ GODEBUG: '' })).toEqual({ value: 'containermaxprocs=0', from: 'build', detail: 'DefaultGODEBUG' });
    expect(modelOf(goSample()).settings.godebug).toBeUndefined();
  });
});

it('a process is placed by its cgroup', () => {
  expect(modelOf(goSample()).cgroupPath).toBe(CONTAINER);
});

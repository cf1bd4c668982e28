import type { Provenance } from '../base/known.ts';
import type { Limit } from '../base/limit.ts';
import { parseGodebug, parseGomaxprocsEnv, parseInt32 } from './runtime-settings.ts';
import type { GoEnvironment, GoModule, GoVersion } from './types.ts';
import { isAtLeast } from './version.ts';

/** What decides GOMAXPROCS of a program that does not call runtime.GOMAXPROCS itself. */
export interface GomaxprocsInput {
  readonly goVersion: GoVersion;
  /** undefined when the environment could not be read. */
  readonly environment: Pick<GoEnvironment, 'GOMAXPROCS' | 'GODEBUG'> | undefined;
  /** BuildInfo.defaultGodebug. */
  readonly defaultGodebug: ReadonlyMap<string, string>;
  /** BuildInfo.deps; only automaxprocs is looked for. */
  readonly modules: readonly GoModule[];
  /** CPUs in the process's affinity mask. */
  readonly affinityCpus: number | undefined;
  /** quota / period of the container's own (leaf) cgroup in cores. The runtime never looks at parents. */
  readonly leafCpuLimitCores: Limit | undefined;
}

/** Why the runtime does not look at the CPU limit. */
export type OffBecause = 'go-version' | 'go-line' | 'godebug-env' | 'env-gomaxprocs';

/** What GOMAXPROCS should be, and why. An explicit call in the program stays invisible. */
export interface ExpectedGomaxprocs {
  /** undefined when an input it depends on is missing. */
  readonly value: number | undefined;
  /** Whether the value follows the container's own CPU limit; undefined when the environment is unknown. */
  readonly containerAware: boolean | undefined;
  /** Set when `containerAware` is false. */
  readonly offBecause: OffBecause | undefined;
  /** Whether the running program follows later changes of the limit or the affinity mask. */
  readonly followsChanges: boolean | undefined;
  readonly setBy: 'environment' | 'automaxprocs' | 'runtime' | undefined;
  readonly from: Provenance;
  /** One sentence for a person. */
  readonly reason: string;
  /** Inputs that would be needed for `value` and are not known. */
  readonly missing: readonly ('environment' | 'affinity' | 'cpu-limit')[];
}

const AUTOMAXPROCS = 'go.uber.org/automaxprocs';
type Draft = Omit<ExpectedGomaxprocs, 'from' | 'offBecause' | 'missing'> &
  Partial<Pick<ExpectedGomaxprocs, 'from' | 'offBecause' | 'missing'>>;

/**
 * The rule of Go runtime/proc.go schedinit and runtime/cgroup_linux.go (1.25 and 1.26), with go.uber.org/automaxprocs in front:
 * environment, then automaxprocs, then all CPUs of the mask (to 1.24, or containermaxprocs=0), or
 * min(CPUs, max(2, ceil(limit))) (from 1.25). Go 1.25 can miss its own cgroup when mountinfo shows a sub-root (golang/go#76390),
 * so a measured value outranks this one.
 */
export function expectedGomaxprocs(input: GomaxprocsInput): ExpectedGomaxprocs {
  const { environment } = input;
  if (environment === undefined) {
    const reason = 'The environment of the process could not be read, and GOMAXPROCS in it would decide.';
    const never =
      !isAtLeast(input.goVersion, 1, 25) && input.modules.every((candidate) => candidate.path !== AUTOMAXPROCS);
    return done({
      value: undefined,
      containerAware: never ? false : undefined,
      offBecause: never ? 'go-version' : undefined,
      followsChanges: never ? false : undefined,
      setBy: undefined,
      reason,
      missing: ['environment'],
    });
  }
  const fixed = parseGomaxprocsEnv(environment.GOMAXPROCS);
  if (fixed !== undefined) {
    return done({
      value: fixed,
      containerAware: false,
      offBecause: 'env-gomaxprocs',
      followsChanges: false,
      setBy: 'environment',
      from: 'environment',
      reason: `GOMAXPROCS=${fixed} in the environment decides, so the runtime does not look at the CPU limit.`,
    });
  }
  return (
    byAutomaxprocs(input, environment.GOMAXPROCS !== undefined) ?? byRuntime(input, environment.GODEBUG, environment)
  );
}

/** automaxprocs does nothing when the variable exists, even with a value the runtime passes over, or when there is no limit. */
function byAutomaxprocs(input: GomaxprocsInput, variableExists: boolean): ExpectedGomaxprocs | undefined {
  const module = input.modules.find((candidate) => candidate.path === AUTOMAXPROCS);
  const limit = input.leafCpuLimitCores;
  if (module === undefined || variableExists || limit === 'max' || !readsCgroup2(module)) return undefined;
  return done({
    value: limit === undefined ? undefined : Math.max(1, Math.floor(limit)),
    containerAware: true,
    followsChanges: false,
    setBy: 'automaxprocs',
    reason: 'The program links go.uber.org/automaxprocs, which rounds the CPU limit down (at least 1) once at start.',
    missing: limit === undefined ? ['cpu-limit'] : [],
  });
}

/** cgroup v2 came with automaxprocs 1.5.0; a version that is not a plain number (a replaced module) is taken as new. */
function readsCgroup2(module: GoModule): boolean {
  const match = /^v(\d+)\.(\d+)\./.exec(module.replacedBy?.version ?? module.version);
  return match === null || Number(match[1]) > 1 || Number(match[2]) >= 5;
}

function byRuntime(
  input: GomaxprocsInput,
  godebug: string | undefined,
  environment: Pick<GoEnvironment, 'GOMAXPROCS'>,
): ExpectedGomaxprocs {
  const ignored = environment.GOMAXPROCS
    ? ' GOMAXPROCS in the environment is not a whole number above 0: ignored.'
    : '';
  const release = `${input.goVersion.major}.${input.goVersion.minor}`;
  const cpus = input.affinityCpus;
  const allCpus = (offBecause: OffBecause, followsChanges: boolean, reason: string): ExpectedGomaxprocs =>
    done({
      value: cpus,
      containerAware: false,
      offBecause,
      followsChanges,
      setBy: 'runtime',
      reason: reason + ignored,
      missing: cpus === undefined ? ['affinity'] : [],
    });
  if (!isAtLeast(input.goVersion, 1, 25))
    return allCpus('go-version', false, `Go ${release} never looks at the CPU limit: it uses every CPU of the mask.`);

  const settings = parseGodebug(godebug);
  const aware = godebugNumber('containermaxprocs', settings, input.defaultGodebug);
  const followsChanges = godebugNumber('updatemaxprocs', settings, input.defaultGodebug).value !== 0;
  if (aware.value <= 0) {
    return aware.fromEnvironment
      ? allCpus(
          'godebug-env',
          followsChanges,
          'GODEBUG=containermaxprocs=0 in the environment turns the CPU limit off.',
        )
      : allCpus(
          'go-line',
          followsChanges,
          `Built with Go ${release}, but the go line of its go.mod (or a godebug line) sets containermaxprocs=0, which turns the CPU limit off.`,
        );
  }
  const limit = input.leafCpuLimitCores;
  const value = cpusUnderLimit(cpus, limit);
  const missing: ('affinity' | 'cpu-limit')[] = [];
  if (value === undefined && cpus === undefined) missing.push('affinity');
  if (value === undefined && limit === undefined) missing.push('cpu-limit');
  return done({
    value,
    containerAware: true,
    followsChanges,
    setBy: 'runtime',
    reason: `Go ${release} takes the CPU limit of the container's own cgroup, rounded up, at least 2, at most every CPU of the mask.${ignored}`,
    missing,
  });
}

/** The limit is at least 2, so a mask of one or two CPUs decides alone. */
function cpusUnderLimit(cpus: number | undefined, limit: Limit | undefined): number | undefined {
  if (cpus === undefined) return undefined;
  if (cpus <= 2 || limit === 'max') return cpus;
  return limit === undefined ? undefined : Math.min(cpus, Math.max(2, Math.ceil(limit)));
}

/** The environment wins over the build; a value that is not an int32 counts as not given. The default of both settings is 1. */
function godebugNumber(
  name: string,
  environment: ReadonlyMap<string, string>,
  build: ReadonlyMap<string, string>,
): { readonly value: number; readonly fromEnvironment: boolean } {
  const fromEnvironment = parseInt32(environment.get(name) ?? '');
  if (fromEnvironment !== undefined) return { value: fromEnvironment, fromEnvironment: true };
  return { value: parseInt32(build.get(name) ?? '') ?? 1, fromEnvironment: false };
}

function done(draft: Draft): ExpectedGomaxprocs {
  return { from: 'inferred', offBecause: undefined, missing: [], ...draft };
}

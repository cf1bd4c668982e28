import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import { parseGogc, parseGomemlimit } from '../go/runtime-settings.ts';
import type { GoSample } from '../sample/types.ts';
import type { Contradiction, ExpectedGomaxprocs, GoSettings } from './go-settings-types.ts';
import { ageSeconds } from './runtime-sources.ts';

/** automemlimit's default share of the memory limit (github.com/KimMachineGun/automemlimit, memlimit.go). */
const AUTOMEMLIMIT_RATIO = 0.9;

type Setting = number | 'off';
type Claims<T extends Setting> = readonly Known<T>[];

/** What the runtime itself says: its variables, then its endpoint. */
function told<T extends Setting>(
  { memory, endpoint }: GoSample,
  at: Instant,
  inMemory: { readonly value: T | undefined; readonly detail: string },
  onEndpoint: { readonly value: T | undefined; readonly detail: string },
): Known<T>[] {
  const claims: Known<T>[] = [];
  if (memory.snapshot !== undefined && inMemory.value !== undefined)
    claims.push({
      value: inMemory.value,
      from: 'memory',
      detail: inMemory.detail,
      ageSeconds: ageSeconds(memory.snapshot.at, at),
    });
  const readAt = (endpoint?.metrics ?? endpoint?.memStats)?.at;
  if (readAt !== undefined && onEndpoint.value !== undefined)
    claims.push({
      value: onEndpoint.value,
      from: 'endpoint',
      detail: onEndpoint.detail,
      ageSeconds: ageSeconds(readAt, at),
    });
  return claims;
}

/** The endpoint's heap goal: go_memstats_next_gc_bytes, expvar's NextGC or the heap profile's. */
function endpointGoal({ endpoint }: GoSample): Setting | undefined {
  return endpoint?.metrics?.value.memStats.nextGc ?? endpoint?.memStats?.value.nextGc;
}

/** A goal beyond any heap means that GOGC is off and there is no limit, whatever else was told. */
const GOAL_OFF = 'next GC beyond any heap';

function gomaxprocs(sample: GoSample, expected: ExpectedGomaxprocs, at: Instant): Claims<number> {
  const claims = told(
    sample,
    at,
    { value: sample.memory.snapshot?.value.gomaxprocs, detail: 'runtime.gomaxprocs' },
    { value: sample.endpoint?.metrics?.value.gomaxprocs, detail: 'go_sched_gomaxprocs_threads' },
  );
  if (expected.value === undefined) return claims;
  const worked: Known<number> =
    expected.setBy === 'environment'
      ? { value: expected.value, from: 'environment', detail: 'GOMAXPROCS' }
      : { value: expected.value, from: 'inferred', detail: expected.reason };
  return [...claims, worked];
}

function gogc(sample: GoSample, at: Instant): Claims<Setting> {
  const value = sample.endpoint?.metrics?.value.gogc;
  const off = value === undefined && endpointGoal(sample) === 'off';
  const claims = told<Setting>(
    sample,
    at,
    { value: sample.memory.snapshot?.value.gogc, detail: 'gcController.gcPercent' },
    off ? { value: 'off', detail: GOAL_OFF } : { value, detail: 'go_gc_gogc_percent' },
  );
  if (sample.environment === undefined) return claims;
  const text = sample.environment.GOGC;
  const unset = text === undefined || text === '';
  return [
    ...claims,
    unset
      ? { value: 100, from: 'environment', detail: 'GOGC not set: the default' }
      : { value: parseGogc(text), from: 'environment', detail: 'GOGC' },
  ];
}

function environmentLimit(sample: GoSample, memoryMaxBytes: number | 'max' | undefined): Known<Setting> | undefined {
  if (sample.environment === undefined) return undefined;
  const text = sample.environment.GOMEMLIMIT;
  if (text !== undefined && text !== '') {
    const parsed = parseGomemlimit(text);
    return !parsed.ok ? undefined : { value: parsed.value, from: 'environment', detail: 'GOMEMLIMIT' };
  }
  const automemlimit = sample.build.deps.some((dep) => dep.path === 'github.com/KimMachineGun/automemlimit');
  // It looks whether the variable exists, not what it says.
  if (automemlimit && text === undefined && sample.environment.AUTOMEMLIMIT !== 'off') {
    const ratio = Number(sample.environment.AUTOMEMLIMIT ?? AUTOMEMLIMIT_RATIO);
    if (memoryMaxBytes === undefined || memoryMaxBytes === 'max' || !(ratio > 0 && ratio <= 1)) return undefined;
    return { value: Math.floor(memoryMaxBytes * ratio), from: 'inferred', detail: 'automemlimit is linked in' };
  }
  return { value: 'off', from: 'environment', detail: 'GOMEMLIMIT not set' };
}

function gomemlimit(sample: GoSample, memoryMaxBytes: number | 'max' | undefined, at: Instant): Claims<Setting> {
  const { major, minor, text } = sample.build.goVersion;
  if (major === 1 && minor < 19)
    return [{ value: 'off', from: 'build', detail: `${text} has no memory limit (Go 1.19 brought it)` }];
  const value = sample.endpoint?.metrics?.value.gomemlimit;
  const off = value === undefined && endpointGoal(sample) === 'off';
  const claims = told<Setting>(
    sample,
    at,
    { value: sample.memory.snapshot?.value.gomemlimit, detail: 'gcController.memoryLimit' },
    off ? { value: 'off', detail: GOAL_OFF } : { value, detail: 'go_gc_gomemlimit_bytes' },
  );
  const fromEnvironment = environmentLimit(sample, memoryMaxBytes);
  return fromEnvironment === undefined ? claims : [...claims, fromEnvironment];
}

function contradiction(setting: Contradiction['setting'], claims: Claims<Setting>): Contradiction[] {
  const [first] = claims;
  return claims.some(({ value }) => value !== first?.value) ? [{ setting, values: claims }] : [];
}

/**
 * The three settings in force, each from the best source there is: the runtime's variables, its endpoint, the environment at exec, then
 * what the runtime of that version does. A value that a program sets by a call is visible only to the first two; where sources differ,
 * all of them are kept.
 * @param memoryMaxBytes the memory limit the program itself can see, which automemlimit takes its share of
 */
export function goSettings(
  sample: GoSample,
  expected: ExpectedGomaxprocs,
  memoryMaxBytes: number | 'max' | undefined,
  at: Instant,
): GoSettings {
  const environmentGodebug = sample.environment?.GODEBUG;
  const built = sample.build.settings.get('DefaultGODEBUG');
  const procs = gomaxprocs(sample, expected, at);
  const percent = gogc(sample, at);
  const limit = gomemlimit(sample, memoryMaxBytes, at);
  return {
    gomaxprocs: procs[0],
    gogc: percent[0],
    gomemlimit: limit[0],
    contradictions: [
      ...contradiction('gomaxprocs', procs),
      ...contradiction('gogc', percent),
      ...contradiction('gomemlimit', limit),
    ],
    godebug:
      environmentGodebug !== undefined && environmentGodebug !== ''
        ? { value: environmentGodebug, from: 'environment', detail: 'GODEBUG' }
        : built === undefined
          ? undefined
          : { value: built, from: 'build', detail: 'DefaultGODEBUG' },
  };
}

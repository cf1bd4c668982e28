import type { Known } from '../base/known.ts';
import { parseGogc, parseGomemlimit } from '../go/runtime-settings.ts';
import type { GoSample } from '../sample/types.ts';
import type { ExpectedGomaxprocs, GoSettings } from './types.ts';

/** automemlimit's default share of the memory limit (github.com/KimMachineGun/automemlimit, memlimit.go). */
const AUTOMEMLIMIT_RATIO = 0.9;

function gomaxprocs(sample: GoSample, expected: ExpectedGomaxprocs): Known<number> | undefined {
  const told = sample.endpoint?.metrics?.value.gomaxprocs;
  if (told !== undefined) return { value: told, from: 'endpoint', detail: 'go_sched_gomaxprocs_threads' };
  if (expected.value === undefined) return undefined;
  return expected.setBy === 'environment'
    ? { value: expected.value, from: 'environment', detail: 'GOMAXPROCS' }
    : { value: expected.value, from: 'inferred', detail: expected.reason };
}

function gogc(sample: GoSample): Known<number | 'off'> | undefined {
  const told = sample.endpoint?.metrics?.value.gogc;
  if (told !== undefined) return { value: told, from: 'endpoint', detail: 'go_gc_gogc_percent' };
  const goal = heapGoal(sample);
  if (goal === 'off') return { value: 'off', from: 'endpoint', detail: 'next GC beyond any heap' };
  if (sample.environment === undefined) return undefined;
  const text = sample.environment.GOGC;
  if (text === undefined || text === '')
    return { value: 100, from: 'environment', detail: 'GOGC not set: the default' };
  return { value: parseGogc(text), from: 'environment', detail: 'GOGC' };
}

function gomemlimit(sample: GoSample, memoryMaxBytes: number | 'max' | undefined): Known<number | 'off'> | undefined {
  const told = sample.endpoint?.metrics?.value.gomemlimit;
  if (told !== undefined) return { value: told, from: 'endpoint', detail: 'go_gc_gomemlimit_bytes' };
  if (sample.build.goVersion.major === 1 && sample.build.goVersion.minor < 19) {
    return {
      value: 'off',
      from: 'build',
      detail: `${sample.build.goVersion.text} has no memory limit (Go 1.19 brought it)`,
    };
  }
  if (heapGoal(sample) === 'off') return { value: 'off', from: 'endpoint', detail: 'next GC beyond any heap' };
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

/** The endpoint's heap goal: go_memstats_next_gc_bytes, expvar's NextGC or the heap profile's. */
export function heapGoal(sample: GoSample): number | 'off' | undefined {
  return sample.endpoint?.metrics?.value.memStats.nextGc ?? sample.endpoint?.memStats?.value.nextGc;
}

/**
 * The three settings in force, each from the best source there is: the endpoint, then the environment at exec, then what the
 * runtime of that version does. A value that a program sets by a call is only visible through its endpoint.
 * @param memoryMaxBytes the memory limit the program itself can see, which automemlimit takes its share of
 */
export function goSettings(
  sample: GoSample,
  expected: ExpectedGomaxprocs,
  memoryMaxBytes: number | 'max' | undefined,
): GoSettings {
  const environmentGodebug = sample.environment?.GODEBUG;
  const built = sample.build.settings.get('DefaultGODEBUG');
  return {
    gomaxprocs: gomaxprocs(sample, expected),
    gogc: gogc(sample),
    gomemlimit: gomemlimit(sample, memoryMaxBytes),
    godebug:
      environmentGodebug !== undefined && environmentGodebug !== ''
        ? { value: environmentGodebug, from: 'environment', detail: 'GODEBUG' }
        : built === undefined
          ? undefined
          : { value: built, from: 'build', detail: 'DefaultGODEBUG' },
  };
}

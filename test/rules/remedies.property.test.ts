import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGogc, parseGomaxprocsEnv, parseGomemlimit } from '../../src/go/runtime-settings.ts';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { EffectiveLimit } from '../../src/model/limit-types.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { Remedy, RuleId } from '../../src/rules/types.ts';
import { anyContainer, anyProcess } from './arbitrary-models.ts';
import { limitAt, MIB, processContext, told } from './models.ts';

/* Does what a remedy says to a model, the way the kernel and the Go runtime would, and asks the rule again. */

const environment = <T>(value: T) => ({ value, from: 'environment' }) as const;

/** The tighter of the container's new limit and one set above it. */
function withOwnLimit(above: EffectiveLimit | undefined, own: number): EffectiveLimit {
  const outer =
    above !== undefined && above.level !== 'container' && above.level !== 'sub-container' ? above.limit : 'max';
  return outer !== 'max' && outer < own && above !== undefined ? above : limitAt(own);
}

/** What Go 1.25 and later choose: min(CPUs, max(2, ceil(limit))). */
function runtimesChoice(process: GoProcessModel): GoProcessModel {
  const cpus = process.affinityCpus ?? 64;
  const leaf = process.leafCpuLimitCores;
  const value = leaf === undefined || leaf === 'max' ? cpus : Math.min(cpus, Math.max(2, Math.ceil(leaf)));
  return {
    ...process,
    settings: { ...process.settings, gomaxprocs: { value, from: 'inferred' } },
    expectedGomaxprocs: {
      ...process.expectedGomaxprocs,
      value,
      containerAware: true,
      offBecause: undefined,
      setBy: 'runtime',
    },
  };
}

function setEnvironment(process: GoProcessModel, name: string, text: string): GoProcessModel {
  const { settings, runtime } = process;
  switch (name) {
    case 'GOMAXPROCS': {
      const value = parseGomaxprocsEnv(text)!;
      const decided = { value, containerAware: false, offBecause: 'env-gomaxprocs', setBy: 'environment' } as const;
      return {
        ...process,
        settings: { ...settings, gomaxprocs: environment(value) },
        expectedGomaxprocs: { ...process.expectedGomaxprocs, ...decided },
      };
    }
    case 'GOGC':
      return { ...process, settings: { ...settings, gogc: environment(parseGogc(text)) } };
    case 'GOMEMLIMIT': {
      const parsed = parseGomemlimit(text);
      if (!parsed.ok || parsed.value === 'off') throw new Error(`GOMEMLIMIT=${text} ends the program`);
      // The goal keeps 3 % below the limit less what is no heap, and never below what is live (mgcpacer.go, memoryLimitHeapGoal).
      const byLimit = Math.max(
        (parsed.value - (runtime.nonHeapBytes?.value ?? 0)) * 0.97,
        runtime.heapLiveBytes?.value ?? 0,
      );
      const goal = runtime.heapGoalBytes;
      // A goal that GOMEMLIMIT held down goes up with it, as far as GOGC lets it.
      const raised =
        parsed.value > (settings.gomemlimit?.value === 'off' ? Infinity : (settings.gomemlimit?.value ?? 0));
      if (runtime.goalSetBy === 'GOMEMLIMIT' && raised && runtime.heapLiveBytes !== undefined) {
        const gogc = settings.gogc?.value;
        const byGogc = typeof gogc === 'number' ? runtime.heapLiveBytes.value * (1 + gogc / 100) : Infinity;
        const goalSetBy = byGogc < byLimit ? 'GOGC' : 'GOMEMLIMIT';
        const heapGoalBytes = told(Math.min(byLimit, byGogc));
        return {
          ...process,
          settings: { ...settings, gomemlimit: environment(parsed.value) },
          runtime: { ...runtime, heapGoalBytes, goalSetBy },
        };
      }
      const heapGoalBytes =
        goal === undefined
          ? undefined
          : { ...goal, value: goal.value === 'off' ? byLimit : Math.min(goal.value, byLimit) };
      return {
        ...process,
        settings: { ...settings, gomemlimit: environment(parsed.value) },
        runtime: { ...runtime, heapGoalBytes },
      };
    }
    default:
      throw new Error(`no variable of Go: ${name}`);
  }
}

function setResource(process: GoProcessModel, name: string, text: string): GoProcessModel {
  const { effective } = process;
  if (name === 'limits.memory') {
    const limit = Number(/^(\d+)Mi$/.exec(text)?.[1]) * MIB;
    return { ...process, effective: { ...effective, memoryMaxBytes: withOwnLimit(effective.memoryMaxBytes, limit) } };
  }
  const [, digits, milli] = /^(\d+)(m?)$/.exec(text) ?? [];
  const cores = Number(digits) / (milli === 'm' ? 1000 : 1);
  const limited = {
    ...process,
    leafCpuLimitCores: cores,
    effective: { ...effective, cpuCores: withOwnLimit(effective.cpuCores, cores) },
  };
  return process.expectedGomaxprocs.setBy === 'environment' ? limited : runtimesChoice(limited);
}

function apply(process: GoProcessModel, { patch, text }: Remedy): GoProcessModel {
  let after = process;
  for (const [name, value] of Object.entries(patch?.set ?? {})) {
    if (patch?.kind === 'env') after = setEnvironment(after, name, value);
    else if (patch?.kind === 'resources') after = setResource(after, name, value);
    else if (patch?.kind === 'go.mod') after = runtimesChoice(after);
  }
  // A changed environment or limit starts the program anew, and the limiter with it.
  if (patch !== undefined)
    after = { ...after, runtime: { ...after.runtime, gcLimiterActive: told(false), gcLimiterLastCycle: told(0) } };
  const second = /Then set GOMEMLIMIT=(\w+)/.exec(text)?.[1];
  return second === undefined ? after : setEnvironment(after, 'GOMEMLIMIT', second);
}

/** Awareness and its cause as expectedGomaxprocs would tell them: one follows from the other. */
function coherent(process: GoProcessModel): GoProcessModel {
  const why = process.expectedGomaxprocs;
  const old = process.goMinor < 25;
  const offBecause =
    old && why.offBecause !== 'env-gomaxprocs'
      ? 'go-version'
      : why.offBecause === 'go-version'
        ? undefined
        : why.offBecause;
  const containerAware = offBecause === undefined ? true : false;
  const setBy = offBecause === 'env-gomaxprocs' ? 'environment' : 'runtime';
  return { ...process, expectedGomaxprocs: { ...why, offBecause, containerAware, setBy } };
}

/** All inputs of the predicted peak, where the model has none. */
function measured(process: GoProcessModel): GoProcessModel {
  const { runtime, attribution, effective } = process;
  const { heapGoalBytes: goal, heapLiveBytes: live, nonHeapBytes: beside } = runtime;
  return {
    ...process,
    runtime: {
      ...runtime,
      heapGoalBytes: goal ?? told((live?.value ?? MIB) * 2),
      nonHeapBytes: told((beside?.value ?? 0) / 8),
    },
    attribution: { anonShare: 1, nonGoBytes: (attribution.nonGoBytes ?? 0) / 8, detail: undefined },
    effective: { ...effective, memoryMaxBytes: effective.memoryMaxBytes ?? limitAt(512 * MIB) },
  };
}

/** A live heap that all but fills GOMEMLIMIT, in a memory limit that may or may not have room for more. */
function spiralling(process: GoProcessModel): GoProcessModel {
  const { runtime, attribution } = process;
  const live = Math.max(8 * MIB, runtime.heapLiveBytes?.value ?? 0);
  const beside = (runtime.nonHeapBytes?.value ?? 0) / 8;
  return {
    ...process,
    settings: { ...process.settings, gomemlimit: told(live / 0.97 + beside) },
    attribution: { ...attribution, anonShare: 1, nonGoBytes: (attribution.nonGoBytes ?? 0) / 8 },
    runtime: {
      ...runtime,
      heapLiveBytes: told(live),
      heapGoalBytes: told(live * 1.02),
      nonHeapBytes: told(beside),
      goalSetBy: 'GOMEMLIMIT',
      gcCpuRatio: told(0.4),
    },
  };
}

/** Makes the fault of a rule likely; everything else stays arbitrary. */
function inclined(id: RuleId, process: GoProcessModel): GoProcessModel {
  const { settings, expectedGomaxprocs: why } = process;
  switch (id) {
    case 'GomaxprocsNotContainerAware': {
      const gomaxprocs = why.value === undefined ? settings.gomaxprocs : told(why.value);
      const offBecause = why.offBecause === 'godebug-env' ? 'godebug-env' : 'go-line';
      return {
        ...process,
        goMinor: 26,
        settings: { ...settings, gomaxprocs },
        expectedGomaxprocs: { ...why, offBecause },
      };
    }
    case 'GomaxprocsMissesAncestorLimit':
      return { ...process, goMinor: 26, expectedGomaxprocs: { ...why, offBecause: undefined } };
    case 'FractionalCpuLimit': {
      const cores = (process.affinityCpus ?? 3) + 0.5;
      const effective = { ...process.effective, cpuCores: limitAt(cores) };
      return {
        ...process,
        affinityCpus: undefined,
        effective,
        settings: { ...settings, gomaxprocs: told(Math.ceil(cores)) },
      };
    }
    case 'GomemlimitMissing':
      return measured({ ...process, settings: { ...settings, gogc: told(100), gomemlimit: told('off') } });
    case 'NextGcBeyondMemoryLimit':
      return measured(process);
    case 'GcDeathSpiral':
      return spiralling(process);
    case 'GomemlimitAboveMemoryHigh':
      return {
        ...process,
        effective: { ...process.effective, memoryHighBytes: process.effective.memoryHighBytes ?? limitAt(600 * MIB) },
        attribution: { anonShare: 1, nonGoBytes: (process.attribution.nonGoBytes ?? 0) / 8, detail: undefined },
        runtime: { ...process.runtime, heapLiveBytes: told((process.runtime.heapLiveBytes?.value ?? 0) / 8) },
      };
    case 'GcOffUnbounded':
      return { ...process, settings: { ...settings, gogc: told('off'), gomemlimit: told('off') } };
    default:
      return process;
  }
}

/** Changes of the program, with no setting to apply; and what only a look back can tell, which is tested on its own. */
const NOTHING_TO_APPLY: ReadonlySet<RuleId> = new Set([
  'GoroutineGrowth',
  'StaleCpuLimit',
  'CpuThrottledByGc',
  'GcPauseStretchedByThrottling',
  'SchedulerLatencyHigh',
  'GoroutineLeak',
  'GoroutineBlocked',
  'StalledAfterSiblingExit',
  'ThreadGrowth',
  'FileDescriptorsNearLimit',
  'InitIgnoresSigterm',
  'PprofExposed',
  'NonGoMemory',
  'RuntimeRetainsFreedMemory',
  'StackMemory',
  'StaleMemoryLimit',
  'ThpInflatesRss',
]);
const processRules = catalogue.flatMap((rule) =>
  rule.subject === 'process' && !NOTHING_TO_APPLY.has(rule.id) ? [rule] : [],
);

describe.each(processRules)('the remedy of $id', (rule) => {
  it('makes it clear', () => {
    let applied = 0;
    const judge = (process: GoProcessModel, container: ContainerModel) => {
      const context = { ...processContext(process), container };
      return rule.detect(context, rule.observe?.(undefined, context));
    };
    fc.assert(
      fc.property(
        anyProcess.map((process) => coherent(inclined(rule.id, process))),
        anyContainer,
        (process, container) => {
          const before = judge(process, container);
          if (before.outcome !== 'holds' || before.remedy.patch === undefined) return;
          const after = judge(apply(process, before.remedy), container);
          applied += 1;
          // With an input missing it stays unknown; it may not hold any more.
          expect(after.outcome, JSON.stringify([before.remedy, after])).not.toBe('holds');
        },
      ),
      { numRuns: 1500 },
    );
    expect(applied).toBeGreaterThan(10);
  });
});

import type { ContainerModel } from '../../model/container-types.ts';
import type { GoProcessModel } from '../../model/go-process-types.ts';
import type { Level } from '../../model/limit-types.ts';
import { fittingProcs } from '../gomaxprocs-limit.ts';
import { memoryLimit, outsideGo } from '../memory-inputs.ts';
import type { WhatIfContext } from './contexts.ts';
import { type GcInputs, gcInputs } from './gc-inputs.ts';
import { type GcPrediction, type GcSettings, predictGc } from './gc-prediction.ts';
import { type StallInputs, stallInputs } from './stall-inputs.ts';
import { type CpuSettings, predictStall, type StallPrediction } from './stall-prediction.ts';

/** What a person wants to try. Left out: as it is today. */
export interface Wish {
  readonly gogc?: number | 'off';
  readonly gomemlimit?: number | 'off';
  /** Bytes; GOMEMLIMIT then follows as the rules set it, unless it is named too. */
  readonly memoryLimit?: number;
  readonly gomaxprocs?: number;
  readonly cpuLimit?: number | 'max';
}

/** One setting and what is to be expected of it. Undefined prediction: {@link GcTable.missing} says why. */
export interface GcRow {
  readonly today: boolean;
  readonly settings: GcSettings;
  readonly memoryLimitBytes: number | undefined;
  readonly prediction: GcPrediction | undefined;
  /** The heap goal, the runtime and the memory outside Go are within the memory limit. Undefined: one is not known, or there is no limit. */
  readonly fits: boolean | undefined;
}

export interface StallRow {
  readonly today: boolean;
  readonly settings: CpuSettings;
  /** A tighter limit of another level, which the wish leaves as it is: the prediction is for that one. Left out: there is none. */
  readonly boundBy?: { readonly level: Level; readonly limitCores: number };
  readonly prediction: StallPrediction;
}

export interface WhatIf {
  readonly process: GoProcessModel;
  readonly gc:
    | { readonly measuredRatio: number; readonly rows: readonly GcRow[] }
    | { readonly missing: readonly string[] };
  readonly cpu: { readonly rows: readonly StallRow[] } | { readonly missing: readonly string[] } | 'no limit';
}

const MIB = 1 << 20;
/** GOMEMLIMIT so far above what is live and the memory beside it. */
const GROWTHS = [1.1, 1.25, 1.5, 2, 3];
const GOGCS = [25, 50, 100, 200, 400];

/** Predictions for what is wished; without a wish for a few sensible values of each setting. The row of today comes with them. */
export function whatIf(context: WhatIfContext, wish: Wish): WhatIf {
  const { process, container } = context;
  const named = Object.keys(wish).length > 0;
  const forGc = !named || wish.gogc !== undefined || wish.gomemlimit !== undefined || wish.memoryLimit !== undefined;
  const forCpu = !named || wish.gomaxprocs !== undefined || wish.cpuLimit !== undefined;
  return {
    process,
    gc: forGc ? gcTable(context, wish, named) : { missing: [] },
    cpu: forCpu ? cpuTable(process, container, wish, named) : { missing: [] },
  };
}

function gcTable(context: WhatIfContext, wish: Wish, named: boolean): WhatIf['gc'] {
  const { process } = context;
  const { gogc, gomemlimit } = process.settings;
  const inputs = gcInputs(process);
  if ('missing' in inputs) return inputs;
  if (gogc === undefined || gomemlimit === undefined)
    return { missing: [...(gogc === undefined ? ['GOGC'] : []), ...(gomemlimit === undefined ? ['GOMEMLIMIT'] : [])] };
  const today = { gogc: gogc.value, gomemlimit: gomemlimit.value };
  const limit = memoryLimit(process);
  const limitBytes = 'verdict' in limit ? undefined : limit.limitBytes;
  const outside = outsideGo(context);
  // GOMEMLIMIT cannot follow a memory limit that it shares with an unknown.
  const follows = wish.memoryLimit !== undefined && wish.gomemlimit === undefined;
  if (follows && 'missing' in outside) return { missing: [`memory outside Go (${outside.missing})`] };
  const outsideBytes = 'missing' in outside ? undefined : outside.bytes;
  const tried = named
    ? [wished(context, wish, today, outsideBytes)]
    : sensible(context, inputs, today, { limitBytes, outsideBytes });
  const row = (settings: GcSettings, isToday: boolean): GcRow => {
    const prediction = predictGc(inputs, settings);
    const memoryLimitBytes = isToday ? limitBytes : (wish.memoryLimit ?? limitBytes);
    return {
      today: isToday,
      settings,
      memoryLimitBytes,
      prediction,
      fits: fits(context, prediction, memoryLimitBytes),
    };
  };
  const same = (one: GcSettings): boolean => one.gogc === today.gogc && one.gomemlimit === today.gomemlimit;
  const others = tried.filter((settings) => !same(settings) || wish.memoryLimit !== undefined);
  return { measuredRatio: inputs.measuredRatio, rows: [row(today, true), ...others.map((one) => row(one, false))] };
}

/** As in gomemlimit-remedy: the memory limit less what is outside Go and headroom. */
function besideLimit(context: WhatIfContext, limitBytes: number, outsideBytes: number): number {
  const value = limitBytes * (1 - context.thresholds.memory.headroomRatio) - outsideBytes;
  return Math.max(MIB, Math.floor(value / MIB) * MIB);
}

function wished(
  context: WhatIfContext,
  { gogc, gomemlimit, memoryLimit: limit }: Wish,
  today: GcSettings,
  outsideBytes: number | undefined,
): GcSettings {
  const follows =
    limit === undefined || outsideBytes === undefined ? today.gomemlimit : besideLimit(context, limit, outsideBytes);
  return { gogc: gogc ?? today.gogc, gomemlimit: gomemlimit ?? follows };
}

function sensible(
  context: WhatIfContext,
  { liveBytes, besideBytes }: GcInputs,
  today: GcSettings,
  { limitBytes, outsideBytes }: { readonly limitBytes: number | undefined; readonly outsideBytes: number | undefined },
): GcSettings[] {
  const gogc = GOGCS.map((value): GcSettings => ({ ...today, gogc: value }));
  if (besideBytes === undefined) return gogc;
  // With memory outside Go that is not known this is more than fits: a bound for what is tried, and nothing to try.
  const most =
    limitBytes === undefined ? Number.POSITIVE_INFINITY : besideLimit(context, limitBytes, outsideBytes ?? 0);
  const limits = GROWTHS.map((growth) => Math.ceil((liveBytes * growth + besideBytes) / MIB) * MIB).filter(
    (value) => value < most,
  );
  const all = Number.isFinite(most) && outsideBytes !== undefined ? [...limits, most] : limits;
  return [...gogc, ...all.map((value): GcSettings => ({ ...today, gomemlimit: value }))];
}

function fits(
  context: WhatIfContext,
  prediction: GcPrediction | undefined,
  limitBytes: number | undefined,
): boolean | undefined {
  const outside = outsideGo(context);
  if (prediction?.peakBytes === undefined || limitBytes === undefined || 'missing' in outside) return undefined;
  return prediction.peakBytes + outside.bytes <= limitBytes;
}

function cpuTable(
  process: GoProcessModel,
  container: ContainerModel | undefined,
  wish: Wish,
  named: boolean,
): WhatIf['cpu'] {
  const found = stallInputs(process, container);
  const inputs = found === 'no limit' ? withoutLimit(process, wish) : found;
  if (inputs === 'no limit' || 'missing' in inputs) return inputs;
  const today: CpuSettings = {
    gomaxprocs: inputs.procs,
    limitCores: found === 'no limit' ? 'max' : inputs.limitCores,
  };
  const tried = named
    ? [{ gomaxprocs: wish.gomaxprocs ?? today.gomaxprocs, limitCores: wish.cpuLimit ?? today.limitCores }]
    : procsToTry(inputs).map((gomaxprocs) => ({ gomaxprocs, limitCores: today.limitCores }));
  const others = tried.filter(
    ({ gomaxprocs, limitCores }) => gomaxprocs !== today.gomaxprocs || limitCores !== today.limitCores,
  );
  const other = otherLimit(process);
  const row = (settings: CpuSettings, isToday: boolean): StallRow => {
    const bound = other !== undefined && (settings.limitCores === 'max' || settings.limitCores > other.limitCores);
    const inForce = bound ? { ...settings, limitCores: other.limitCores } : settings;
    return {
      today: isToday,
      settings,
      ...(bound ? { boundBy: other } : {}),
      prediction: predictStall(inputs, inForce),
    };
  };
  return { rows: [row(today, true), ...others.map((one) => row(one, false))] };
}

/** What a wish is about; a limit that a pod or a slice sets is not changed by it. */
const OWN_LEVELS: ReadonlySet<Level> = new Set<Level>(['container', 'unit']);

function otherLimit({ effective }: GoProcessModel): StallRow['boundBy'] {
  const { cpuCores } = effective;
  return cpuCores === undefined || cpuCores.limit === 'max' || OWN_LEVELS.has(cpuCores.level)
    ? undefined
    : { level: cpuCores.level, limitCores: cpuCores.limit };
}

/** The kernel's own period, which Kubernetes keeps to. */
const USUAL_PERIOD_SECONDS = 0.1;

/** A limit that is only wished for. Nothing was throttled yet, so only the worst is told. */
function withoutLimit(
  { settings, affinityCpus }: GoProcessModel,
  { cpuLimit }: Wish,
): StallInputs | { readonly missing: readonly string[] } | 'no limit' {
  if (typeof cpuLimit !== 'number') return 'no limit';
  if (settings.gomaxprocs === undefined) return { missing: ['GOMAXPROCS'] };
  return {
    procs: settings.gomaxprocs.value,
    limitCores: cpuLimit,
    periodSeconds: USUAL_PERIOD_SECONDS,
    cpus: affinityCpus,
    measured: undefined,
  };
}

/** No stall at all, what the runtime would choose, and doubles of it up to the CPUs there are. */
function procsToTry({ limitCores, procs, cpus }: StallInputs): number[] {
  const fitting = fittingProcs(limitCores);
  const most = cpus ?? procs;
  const tried = [Math.max(1, Math.floor(limitCores)), fitting, 2 * fitting, 4 * fitting, most];
  return [...new Set(tried)].filter((value) => value <= Math.max(most, fitting)).sort((a, b) => a - b);
}

import type { ContainerModel } from '../../model/container-types.ts';
import type { GoProcessModel } from '../../model/go-process-types.ts';
import { percent, round } from '../quantity.ts';
import { gcInputs } from './gc-inputs.ts';
import { type GcPrediction, type GcSettings, predictGc } from './gc-prediction.ts';
import { stallInputs } from './stall-inputs.ts';
import { type CpuSettings, predictStall } from './stall-prediction.ts';

/** `about 4 %`, `half or more`. Below a percent a prediction says no more than that. */
export function shareText({ cpuRatio, bound }: GcPrediction): string {
  if (bound === 'not told') return 'not told: too near the live heap';
  if (bound === 'at least') return 'half or more';
  return cpuRatio < 0.01 ? 'less than 1 %' : `about ${round(cpuRatio * 100, cpuRatio < 0.1 ? 1 : 0)} %`;
}

/** The prediction for a change of some settings, the others as they are. Undefined where one cannot be made. */
export function predictChange(process: GoProcessModel, change: Partial<GcSettings>): GcPrediction | undefined {
  const gogc = change.gogc ?? process.settings.gogc?.value;
  const gomemlimit = change.gomemlimit ?? process.settings.gomemlimit?.value;
  const inputs = gcInputs(process);
  if ('missing' in inputs || gogc === undefined || gomemlimit === undefined) return undefined;
  return predictGc(inputs, { gogc, gomemlimit });
}

/**
 * For a remedy: ` Expect collecting to take about 4 % of the CPU used, today 31 %.`, with a blank in front. Empty where no prediction can be made:
 * a remedy stands without it.
 */
export function gcExpectation(process: GoProcessModel, change: Partial<GcSettings>): string {
  const predicted = predictChange(process, change);
  const today = process.runtime.gcCpuRatio?.value;
  if (predicted === undefined || predicted.bound === 'not told') return '';
  return ` Expect collecting to take ${shareText(predicted)} of the CPU used${today === undefined ? '' : `, today ${percent(today)}`}.`;
}

/** For a remedy: how long the CPU limit can then stop the program in a period, and how long today. Empty where that is not known. */
export function stallExpectation(
  process: GoProcessModel,
  container: ContainerModel | undefined,
  change: Partial<CpuSettings>,
): string {
  const inputs = stallInputs(process, container);
  if (inputs === 'no limit' || 'missing' in inputs) return '';
  const today = { gomaxprocs: inputs.procs, limitCores: inputs.limitCores };
  const before = predictStall(inputs, today).worstSeconds;
  const after = predictStall(inputs, { ...today, ...change }).worstSeconds;
  if (before === after) return '';
  return after === 0
    ? ` Stalls of up to ${milliseconds(before)} per period should then end.`
    : ` Expect a stall of at most ${milliseconds(after)} per period, today up to ${milliseconds(before)}.`;
}

function milliseconds(seconds: number): string {
  return `${round(seconds * 1000, 1)} ms`;
}

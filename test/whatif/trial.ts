import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { gcInputs } from '../../src/rules/what-if/gc-inputs.ts';
import { type GcPrediction, type GcSettings, predictGc } from '../../src/rules/what-if/gc-prediction.ts';
import { goProcess } from '../rules/models.ts';

/** What the agent made of a program at one setting, as far as predictions use it, and what the program counted itself in that time. */
export interface Run {
  readonly setting: GcSettings;
  readonly seen: {
    readonly goMinor: number;
    readonly settings: Partial<GoProcessModel['settings']>;
    readonly runtime: Partial<GoProcessModel['runtime']>;
  };
  readonly own: {
    /** /cpu/classes: gc / (total - idle). */
    readonly gcCpuRatio: number;
    readonly collections: number;
    readonly limiterWasOn: boolean;
    /** CPU the kernel gave, of what the runtime took for running. Well below 1: the machine was busy with something else. */
    readonly ranRatio: number;
  };
}

/** The runs of one program. */
export interface Measured {
  readonly name: string;
  readonly goVersion: string;
  readonly flags: readonly string[];
  readonly runs: readonly Run[];
}

/** Seen at one setting, predicted for another, and what was measured there. */
export interface Trial {
  readonly program: string;
  readonly from: Run;
  readonly to: Run;
  /** Undefined: no prediction was made. */
  readonly predicted: GcPrediction | undefined;
  /** (predicted - measured) / measured. For a bound: 0 where it holds. */
  readonly error: number | undefined;
}

/** All pairs of different settings. */
export function trialsOf(measured: readonly Measured[]): Trial[] {
  return measured.flatMap(({ name, runs }) =>
    runs.flatMap((from) => runs.filter((to) => to !== from).map((to) => trial(name, from, to))),
  );
}

function trial(program: string, from: Run, to: Run): Trial {
  const { goMinor, settings, runtime } = from.seen;
  const inputs = gcInputs(goProcess({ goMinor, settings, runtime: { gcWork: undefined, ...runtime } }));
  const predicted = 'missing' in inputs ? undefined : predictGc(inputs, to.setting);
  const told = predicted?.bound === 'not told' ? undefined : predicted;
  return { program, from, to, predicted: told, error: told && errorOf(told, to.own.gcCpuRatio) };
}

function errorOf({ cpuRatio, bound }: GcPrediction, measured: number): number {
  return bound === 'at least' && measured >= cpuRatio ? 0 : (cpuRatio - measured) / measured;
}

import type { Limit } from '../base/limit.ts';
import type { Level } from './limit-types.ts';

export interface CpuModel {
  readonly usageSecondsTotal: number | undefined;
  readonly userSecondsTotal: number | undefined;
  readonly systemSecondsTotal: number | undefined;
  readonly usageCores: number | undefined;
  readonly periodsTotal: number | undefined;
  readonly throttledPeriodsTotal: number | undefined;
  readonly throttledSecondsTotal: number | undefined;
  readonly burstPeriodsTotal: number | undefined;
  readonly burstSecondsTotal: number | undefined;
  /** Own cpu.max as cores. */
  readonly limitCores: Limit | undefined;
  readonly weight: number | undefined;
  readonly idle: boolean | undefined;
}

/** Throttling between the two samples at the level where it was worst. */
export interface ThrottlingModel {
  readonly level: Level;
  readonly cgroupPath: string;
  readonly windowSeconds: number;
  readonly periods: number;
  readonly throttledPeriods: number;
  /** Throttled periods / periods. Undefined when no period ran. */
  readonly throttledRatio: number | undefined;
  /** Sum over CPUs, so it may exceed the window. */
  readonly throttledSeconds: number;
}

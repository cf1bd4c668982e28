/** One line of a pressure file. */
export interface StallModel {
  readonly stalledSecondsTotal: number;
  /** Share of the time between the samples, 0..1. */
  readonly stalledRatio: number | undefined;
  readonly avg10Ratio: number;
  readonly avg60Ratio: number;
  readonly avg300Ratio: number;
}

export interface PressureModel {
  readonly some: StallModel | undefined;
  readonly full: StallModel | undefined;
}

export interface PressuresModel {
  readonly cpu: PressureModel | undefined;
  readonly memory: PressureModel | undefined;
  readonly io: PressureModel | undefined;
  readonly irq: PressureModel | undefined;
}

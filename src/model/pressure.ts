import type { CgroupSample, Pressure, PressureLine } from '../kernel/cgroup/types.ts';
import type { PressureModel, PressuresModel, StallModel } from './pressure-types.ts';
import { counterDelta } from './rate.ts';

function stall(
  previous: PressureLine | undefined,
  current: PressureLine | undefined,
  windowSeconds: number | undefined,
): StallModel | undefined {
  if (current === undefined) return undefined;
  const delta = counterDelta(previous?.totalUsec, current.totalUsec);
  return {
    stalledSecondsTotal: current.totalUsec / 1e6,
    // The kernel folds per-CPU sums at read time, so a share can come out a hair above 1.
    stalledRatio:
      delta === undefined || windowSeconds === undefined || windowSeconds <= 0
        ? undefined
        : Math.min(1, delta / 1e6 / windowSeconds),
    avg10Ratio: current.avg10 / 100,
    avg60Ratio: current.avg60 / 100,
    avg300Ratio: current.avg300 / 100,
  };
}

/** One pressure file as ratios (Documentation/accounting/psi.rst, Linux 6.12: totals in microseconds, averages in percent). */
export function pressureModel(
  previous: Pressure | undefined,
  current: Pressure | undefined,
  windowSeconds: number | undefined,
): PressureModel | undefined {
  if (current === undefined) return undefined;
  return {
    some: stall(previous?.some, current.some, windowSeconds),
    full: stall(previous?.full, current.full, windowSeconds),
  };
}

/** All pressure of one cgroup. `previous` must be the same cgroup (same inode). */
export function pressures(previous: CgroupSample | undefined, current: CgroupSample): PressuresModel {
  const hot = previous === undefined ? undefined : (current.readAtMs - previous.readAtMs) / 1000;
  const slow = previous === undefined ? undefined : (current.slowReadAtMs - previous.slowReadAtMs) / 1000;
  return {
    cpu: pressureModel(previous?.cpuPressure, current.cpuPressure, hot),
    memory: pressureModel(previous?.memoryPressure, current.memoryPressure, hot),
    io: pressureModel(previous?.ioPressure, current.ioPressure, hot),
    irq: pressureModel(previous?.irqPressure, current.irqPressure, slow),
  };
}

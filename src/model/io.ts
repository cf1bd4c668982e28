import type { CgroupSample } from '../kernel/cgroup/types.ts';
import type { IoModel } from './io-types.ts';
import { counterDelta, perSecond } from './rate.ts';

/**
 * Block I/O of one cgroup by device. Stacked devices (dm over sd) are listed as the kernel lists them and never summed. Rates are over the
 * last two readings of io.stat, which is read every few cycles, not over the window of the model.
 */
export function ioModel(current: CgroupSample): IoModel {
  const pair = current.ioStatPair;
  const windowSeconds = pair === undefined ? undefined : (pair.atMs - pair.beforeAtMs) / 1000;
  const devices = current.ioStat?.map((stat) => {
    const before = pair?.before.find((candidate) => candidate.device === stat.device);
    return {
      device: stat.device,
      readBytesTotal: stat.rbytes,
      writtenBytesTotal: stat.wbytes,
      readsTotal: stat.rios,
      writesTotal: stat.wios,
      readBytesPerSecond: perSecond(counterDelta(before?.rbytes, stat.rbytes), windowSeconds),
      writtenBytesPerSecond: perSecond(counterDelta(before?.wbytes, stat.wbytes), windowSeconds),
      weight: current.ioWeight?.byDevice.get(stat.device) ?? current.ioWeight?.defaultWeight,
      costControlled: stat.costUsageUsec !== undefined,
    };
  });
  return { devices, weight: current.ioWeight?.defaultWeight, bfqWeight: current.ioBfqWeight?.defaultWeight };
}

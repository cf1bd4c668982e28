import { FlatKeyed } from './flat-keyed.ts';
import { limitIn } from './limit.ts';
import { decimal, digitsEnd, LF, type Parse, printableEnd, SPACE, wordEnd } from './scan.ts';
import type { CpuMax, CpuStat } from './types.ts';

/**
 * cpu.stat. Undefined without `usage_usec`, which every cgroup has. The throttling keys come with the cpu controller.
 * Source: cpu_stat_show in kernel/cgroup/rstat.c and kernel/sched/core.c, Linux 6.12.
 */
export function cpuStatParser(): Parse<CpuStat> {
  const file = new FlatKeyed([
    'usage_usec',
    'user_usec',
    'system_usec',
    'nr_periods',
    'nr_throttled',
    'throttled_usec',
    'nr_bursts',
    'burst_usec',
  ]);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    const usageUsec = file.at(0);
    if (usageUsec === undefined) return undefined;
    return {
      usageUsec,
      userUsec: file.at(1),
      systemUsec: file.at(2),
      nrPeriods: file.at(3),
      nrThrottled: file.at(4),
      throttledUsec: file.at(5),
      nrBursts: file.at(6),
      burstUsec: file.at(7),
    };
  };
}

/**
 * cpu.max: `QUOTA PERIOD`, microseconds. More fields are ignored: openEuler 5.10 writes a third, `max 100000 0`.
 * A quota or period of 0, which the kernel refuses, is malformed: everything above divides by them.
 * Source: cpu_max_show in kernel/sched/core.c, Linux 6.12.
 */
export function parseCpuMax(bytes: Uint8Array, length: number): CpuMax | undefined {
  const quotaEnd = wordEnd(bytes, 0, length);
  const quotaUsec = limitIn(bytes, 0, quotaEnd);
  if (quotaUsec === undefined || quotaUsec === 0 || quotaEnd >= length || bytes[quotaEnd] !== SPACE) return undefined;
  const periodEnd = digitsEnd(bytes, quotaEnd + 1, length);
  const periodUsec = decimal(bytes, quotaEnd + 1, periodEnd);
  if (periodUsec <= 0 || periodEnd >= length) return undefined;
  const lineEnd = bytes[periodEnd] === SPACE ? printableEnd(bytes, periodEnd, length) : periodEnd;
  return lineEnd === length - 1 && bytes[lineEnd] === LF ? { quotaUsec, periodUsec } : undefined;
}

import type { Layout } from './layout.ts';
import type { CpuClasses } from './types.ts';
import { counter } from './words.ts';

/**
 * `work.cpuStats`, nanoseconds as the nearest double. Undefined when the layout lacks it or a time is negative, which user time can be,
 * as it is what the other classes leave of the total. Source: runtime/mstats.go cpuStats, Go 1.20 to 1.27.
 */
export function cpuClasses(bytes: Buffer | undefined, layout: Layout): CpuClasses | undefined {
  const fields = layout.offsets.cpuStats;
  if (bytes === undefined || fields === undefined) return undefined;
  const classes: CpuClasses = {
    gcAssist: counter(bytes, fields.GCAssistTime[0]),
    gcDedicated: counter(bytes, fields.GCDedicatedTime[0]),
    gcIdle: counter(bytes, fields.GCIdleTime[0]),
    gcPause: counter(bytes, fields.GCPauseTime[0]),
    gcTotal: counter(bytes, fields.GCTotalTime[0]),
    scavengeTotal: counter(bytes, fields.ScavengeTotalTime[0]),
    idle: counter(bytes, fields.IdleTime[0]),
    user: counter(bytes, fields.UserTime[0]),
    total: counter(bytes, fields.TotalTime[0]),
  };
  return Math.min(classes.gcTotal, classes.scavengeTotal, classes.idle, classes.user, classes.total) < 0
    ? undefined
    : classes;
}

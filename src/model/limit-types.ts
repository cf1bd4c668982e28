import type { Limit } from '../base/limit.ts';

/** Which level of the tree a value belongs to. */
export type Level = 'container' | 'sub-container' | 'pod' | 'qos' | 'kubepods' | 'slice' | 'unit' | 'node';

/** A limit in force: the tightest of a cgroup and all its ancestors, and the level that sets it. */
export interface EffectiveLimit {
  readonly limit: Limit;
  /** The level that sets it; for no limit, the level that was asked about. */
  readonly level: Level;
  readonly cgroupPath: string;
  /** Every ancestor's value was read; false makes the limit an upper bound only. */
  readonly complete: boolean;
}

export interface EffectiveLimits {
  /** Cores (quota / period). */
  readonly cpuCores: EffectiveLimit | undefined;
  /** Quota period of the level that sets it, seconds. */
  readonly cpuPeriodSeconds: number | undefined;
  /** cpu.max.burst of that level, in core-seconds. */
  readonly cpuBurstSeconds: number | undefined;
  readonly memoryMaxBytes: EffectiveLimit | undefined;
  readonly memoryHighBytes: EffectiveLimit | undefined;
  /** cpuset.cpus.effective of the nearest level that has it. */
  readonly cpusetCpus: number | undefined;
}

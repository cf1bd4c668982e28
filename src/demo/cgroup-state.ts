import type { Limit } from '../base/limit.ts';
import type { Counters } from './counters.ts';
import type { MemoryState } from './memory-state.ts';

/** One control group at one moment, before it becomes files. */
export interface CgroupState {
  readonly path: string;
  readonly counters: Counters;
  readonly memory: MemoryState;
  readonly memoryPeak: number;
  readonly memoryMax: Limit;
  readonly oomGroup: boolean;
  /** OOM kills counted here, descendants included, and those of this very level. */
  readonly kills: number;
  readonly localKills: number;
  /** cpu.max in cores. */
  readonly cpuCores: Limit;
  readonly cpuWeight: number;
  /** Averages of the pressure files, 0..1. */
  readonly cpuSome: number;
  readonly cpuFull: number;
  readonly memorySome: number;
  /** Members of this very level. */
  readonly pids: readonly number[];
  readonly threads: readonly number[];
  /** Threads here and below. */
  readonly taskCount: number;
  readonly descendants: number;
  /** Child groups get the controllers. */
  readonly delegates: boolean;
}

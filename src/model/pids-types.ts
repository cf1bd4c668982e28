import type { Limit } from '../base/limit.ts';
import type { Level } from './limit-types.ts';

export interface PidsModel {
  readonly current: number | undefined;
  readonly peak: number | undefined;
  readonly max: Limit | undefined;
  /** The level, own or above, that has used up most of its limit; Kubernetes sets pids.max at the pod. Undefined: none has a limit. */
  readonly nearest: PidsAtLevel | undefined;
  /**
   * false: a limit of some level, or what counts against it, was not read, so another may be nearer. Left out when all were, and
   * when neither {@link nearest} nor {@link max} is known.
   */
  readonly complete?: false;
}

/** Tasks at one level against its limit. */
export interface PidsAtLevel {
  readonly current: number;
  readonly max: number;
  readonly level: Level;
  readonly cgroupPath: string;
}

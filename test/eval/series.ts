import type { GrowthSample } from '../../src/rules/growth/types.ts';

/** A history with its truth. */
export interface Series {
  readonly id: string;
  readonly family: string;
  readonly intervalSeconds: number;
  readonly samples: readonly GrowthSample[];
  /** Undefined for a healthy program. */
  readonly leak?: {
    readonly startSeconds: number;
    /** When the memory limit is reached, in the series or long after it; undefined without a limit. */
    readonly limitSeconds: number | undefined;
    /** Of the way to the limit, before which it must be told; {@link IN_TIME_SHARE} where undefined. */
    readonly inTimeShare?: number;
  };
}

/** A fault is told in time before this share of its way to the memory limit. */
export const IN_TIME_SHARE = 0.25;

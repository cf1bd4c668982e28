import type * as z from 'zod';
import type { actionsSchema } from './actions-schema.ts';

type InFile = z.output<typeof actionsSchema>;

/** What the agent may do to workloads. */
export interface ActionsConfig {
  /** Collections asked of Go programs; bytes, milliseconds. */
  readonly gcNudge: {
    readonly enabled: boolean;
    readonly selectors: InFile['gcNudge']['selectors'];
    readonly atMemoryRatio: number;
    readonly minFreedBytes: number;
    readonly maxGcCpuRatio: number;
    readonly processIntervalMs: number;
    readonly nodeIntervalMs: number;
  };
}

/** The section with the units in the names. */
export function actionsFrom({ gcNudge }: InFile): ActionsConfig {
  const { minFreed, processInterval, nodeInterval, ...rest } = gcNudge;
  return {
    gcNudge: {
      ...rest,
      minFreedBytes: minFreed,
      processIntervalMs: processInterval,
      nodeIntervalMs: nodeInterval,
    },
  };
}

/** What a file without the section means: nothing is done. */
export function defaultActions(): ActionsConfig {
  return {
    gcNudge: {
      enabled: false,
      selectors: [],
      atMemoryRatio: 0.85,
      minFreedBytes: 33_554_432,
      maxGcCpuRatio: 0.1,
      processIntervalMs: 600_000,
      nodeIntervalMs: 60_000,
    },
  };
}

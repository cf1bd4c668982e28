import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeView } from '../model/node-types.ts';

/** One quantity over time, oldest bucket first. NaN: nothing known in that bucket. */
export interface SeriesHistory {
  /** Lowest and highest value of each bucket: a spike between two points stays visible. */
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
}

/** Some quantities over the same buckets. */
export interface History<N extends string> {
  readonly bucketSeconds: number;
  /** Unix milliseconds of the model that was folded in last. */
  readonly endUnixMs: number;
  readonly series: Readonly<Record<N, SeriesHistory>>;
}

/** What is remembered of each Go workload, in base units; undefined is a gap. */
export const WORKLOAD_SERIES = {
  goroutines: ({ runtime }) => runtime.goroutines?.value,
  memoryBytes: (_process, container) => container?.memory.currentBytes,
  heapLiveBytes: ({ runtime }) => runtime.heapLiveBytes?.value,
  heapGoalBytes: ({ runtime }) => numberOf(runtime.heapGoalBytes?.value),
  gcCpuRatio: ({ runtime }) => runtime.gcCpuRatio?.value,
  usageCores: (process, container) => container?.cpu.usageCores ?? process.usageCores,
  throttledRatio: (_process, container) => container?.throttling?.throttledRatio,
  memoryPressureRatio: (_process, container) => container?.pressure.memory?.some?.stalledRatio,
} as const satisfies Readonly<
  Record<string, (process: GoProcessModel, container: ContainerModel | undefined) => number | undefined>
>;

/** What is remembered of the node. */
export const NODE_SERIES = {
  cpuPressureRatio: ({ pressure }) => pressure.cpu?.some?.stalledRatio,
  memoryPressureRatio: ({ pressure }) => pressure.memory?.some?.stalledRatio,
  ioPressureRatio: ({ pressure }) => pressure.io?.some?.stalledRatio,
  memoryAvailableBytes: ({ memoryAvailableBytes }) => memoryAvailableBytes,
} as const satisfies Readonly<Record<string, (node: NodeView) => number | undefined>>;

export type WorkloadSeries = keyof typeof WORKLOAD_SERIES;
export type NodeSeries = keyof typeof NODE_SERIES;
export type WorkloadHistory = History<WorkloadSeries>;
export type NodeHistory = History<NodeSeries>;

function numberOf(value: number | 'off' | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

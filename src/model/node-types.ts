import type { Instant } from '../base/clock.ts';
import type { Miss } from '../base/reading.ts';
import type { ContainerModel, OuterModel, PodModel } from './container-types.ts';
import type { GoProcessModel } from './go-process-types.ts';
import type { BlockDeviceModel } from './io-types.ts';
import type { PressuresModel } from './pressure-types.ts';

/*
 * Meaning in base units: cores, bytes, seconds, ratios 0..1. `undefined` = not known, never zero by default.
 * Fields that end in `Total` are counters since the subject was made; `...Ratio` and `usage...` cover the time between the two samples.
 */

export interface NodeView {
  readonly hostname: string | undefined;
  readonly kernelRelease: string | undefined;
  readonly hierarchy: 'unified' | 'hybrid' | 'v1' | 'none';
  readonly hierarchyDetail: string;
  readonly controllers: readonly string[];
  readonly cpusOnline: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly memoryAvailableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapFreeBytes: number | undefined;
  readonly pressure: PressuresModel;
  readonly sysctls: Readonly<Record<string, string | number>>;
  /** Disks and their schedulers; undefined: not read. */
  readonly blockDevices: readonly BlockDeviceModel[] | undefined;
  /** NUMA nodes and their CPUs. Empty: fewer than two; undefined: not known. */
  readonly numaNodes?: readonly { readonly node: number; readonly cpus: readonly number[] }[] | undefined;
  /** What the agent itself may do; undefined: could not be told. */
  readonly privileges: { readonly ptrace: boolean | undefined; readonly dacReadSearch: boolean | undefined };
}

/** What is known from the Kubernetes API. */
export interface KubernetesModel {
  readonly source: 'api' | 'kubelet';
  readonly pods: number;
  /** Seconds since the pods were last known to be as told; undefined: none was told yet. */
  readonly ageSeconds: number | undefined;
}

/** The node at one instant, as rules and exporters see it. */
export interface NodeModel {
  readonly at: Instant;
  /** Seconds between the two samples; undefined on the first. */
  readonly windowSeconds: number | undefined;
  readonly node: NodeView;
  readonly containers: readonly ContainerModel[];
  readonly pods: readonly PodModel[];
  readonly outer: readonly OuterModel[];
  readonly goProcesses: readonly GoProcessModel[];
  /** How many pods the Kubernetes API told of, and how long ago; left out where it is not asked. */
  readonly kubernetes?: KubernetesModel;
  readonly misses: readonly Miss[];
}

/** One process of the simulated node: a workload's or a pod's pause container. */
export interface SimulatedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly commandLine: readonly string[];
  readonly environment: readonly string[];
  readonly cgroup: string;
  readonly threads: number;
  readonly userUsec: number;
  readonly systemUsec: number;
  /** Simulation seconds. */
  readonly startedAt: number;
  readonly anonBytes: number;
  readonly mappedBytes: number;
  readonly peakBytes: number;
  readonly oomScoreAdj: number;
  readonly pageFaults: number;
}

/** Every number a rule compares with that is a choice and no law. Reasons are in the config schema, which sets them. */
export interface Thresholds {
  readonly gomaxprocs: {
    /** Share of throttled periods from which GOMAXPROCS above the limit is a warning rather than a note. */
    readonly warningThrottledRatio: number;
    readonly criticalThrottledRatio: number;
  };
  readonly cpuThrottled: {
    readonly warningRatio: number;
    readonly criticalRatio: number;
    /** Fewer periods than this in the window say nothing. */
    readonly minPeriods: number;
    /** Share of the window in which some task waited for CPU, from which throttling counts as felt. */
    readonly minStalledRatio: number;
  };
  readonly memory: {
    /** Kept free below the memory limit when a GOMEMLIMIT is computed (Go's guide: 5 to 10 %). */
    readonly headroomRatio: number;
    /** Predicted peak / memory limit from which a missing GOMEMLIMIT matters. */
    readonly predictedPeakRatio: number;
    /** Share of the cgroup's anonymous memory a process must hold for per-process figures to be compared with the cgroup's. */
    readonly attributionRatio: number;
  };
}

import type { CumulativeHistogram } from './histogram.ts';
import type { WaitCause } from './wait-cause-table.ts';

/* Raw facts about a Go program and what its endpoints say, under Go's own names. */

/** A Go release. `1.26.4-X:goroutineleakprofile` has minor 26, patch 4 and that suffix. */
export interface GoVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number | undefined;
  /** What follows the numbers: `-X:...`, ` (Red Hat ...)`, `rc1`. Empty for a plain release. */
  readonly suffix: string;
}

/** A module of the build list. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Path and version it was replaced by, when there is a `=>` line. */
  readonly replacedBy: { readonly path: string; readonly version: string } | undefined;
}

/** What the Go linker wrote into the executable (debug/buildinfo). */
export interface BuildInfo {
  readonly goVersion: GoVersion;
  /** Package path of main; undefined when the module text is missing (Bazel, `go tool link` by hand). */
  readonly path: string | undefined;
  readonly main: GoModule | undefined;
  readonly deps: readonly GoModule[];
  /** `build KEY=VALUE` lines: -ldflags, CGO_ENABLED, GOARCH, vcs.revision, ... Empty before Go 1.18. */
  readonly settings: ReadonlyMap<string, string>;
  /** The parsed DefaultGODEBUG setting; empty when the go.mod go line matches the toolchain. */
  readonly defaultGodebug: ReadonlyMap<string, string>;
}

/** Which debug handlers are linked into the executable, found by function name in .gopclntab, which stripping keeps. */
export interface LinkedHandlers {
  readonly pprof: boolean;
  readonly expvar: boolean;
  readonly promhttp: boolean;
}

/** The Go variables of a process's environment at exec. Nothing else of the environment is kept. */
export interface GoEnvironment {
  readonly GOGC: string | undefined;
  readonly GOMEMLIMIT: string | undefined;
  readonly GOMAXPROCS: string | undefined;
  readonly GODEBUG: string | undefined;
  /** automemlimit's own variable (github.com/KimMachineGun/automemlimit). */
  readonly AUTOMEMLIMIT: string | undefined;
}

/** GOGC in percent, or off. */
export type Gogc = number | 'off';

/** GOMEMLIMIT in bytes, or off (math.MaxInt64). */
export type Gomemlimit = number | 'off';

/** runtime.MemStats as pprof's heap?debug=1 and expvar print it. Bytes, nanoseconds, counts. */
export interface MemStats {
  readonly alloc: number | undefined;
  /** Since start. Above 2^53 (9 PB) the nearest double, some kilobytes off: good for a rate, not for an exact difference. */
  readonly totalAlloc: number | undefined;
  readonly sys: number | undefined;
  readonly mallocs: number | undefined;
  readonly frees: number | undefined;
  readonly heapAlloc: number | undefined;
  readonly heapSys: number | undefined;
  readonly heapIdle: number | undefined;
  readonly heapInuse: number | undefined;
  readonly heapReleased: number | undefined;
  readonly heapObjects: number | undefined;
  readonly stackInuse: number | undefined;
  readonly stackSys: number | undefined;
  readonly mspanInuse: number | undefined;
  readonly mspanSys: number | undefined;
  readonly mcacheInuse: number | undefined;
  readonly mcacheSys: number | undefined;
  readonly buckHashSys: number | undefined;
  readonly gcSys: number | undefined;
  readonly otherSys: number | undefined;
  /** `off` when the value is at or above 2^62: GOGC is off and there is no memory limit. */
  readonly nextGc: number | 'off' | undefined;
  /** Unix milliseconds; undefined when no collection has ended yet. */
  readonly lastGcUnixMs: number | undefined;
  readonly numGc: number | undefined;
  readonly numForcedGc: number | undefined;
  /** Sum of the last 256 cycles' pauses as listed, newest first, in nanoseconds; each entry is the sum of one cycle's pauses. */
  readonly recentPausesNs: readonly { readonly endUnixMs: number; readonly pauseNs: number }[];
  /** Lifetime average, never to be used for a rate. */
  readonly gcCpuFraction: number | undefined;
}

/** The /debug/pprof/ index: profile name to its count. */
export interface PprofIndex {
  /** runtime.NumGoroutine(): no stop of the world. */
  readonly goroutines: number | undefined;
  readonly threads: number | undefined;
  readonly profiles: ReadonlyMap<string, number>;
}

/** The go_* and process_* values of an exposition text, as client_golang names them. */
export interface GoMetrics {
  readonly goVersion: string | undefined;
  readonly goroutines: number | undefined;
  readonly threads: number | undefined;
  readonly gomaxprocs: number | undefined;
  readonly gogc: Gogc | undefined;
  readonly gomemlimit: Gomemlimit | undefined;
  readonly memStats: MemStats;
  readonly gcPauseCount: number | undefined;
  readonly gcPauseSumSeconds: number | undefined;
  readonly heapLive: number | undefined;
  readonly limiterLastEnabledCycle: number | undefined;
  readonly cpuGcTotalSeconds: number | undefined;
  readonly cpuTotalSeconds: number | undefined;
  readonly cpuIdleSeconds: number | undefined;
  /** Time goroutines were runnable before they ran, since start (go_sched_latencies_seconds). */
  readonly schedulerLatency: CumulativeHistogram | undefined;
  /** Single stops of the world for collection since start (go_sched_pauses_total_gc_seconds, before 1.22 go_gc_pauses_seconds). */
  readonly gcPauses: CumulativeHistogram | undefined;
  readonly processStartTimeSeconds: number | undefined;
  readonly processCpuSeconds: number | undefined;
  readonly processResidentBytes: number | undefined;
  readonly processOpenFds: number | undefined;
  readonly processMaxFds: number | undefined;
}

/** A call in a stack. `line` 0 and empty `file`: the profile does not say. */
export interface CodePlace {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

/** One group of goroutines with the same stack and the same labels. */
export interface GoroutineGroup {
  readonly count: number;
  /** Function names, innermost first. At most 64. */
  readonly stack: readonly string[];
  /** The first frame outside the runtime, `undefined` when all frames are the runtime's. */
  readonly site: CodePlace | undefined;
  /** Where the work of these goroutines starts: the last frame outside the standard library. The go statement is not in a profile. */
  readonly entry: CodePlace | undefined;
  readonly cause: WaitCause;
  /**
   * Labels set with runtime/pprof.Do; at most 8, of 64 and 128 characters. Empty without, and for what is beyond the first 8 sets of
   * labels of one stack.
   */
  readonly labels: Readonly<Record<string, string>>;
}

/** A goroutine profile (debug=0), largest groups first. */
export interface GoroutineProfile {
  readonly total: number;
  readonly groups: readonly GoroutineGroup[];
  /** Goroutines in groups beyond those kept. */
  readonly otherGoroutines: number;
}

import type { Gogc, Gomemlimit, GoVersion } from '../types.ts';

/** Machine code that can be read. Both are little-endian with 64-bit pointers. */
export type Architecture = 'amd64' | 'arm64';

/**
 * Where the runtime of one executable keeps its variables, as link-time addresses: add the load bias of a process to get at them.
 * A list holds candidates that only live memory can settle; with a symbol table it has one entry. Undefined or empty: not found.
 */
export interface RuntimeAddresses {
  readonly goVersion: GoVersion;
  readonly architecture: Architecture;
  /** `symbols`: from .symtab. `decoded`: from the machine code of package runtime, for stripped executables. */
  readonly method: 'symbols' | 'decoded';
  /** The Go build ID (.note.go.buildid); the same for every copy of an executable. Undefined when there is no note. */
  readonly buildId: string | undefined;
  /** The loader may put the executable anywhere (ET_DYN). */
  readonly relocatable: boolean;
  /** First PT_LOAD: its file offset and link-time address, both rounded down to the page, which tell the load bias from /proc/PID/maps. */
  readonly firstLoad: { readonly offset: number; readonly address: number };
  readonly gcController: number | undefined;
  readonly memstats: number | undefined;
  readonly sched: number | undefined;
  readonly gcCpuLimiter: number | undefined;
  /** `work.cpuStats`, never by way of the offset of the field in `work`, which does not hold still. */
  readonly cpuStats: number | undefined;
  readonly gomaxprocs: readonly number[];
  readonly ncpu: readonly number[];
  readonly allp: readonly number[];
  readonly allgs: readonly number[];
  readonly allglen: readonly number[];
  /** Head of the list of memory profile buckets; empty when the program cannot profile memory. */
  readonly mbuckets: readonly number[];
}

/** A time of the clock and how long the world stood still then, summed over the stops of one collection. */
export interface GcPause {
  readonly endUnixMs: number;
  readonly pauseNs: number;
}

/** CPU time by class since the program started, as the runtime estimates it at each collection (runtime/metrics /cpu/classes). Nanoseconds. */
export interface CpuClasses {
  readonly gcAssist: number;
  readonly gcDedicated: number;
  readonly gcIdle: number;
  readonly gcPause: number;
  readonly gcTotal: number;
  readonly scavengeTotal: number;
  readonly idle: number;
  readonly user: number;
  readonly total: number;
}

/** A runtime.timeHistogram: counts by bucket; `boundsSeconds[i]` is the upper bound of bucket i, the last one is Infinity. */
export interface TimeHistogram {
  readonly boundsSeconds: readonly number[];
  readonly counts: readonly number[];
}

/**
 * The state of a Go runtime read from outside at one instant. Values are of the same few microseconds, but not of one instant of the
 * target, which does not stop. Undefined: this version has no such thing, or the executable does not show where it is.
 */
export interface RuntimeSnapshot {
  /** The offsets used: `1.27`. Another minor than the program's when the version is newer than the tables. */
  readonly layout: string;
  readonly method: RuntimeAddresses['method'];
  readonly gomaxprocs: number | undefined;
  /** CPUs the process was allowed when it started. */
  readonly ncpu: number | undefined;
  /** GOMAXPROCS was set by environment or call (Go 1.25+): the runtime will not change it. */
  readonly gomaxprocsCustom: boolean | undefined;
  readonly gogc: Gogc | undefined;
  readonly gomemlimit: Gomemlimit | undefined;
  /** Bytes the pacer counts as live now: marked by the last collection plus allocated since. */
  readonly heapLive: number | undefined;
  /** Bytes marked by the last collection. */
  readonly heapMarked: number | undefined;
  /** Where the next collection must end; off when GOGC is off and there is no limit. Recomputed as runtime/mgcpacer.go does. */
  readonly heapGoal: number | 'off' | undefined;
  /** Heap size at which the next collection starts. */
  readonly heapTrigger: number | undefined;
  readonly goalSetBy: 'GOGC' | 'GOMEMLIMIT' | 'minimum heap' | undefined;
  /** Stacks and globals to scan, bytes: they count for the goal from Go 1.18. */
  readonly stackScan: number | undefined;
  readonly globalsScan: number | undefined;
  readonly heapInUse: number | undefined;
  readonly heapFree: number | undefined;
  readonly heapReleased: number | undefined;
  /** Memory the runtime has mapped and not given back: what GOMEMLIMIT governs (Sys - HeapReleased). */
  readonly mappedReady: number | undefined;
  /** Bytes allocated and freed since start. They lag by what sits in per-P caches. */
  readonly totalAlloc: number | undefined;
  readonly totalFree: number | undefined;
  readonly stacksInUse: number | undefined;
  /** Stacks in use and those of the threads the system gave (MemStats.StackSys). */
  readonly stacksSys: number | undefined;
  readonly mspanSys: number | undefined;
  readonly mcacheSys: number | undefined;
  readonly buckHashSys: number | undefined;
  readonly gcSys: number | undefined;
  readonly otherSys: number | undefined;
  readonly numGc: number | undefined;
  readonly numForcedGc: number | undefined;
  readonly pauseTotalNs: number | undefined;
  readonly lastGcUnixMs: number | undefined;
  /** Newest first, at most 256. */
  readonly recentPauses: readonly GcPause[];
  /** Lifetime average, never to be used for a rate. */
  readonly gcCpuFraction: number | undefined;
  readonly cpuClasses: CpuClasses | undefined;
  /** The collection during which the GC CPU limiter was last on; 0 = never. */
  readonly limiterLastEnabledCycle: number | undefined;
  readonly goroutines: number | undefined;
  /** Goroutines ever started (Go 1.26+). */
  readonly goroutinesCreated: number | undefined;
  readonly idlePs: number | undefined;
  /** Runnable goroutines waiting for a P, global and local queues. */
  readonly runnable: number | undefined;
  /** Threads the runtime made and has not freed. */
  readonly threads: number | undefined;
  /** Time goroutines spent runnable before they ran, since start. */
  readonly schedulerLatency: TimeHistogram | undefined;
}

/** Goroutines started at one place and waiting for one reason. */
export interface GoroutineSite {
  readonly count: number;
  /** Function that contains the go statement, with file and line where known. */
  readonly createdBy: SourceLine | undefined;
  /** Function the goroutines run. */
  readonly entry: SourceLine | undefined;
  /** The runtime's own word: `chan receive`, `select`, `IO wait`; the status when not waiting: `runnable`, `running`, `syscall`. */
  readonly waitReason: string;
  /** Longest known wait in seconds: a lower bound, since the runtime stamps it at collections. */
  readonly waitSeconds: number | undefined;
}

/** A place in the source. `line` 0 and empty `file`: not known. */
export interface SourceLine {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

/** Where goroutines come from, read from memory within a budget. */
export interface GoroutineCensus {
  /** Live goroutines in the list; system goroutines of the runtime left out. */
  readonly total: number;
  /** Goroutine structures looked at; fewer than there are when the budget ended the walk. */
  readonly examined: number;
  /** True: `sites` were counted on a sample and scaled. */
  readonly sampled: boolean;
  /** Largest first. */
  readonly sites: readonly GoroutineSite[];
  /** Goroutines of sites beyond those kept. */
  readonly otherGoroutines: number;
}

/** The memory profile: what was allocated where, as sampled by the runtime (unscaled, like heap?debug=1). */
export interface HeapProfile {
  /** MemProfileRate is not read: 512 KiB unless the program changed it. */
  readonly inUseObjects: number;
  readonly inUseBytes: number;
  readonly allocObjects: number;
  readonly allocBytes: number;
  /** Largest inUseBytes first, at most as many as asked for. */
  readonly sites: readonly {
    readonly inUseObjects: number;
    readonly inUseBytes: number;
    readonly allocObjects: number;
    readonly allocBytes: number;
    /** Innermost first. */
    readonly stack: readonly SourceLine[];
  }[];
}

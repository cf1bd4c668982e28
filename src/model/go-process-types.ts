import type { Known } from '../base/known.ts';
import type { Limit } from '../base/limit.ts';
import type { MemoryState } from '../sample/types.ts';
import type { GoRuntimeModel } from './go-runtime-types.ts';
import type { ExpectedGomaxprocs, GoSettings } from './go-settings-types.ts';
import type { EffectiveLimits } from './limit-types.ts';

/** How the process's memory relates to its cgroup's. */
export interface MemoryAttribution {
  /** RssAnon / anon of the cgroup that the memory limit counts (pod or workload). Above 1 by rounding and timing. */
  readonly anonShare: number | undefined;
  /** That anon - managed memory, not below 0: what GOMEMLIMIT cannot govern (cgo, mmap, other processes). */
  readonly nonGoBytes: number | undefined;
  /** Why {@link nonGoBytes} is not known. */
  readonly detail: string | undefined;
}

/** The process a container is stopped by. */
export interface InitModel {
  readonly pid: number;
  readonly name: string;
  /** It catches SIGTERM, or waits for it with sigwait or signalfd. To process 1 a signal that is neither does nothing at all. */
  readonly handlesSigterm: boolean | undefined;
}

export interface GoProcessModel {
  /** `pid@startTimeTicks`. */
  readonly key: string;
  readonly pid: number;
  readonly containerKey: string | undefined;
  readonly cgroupPath: string;
  /** Short name of the program, for people and labels. */
  readonly name: string;
  readonly goVersion: string;
  readonly goMinor: number;
  readonly mainPath: string | undefined;
  readonly mainModule: string | undefined;
  readonly mainVersion: string | undefined;
  readonly cgoEnabled: boolean | undefined;
  readonly uptimeSeconds: number | undefined;
  readonly settings: GoSettings;
  readonly expectedGomaxprocs: ExpectedGomaxprocs;
  readonly runtime: GoRuntimeModel;
  readonly threads: number | undefined;
  readonly rssBytes: number | undefined;
  readonly rssAnonBytes: number | undefined;
  readonly cpuSecondsTotal: number;
  readonly usageCores: number | undefined;
  readonly affinityCpus: number | undefined;
  readonly openFilesLimit: number | undefined;
  /** From the kernel, else as the program's metrics tell (process_open_fds). */
  readonly openFiles: Known<number> | undefined;
  /** Process 1 of its PID namespace, which gets the container's SIGTERM: itself or an ancestor. Undefined: neither, or not known. */
  readonly init: InitModel | undefined;
  /** Limits at the cgroup the process itself sits in. */
  readonly effective: EffectiveLimits;
  /** cpu.max of that very cgroup in cores: all the runtime looks at. */
  readonly leafCpuLimitCores: Limit | undefined;
  readonly attribution: MemoryAttribution;
  readonly endpoint: string | undefined;
  readonly endpointDetail: string;
  /** net/http/pprof: in the program (undefined: not known), and where its index answered last (undefined: nowhere yet). */
  readonly pprof: {
    readonly linked: boolean | undefined;
    readonly answersAt: string | undefined;
    /** The address its socket is bound to: `0.0.0.0:6060`. */
    readonly listen: string | undefined;
    readonly beyondLoopback: boolean | undefined;
  };
  /** How the process's memory is read, or why it is not. */
  readonly memorySource: { readonly state: MemoryState; readonly detail: string };
}

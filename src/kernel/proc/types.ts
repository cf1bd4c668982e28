/* Raw /proc values (Documentation/filesystems/proc.rst, proc_pid_stat(5), Linux 6.12). */

/** /proc/PID/stat. Times in clock ticks (USER_HZ, 100 a second on every Linux ABI). */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  /** One letter: R, S, D, Z, T, ... */
  readonly state: string;
  readonly ppid: number;
  readonly utimeTicks: number;
  readonly stimeTicks: number;
  readonly numThreads: number;
  /** Ticks since boot. With the pid this names a process for as long as the machine is up. */
  readonly startTimeTicks: number;
  readonly rssPages: number;
}

/** /proc/PID/status, bytes and counts. */
export interface ProcStatus {
  readonly name: string | undefined;
  readonly uid: number | undefined;
  /** The pid in each nested namespace, outermost first. */
  readonly nsPids: readonly number[];
  readonly vmRss: number | undefined;
  readonly rssAnon: number | undefined;
  readonly rssFile: number | undefined;
  readonly rssShmem: number | undefined;
  readonly vmSwap: number | undefined;
  readonly vmHwm: number | undefined;
  readonly threads: number | undefined;
  /** CPU numbers the process may run on: what sched_getaffinity(2) gives, so what Go counts as NumCPU at start. */
  readonly cpusAllowed: readonly number[] | undefined;
  /** Effective capability mask. */
  readonly capEff: bigint | undefined;
  readonly sigCgt: bigint | undefined;
  /** Signals the main thread keeps from itself: those it waits for with sigwait or signalfd are among them. */
  readonly sigBlk: bigint | undefined;
}

/** One row of /proc/PID/limits. */
export interface ProcLimit {
  readonly soft: number | 'unlimited';
  readonly hard: number | 'unlimited';
}

/** The rows of /proc/PID/limits this project uses. */
export interface ProcLimits {
  readonly openFiles: ProcLimit | undefined;
  readonly processes: ProcLimit | undefined;
  readonly addressSpace: ProcLimit | undefined;
}

/** One line of /proc/PID/mountinfo, octal escapes resolved. */
export interface MountInfo {
  readonly mountId: number;
  readonly parentId: number;
  readonly device: string;
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly fsType: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** A line of /proc/PID/cgroup. */
export interface ProcCgroup {
  /** The `0::` path, undefined when there is no v2 line. ` (deleted)` is cut off and told in `deleted`. */
  readonly unifiedPath: string | undefined;
  readonly deleted: boolean;
  /** Controllers bound to v1 hierarchies (hybrid or v1 node). */
  readonly v1Controllers: readonly string[];
}

/** A listening TCP socket of a network namespace. */
export interface ListenSocket {
  /** Dotted IPv4 or canonical lower-case IPv6 (`::` for all). */
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Socket inode, to find its owner through /proc/PID/fd. */
  readonly inode: number;
}

/** /proc/meminfo, bytes. */
export interface MemInfo {
  readonly memTotal: number | undefined;
  readonly memFree: number | undefined;
  readonly memAvailable: number | undefined;
  readonly swapTotal: number | undefined;
  readonly swapFree: number | undefined;
  readonly anonHugePages: number | undefined;
}

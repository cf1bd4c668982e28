import type { Miss } from '../base/reading.ts';
import type { BuildInfo, GoEnvironment, LinkedHandlers } from '../go/types.ts';
import { entries } from '../io/directory.ts';
import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { ProcLimits } from '../kernel/proc/types.ts';
import type { CgroupCensus, CgroupEntry } from './cgroup-census.ts';
import { ExecutableCache } from './executables.ts';

/** A process and what its executable told. */
export interface TrackedProcess {
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly cgroupPath: string;
  readonly workloadPath: string;
  /** Undefined: not Go, or not seen (`unseen`). */
  readonly go: GoProgram | undefined;
  /** The executable may not be read. */
  readonly unseen: string | undefined;
  /** What could not be read of it, told with every sample while the process is known. */
  readonly misses: readonly Miss[];
  /** The cycle its executable was last looked at, and how often it was. */
  readonly inspectedAt: number;
  readonly inspections: number;
}

/** What is fixed for the life of a Go process's image. */
export interface GoProgram {
  /** Names this version of the executable: another after an exec. */
  readonly executable: string;
  /** The Go build ID; undefined when the file has none. */
  readonly buildId: string | undefined;
  readonly build: BuildInfo;
  readonly handlers: LinkedHandlers | undefined;
  readonly environment: GoEnvironment | undefined;
  readonly limits: ProcLimits | undefined;
}

export interface ProcessCensusOptions {
  readonly procRoot: string;
  readonly processes: ProcessReader;
}

/** Cycles during which the processes of a new cgroup are listed every time: a container's first process comes after its cgroup. */
const SETTLING_CYCLES = 3;
/** A process is looked at in so many lists: it may be a runtime or a shell that has yet to execute the program. */
const INSPECTIONS = 3;
/** Cycles between two looks at the same process where there are no cgroups to go by. */
const RECHECK_CYCLES = 20;

/** Knows which processes there are in the cgroups that may hold workloads, and which of them are Go programs. */
export class ProcessCensus {
  readonly #procRoot: string;
  readonly #processes: ProcessReader;
  readonly #executables = new ExecutableCache();
  readonly #tracked = new Map<number, TrackedProcess>();
  readonly #pidsOf = new Map<string, readonly number[]>();
  readonly #invisible = new Map<string, Miss>();

  constructor(options: ProcessCensusOptions) {
    this.#procRoot = options.procRoot;
    this.#processes = options.processes;
  }

  /** All processes known, by pid. */
  get tracked(): ReadonlyMap<number, TrackedProcess> {
    return this.#tracked;
  }

  /** The processes of a workload, those in its sub-cgroups included. */
  pidsOfWorkload(workloadPath: string): number[] {
    const pids: number[] = [];
    for (const tracked of this.#tracked.values()) if (tracked.workloadPath === workloadPath) pids.push(tracked.pid);
    return pids;
  }

  /** Lists processes where a list is due, and looks at the executables of new ones. */
  *update(cgroups: CgroupCensus, cycle: number, onMiss: (miss: Miss) => void): Generator<void, void> {
    for (const path of this.#pidsOf.keys()) if (!cgroups.entries.has(path)) this.#dropCgroup(path);
    for (const entry of cgroups.entries.values()) {
      const workloadPath = workloadOf(entry);
      if (workloadPath === undefined || !this.#isDue(entry, cgroups, cycle)) continue;
      const list = entry.reader.processes(onMiss);
      if (list === undefined) continue;
      if (list.invisible > 0) this.#invisible.set(entry.path, invisible(entry.path, list.invisible));
      else this.#invisible.delete(entry.path);
      this.#replacePids(entry.path, list.pids);
      for (const pid of list.pids) {
        const known = this.#tracked.get(pid);
        const recheck =
          known !== undefined &&
          known.inspectedAt !== cycle &&
          (known.inspections < INSPECTIONS || cgroups.isRareTurn(entry, cycle));
        if (known?.cgroupPath === entry.path && !recheck) continue;
        yield* this.#inspect(pid, entry.path, workloadPath, cycle);
      }
      yield;
    }
    this.#tellMisses(onMiss);
  }

  /** Looks at every process of /proc, or at some: where cgroups say nothing (v1, hybrid), or nobody asked for workloads. */
  *updateFromProc(
    cycle: number,
    onMiss: (miss: Miss) => void,
    only: ReadonlySet<number> | undefined,
  ): Generator<void, void> {
    const names = entries(this.#procRoot, 'proc');
    if (!names.ok) {
      onMiss(names.miss);
      return;
    }
    const alive = new Set<number>();
    for (const name of names.value) {
      if (!/^\d+$/.test(name)) continue;
      const pid = Number(name);
      if (only?.has(pid) === false) continue;
      alive.add(pid);
      const known = this.#tracked.get(pid);
      if (known !== undefined && known.inspections >= INSPECTIONS && cycle - known.inspectedAt < RECHECK_CYCLES)
        continue;
      const cgroup = this.#processes.cgroup(pid);
      const path = cgroup.ok ? (cgroup.value.unifiedPath ?? '/') : '/';
      yield* this.#inspect(pid, path, path, cycle);
      yield;
    }
    for (const pid of this.#tracked.keys()) if (!alive.has(pid)) this.#tracked.delete(pid);
    this.#tellMisses(onMiss);
  }

  /** Forgets a process that has gone; its cgroup's list is read again next time. */
  drop(pid: number): void {
    const tracked = this.#tracked.get(pid);
    this.#tracked.delete(pid);
    if (tracked !== undefined) this.#pidsOf.delete(tracked.cgroupPath);
  }

  #isDue(entry: CgroupEntry, cgroups: CgroupCensus, cycle: number): boolean {
    return entry.age < SETTLING_CYCLES || !this.#pidsOf.has(entry.path) || cgroups.isSlowTurn(entry, cycle);
  }

  #replacePids(path: string, pids: readonly number[]): void {
    const now = new Set(pids);
    for (const pid of this.#pidsOf.get(path) ?? []) {
      if (!now.has(pid) && this.#tracked.get(pid)?.cgroupPath === path) this.#tracked.delete(pid);
    }
    this.#pidsOf.set(path, pids);
  }

  #dropCgroup(path: string): void {
    this.#replacePids(path, []);
    this.#pidsOf.delete(path);
    this.#invisible.delete(path);
  }

  /** Executables are not looked at every time, and what is still missing must not look mended in between. */
  #tellMisses(onMiss: (miss: Miss) => void): void {
    for (const miss of this.#invisible.values()) onMiss(miss);
    for (const { misses } of this.#tracked.values()) for (const miss of misses) onMiss(miss);
  }

  *#inspect(pid: number, cgroupPath: string, workloadPath: string, cycle: number): Generator<void, void> {
    const stat = this.#processes.stat(pid);
    if (!stat.ok || stat.value.state === 'Z') {
      this.#tracked.delete(pid);
      return;
    }
    const { startTimeTicks } = stat.value;
    const before = this.#tracked.get(pid);
    const inspections = before?.startTimeTicks === startTimeTicks ? before.inspections + 1 : 1;
    const base = { pid, startTimeTicks, cgroupPath, workloadPath, inspectedAt: cycle, inspections };
    const executable = yield* this.#executables.inspect(`${this.#procRoot}/${pid}/exe`);
    if (!executable.ok) {
      const { kind, detail } = executable.miss;
      if (kind === 'absent') return;
      this.#tracked.set(pid, { ...base, go: undefined, unseen: `${kind}: ${detail}`, misses: [executable.miss] });
      return;
    }
    const { identity, buildId, build, handlers, miss } = executable.value;
    const misses = miss === undefined ? [] : [miss];
    const onMiss = (missing: Miss): void => void misses.push(missing);
    const go =
      build === undefined
        ? undefined
        : { executable: identity, buildId, ...this.#program(pid, startTimeTicks, build, handlers, onMiss) };
    this.#tracked.set(pid, { ...base, go, unseen: undefined, misses });
  }

  #program(
    pid: number,
    startTimeTicks: number,
    build: BuildInfo,
    handlers: LinkedHandlers | undefined,
    onMiss: (miss: Miss) => void,
  ): Omit<GoProgram, 'executable' | 'buildId'> {
    const environment = this.#processes.guarded(pid, startTimeTicks, () => this.#processes.goEnvironment(pid));
    if (!environment.ok) onMiss(environment.miss);
    const limits = this.#processes.limits(pid);
    return {
      build,
      handlers,
      environment: environment.ok ? environment.value : undefined,
      limits: limits.ok ? limits.value : undefined,
    };
  }
}

/** The kernel lists a process of a foreign pid namespace as 0 (cgroup-v2.rst, cgroup.procs). */
function invisible(path: string, count: number): Miss {
  return {
    kind: 'denied',
    reader: 'cgroup.procs',
    source: path,
    detail: `${count} processes are in a pid namespace that cannot be seen from here: run with hostPID`,
  };
}

/** The workload a cgroup's processes belong to; undefined where no workload lives (slices, QoS levels, pods themselves). */
export function workloadOf(entry: CgroupEntry): string | undefined {
  switch (entry.role.role) {
    case 'container':
    case 'unit':
      return entry.path;
    case 'inside':
      return entry.role.containerPath;
    // OpenRC, LXC, containerd without Kubernetes: no name anybody knows, but Go programs all the same. The root holds kernel threads.
    case 'other':
      return entry.path === '/' || entry.path.endsWith('.slice') ? undefined : entry.path;
    default:
      return undefined;
  }
}

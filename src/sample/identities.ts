import type { Miss } from '../base/reading.ts';
import type { FileReader } from '../io/file-reader.ts';
import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import { parseNumberFile } from '../kernel/proc/sysctl.ts';
import { identify } from '../kube/identity.ts';
import { type MountRoot, namesFromMounts } from '../kube/mountinfo-names.ts';
import { PodLogIndex } from '../kube/pod-log-index.ts';
import type { ContainerIdentity } from '../kube/types.ts';
import type { CgroupCensus, CgroupEntry } from './cgroup-census.ts';
import type { ProcessCensus } from './process-census.ts';

interface Clues {
  readonly inode: number;
  readonly mounts: readonly MountRoot[] | undefined;
  readonly exeBasename: string | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly processCount: number;
}

export interface IdentitiesOptions {
  readonly procRoot: string;
  readonly podLogRoot: string;
  readonly processes: ProcessReader;
  readonly files: FileReader;
}

/** Cycles between two looks at the log directories; they are looked at at once when a pod has no name yet. */
const REFRESH_EVERY = 20;
/** After this many cycles without a name, a pod waits for the next regular refresh. */
const EAGER_CYCLES = 4;

/** Puts names to workloads from mounts and log directories: no API, no token, works with the API server down. */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #logs: PodLogIndex;
  readonly #clues = new Map<string, Clues>();
  #current: ReadonlyMap<string, ContainerIdentity> = new Map();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    this.#logs = new PodLogIndex({ root: options.podLogRoot });
  }

  /** Workload path to identity, as of the last {@link update}. */
  get current(): ReadonlyMap<string, ContainerIdentity> {
    return this.#current;
  }

  /** Names every container, and every unit that holds a Go process. */
  update(cgroups: CgroupCensus, processes: ProcessCensus, cycle: number, onMiss: (miss: Miss) => void): void {
    const workloads = this.#workloads(cgroups, processes);
    if (this.#wantsLogs(workloads, cycle)) for (const miss of this.#logs.refresh()) onMiss(miss);
    for (const path of this.#clues.keys()) if (!workloads.has(path)) this.#clues.delete(path);
    const sandboxes = new Set<string>();
    for (const entry of workloads.values()) {
      const clues = this.#cluesFor(entry, processes);
      if (entry.role.role !== 'container' || entry.role.podUid === undefined || clues.mounts === undefined) continue;
      const { sandboxId } = namesFromMounts(clues.mounts, entry.role.podUid);
      if (sandboxId !== undefined) sandboxes.add(sandboxId);
    }
    const identities = new Map<string, ContainerIdentity>();
    for (const { path, role } of workloads.values()) {
      const podUid = role.role === 'container' ? role.podUid : undefined;
      identities.set(
        path,
        identify({
          path,
          role,
          podLog: podUid === undefined ? undefined : this.#logs.get(podUid),
          sandboxIds: sandboxes,
          ...this.#clues.get(path),
        }),
      );
    }
    this.#current = identities;
  }

  #workloads(cgroups: CgroupCensus, processes: ProcessCensus): Map<string, CgroupEntry> {
    const workloads = new Map<string, CgroupEntry>();
    for (const entry of cgroups.entries.values()) if (entry.role.role === 'container') workloads.set(entry.path, entry);
    for (const { go, workloadPath } of processes.tracked.values()) {
      const entry = go === undefined ? undefined : cgroups.entries.get(workloadPath);
      if (entry !== undefined) workloads.set(workloadPath, entry);
    }
    return workloads;
  }

  #wantsLogs(workloads: ReadonlyMap<string, CgroupEntry>, cycle: number): boolean {
    if (cycle % REFRESH_EVERY === 0) return true;
    for (const entry of workloads.values()) {
      if (
        entry.role.role === 'container' &&
        entry.role.podUid !== undefined &&
        entry.age < EAGER_CYCLES &&
        this.#logs.get(entry.role.podUid) === undefined
      )
        return true;
    }
    return false;
  }

  #cluesFor(entry: CgroupEntry, processes: ProcessCensus): Clues {
    const known = this.#clues.get(entry.path);
    if (known?.inode === entry.inode && (known.mounts !== undefined || entry.age >= EAGER_CYCLES)) return known;
    const pids = processes.pidsOfWorkload(entry.path);
    const pid = pids[0];
    const { processes: reader, files, procRoot } = this.#options;
    const mounts = pid === undefined || entry.role.role !== 'container' ? undefined : reader.mountinfo(pid);
    const exe = pid === undefined ? undefined : reader.exePath(pid);
    const length = pid === undefined ? -1 : files.read(`${procRoot}/${pid}/oom_score_adj`);
    const clues: Clues = {
      inode: entry.inode,
      mounts:
        mounts?.ok === true
          ? mounts.value.filter(({ root }) => root.includes('/containers/') || root.includes('/sandboxes/'))
          : undefined,
      exeBasename: exe?.ok === true ? exe.value.slice(exe.value.lastIndexOf('/') + 1) : undefined,
      oomScoreAdj: length < 0 ? undefined : parseNumberFile(files.bytes, length),
      processCount: pids.length,
    };
    this.#clues.set(entry.path, clues);
    return clues;
  }
}

import type { Miss } from '../base/reading.ts';
import type { FileReader } from '../io/file-reader.ts';
import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import { parseNumberFile } from '../kernel/proc/sysctl.ts';
import { identify } from '../kube/identity.ts';
import { type MountRoot, namesFromMounts } from '../kube/mountinfo-names.ts';
import { type PodLog, PodLogIndex } from '../kube/pod-log-index.ts';
import type { ContainerIdentity } from '../kube/types.ts';
import type { CgroupCensus, CgroupEntry } from './cgroup-census.ts';
import type { ProcessCensus } from './process-census.ts';

interface Clues {
  readonly inode: number;
  readonly mounts: readonly MountRoot[] | undefined;
  readonly exeBasename: string | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly processCount: number;
  /** The pod's sandbox, as the mounts name it. */
  readonly sandboxId: string | undefined;
}

interface Made {
  readonly clues: Clues | undefined;
  readonly podLog: PodLog | undefined;
  readonly isSandbox: boolean;
  readonly identity: ContainerIdentity;
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
  /** What each identity was made of: it is made anew only when that changes. */
  #made: ReadonlyMap<string, Made> = new Map();
  #logMisses: readonly Miss[] = [];

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
    if (this.#wantsLogs(workloads, cycle)) this.#logMisses = this.#logs.refresh();
    for (const miss of this.#logMisses) onMiss(miss);
    for (const path of this.#clues.keys()) if (!workloads.has(path)) this.#clues.delete(path);
    const sandboxes = new Set<string>();
    for (const entry of workloads.values()) {
      const { sandboxId } = this.#cluesFor(entry, processes);
      if (sandboxId !== undefined) sandboxes.add(sandboxId);
    }
    const identities = new Map<string, ContainerIdentity>();
    const made = new Map<string, Made>();
    for (const { path, role } of workloads.values()) {
      const podUid = role.role === 'container' ? role.podUid : undefined;
      const clues = this.#clues.get(path);
      const podLog = podUid === undefined ? undefined : this.#logs.get(podUid);
      const isSandbox = role.role === 'container' && sandboxes.has(role.containerId);
      const before = this.#made.get(path);
      const same =
        before !== undefined && before.clues === clues && before.podLog === podLog && before.isSandbox === isSandbox;
      const identity = same ? before.identity : identify({ path, role, podLog, sandboxIds: sandboxes, ...clues });
      made.set(path, { clues, podLog, isSandbox, identity });
      identities.set(path, identity);
    }
    this.#made = made;
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
    // The first look may have been at a runtime that was still setting the container up: no mounts yet, or those of the host.
    const settled = (known?.mounts?.length ?? 0) > 0 || (entry.age >= EAGER_CYCLES && (known?.processCount ?? 0) > 0);
    if (known?.inode === entry.inode && settled) return known;
    const pids = processes.pidsOfWorkload(entry.path);
    const pid = pids[0];
    const { processes: reader, files, procRoot } = this.#options;
    const mounts = pid === undefined || entry.role.role !== 'container' ? undefined : reader.mountinfo(pid);
    const exe = pid === undefined ? undefined : reader.exePath(pid);
    const length = pid === undefined ? -1 : files.read(`${procRoot}/${pid}/oom_score_adj`);
    const shown =
      mounts?.ok === true
        ? mounts.value
            .filter(({ root }) => root.includes('/containers/') || root.includes('/sandboxes/'))
            .map(({ root, mountPoint }) => ({ root: ownText(root), mountPoint: ownText(mountPoint) }))
        : undefined;
    const podUid = entry.role.role === 'container' ? entry.role.podUid : undefined;
    const clues: Clues = {
      inode: entry.inode,
      mounts: shown,
      exeBasename: exe?.ok === true ? exe.value.slice(exe.value.lastIndexOf('/') + 1) : undefined,
      oomScoreAdj: length < 0 ? undefined : parseNumberFile(files.bytes, length),
      processCount: pids.length,
      sandboxId: shown === undefined || podUid === undefined ? undefined : namesFromMounts(shown, podUid).sandboxId,
    };
    this.#clues.set(entry.path, clues);
    return clues;
  }
}

/** The text as a string of its own: a part of a longer string keeps all of that alive, here the whole mountinfo. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

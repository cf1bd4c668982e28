import type { Miss } from '../base/reading.ts';
import { entries, subdirectories } from '../io/directory.ts';
import { highestRestart, isContainerDirectory, parsePodLogDirectory } from './log-directory.ts';

const READER = 'pod_logs';

/** What the log directory says about a pod. */
export interface PodLog {
  readonly namespace: string;
  readonly pod: string;
  /** Container name to its restart count; undefined while there is no log file yet. Holds init and ephemeral containers too. */
  readonly containers: ReadonlyMap<string, number | undefined>;
}

/** What {@link PodLogIndex} needs. */
export interface PodLogIndexOptions {
  /** Where the kubelet's podLogsDir is: /var/log/pods. */
  readonly root: string;
  /** Pods kept at most; 4096 by default. A kubelet runs 110 unless told otherwise, and old directories may stay for a while. */
  readonly maxPods?: number;
  /** Containers kept of each pod at most; 128 by default. */
  readonly maxContainers?: number;
}

/**
 * Pod UID to names, from directory names alone: no log is opened. A directory may outlive its pod and may be missing before the first
 * container starts; pause containers have none.
 */
export class PodLogIndex {
  #pods: ReadonlyMap<string, PodLog> = new Map();
  readonly #root: string;
  readonly #maxPods: number;
  readonly #maxContainers: number;

  constructor(options: PodLogIndexOptions) {
    this.#root = options.root;
    this.#maxPods = options.maxPods ?? 4096;
    this.#maxContainers = options.maxContainers ?? 128;
  }

  /** The pod with this UID; for a static pod the hash in its cgroup's name. */
  get(podUid: string): PodLog | undefined {
    return this.#pods.get(podUid);
  }

  /** Pods known now. */
  get size(): number {
    return this.#pods.size;
  }

  /**
   * Lists the directories again: one readdir(3) for the root, for each pod and for each container. When the root cannot be listed what
   * was known stays, since the names of a UID never change. A directory that goes meanwhile is no miss.
   */
  refresh(): Miss[] {
    const names = subdirectories(this.#root, READER);
    if (!names.ok) return [names.miss];
    const misses: Miss[] = [];
    const pods = new Map<string, PodLog>();
    for (const name of names.value) {
      const parsed = parsePodLogDirectory(name);
      if (parsed === undefined) continue;
      if (pods.size >= this.#maxPods) {
        const detail = `more than ${this.#maxPods} pods`;
        misses.push({ kind: 'failed', reader: READER, source: this.#root, detail });
        break;
      }
      const containers = this.#containers(`${this.#root}/${name}`, misses);
      pods.set(parsed.uid, { namespace: parsed.namespace, pod: parsed.pod, containers });
    }
    this.#pods = pods;
    return misses;
  }

  #containers(directory: string, misses: Miss[]): Map<string, number | undefined> {
    const containers = new Map<string, number | undefined>();
    const names = subdirectories(directory, READER);
    if (!names.ok) {
      if (names.miss.kind !== 'absent') misses.push(names.miss);
      return containers;
    }
    for (const name of names.value) {
      if (!isContainerDirectory(name)) continue;
      if (containers.size >= this.#maxContainers) break;
      const files = entries(`${directory}/${name}`, READER);
      if (!files.ok && files.miss.kind !== 'absent') misses.push(files.miss);
      containers.set(name, files.ok ? highestRestart(files.value) : undefined);
    }
    return containers;
  }
}

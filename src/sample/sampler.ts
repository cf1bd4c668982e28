import { parentOf } from '../base/cgroup-path.ts';
import type { Clock } from '../base/clock.ts';
import { groupBy } from '../base/group.ts';
import { processKey } from '../base/process-key.ts';
import type { Miss, Reading } from '../base/reading.ts';
import type { HeapProfile } from '../go/memory/types.ts';
import { FileReader } from '../io/file-reader.ts';
import { detectHierarchy } from '../kernel/cgroup/hierarchy.ts';
import { type NodeFacts, readNodeFacts } from '../kernel/proc/node-facts.ts';
import { type NumaNode, readNumaNodes } from '../kernel/proc/numa.ts';
import { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { PodSource } from '../kube/api/pod-source.ts';
import { CgroupCensus, type CgroupEntry } from './cgroup-census.ts';
import { Collectors } from './collectors.ts';
import { keepable } from './descriptor-budget.ts';
import { type ConfiguredEndpoint, type DiscoveryOptions, EndpointDiscovery } from './endpoints/discover.ts';
import { endpointHint } from './endpoints/hint.ts';
import type { EndpointPoller } from './endpoints/poller.ts';
import { GoPrograms, type ProcessNames } from './go-programs.ts';
import { Identities } from './identities.ts';
import { type Privileges, readPrivileges } from './privileges.ts';
import { ProcessCensus } from './process-census.ts';
import { RuntimeMemory, type RuntimeMemoryOptions } from './runtime-memory/reader.ts';
import { Sandboxes } from './sandboxes.ts';
import type { GoSample, HierarchySample, NodeSample, UnseenProcesses } from './types.ts';

export interface SamplerOptions {
  readonly paths: {
    readonly cgroupfs: string;
    readonly procfs: string;
    readonly sysfs: string;
    readonly podlogs: string;
  };
  readonly clock: Clock;
  /** Cycles between readings of slow and rare files; 1 and 1 reads everything every time. */
  readonly cadences: { readonly slowEvery: number; readonly rareEvery: number };
  /** Cycles between two walks of the tree, when nothing hints at a change. */
  readonly rescanEvery: number;
  /**
   * Which processes are looked at: those of cgroups that hold workloads, all of /proc, or some of /proc. Without a unified hierarchy
   * there are no cgroups to go by, and all of /proc is looked at in place of them.
   */
  readonly processes: 'cgroups' | 'all' | ReadonlySet<number>;
  /** Undefined: endpoints are off. */
  readonly poller: EndpointPoller | undefined;
  readonly discovery?: DiscoveryOptions;
  /** The pods of this node as the Kubernetes API tells them; undefined: it is not asked. */
  readonly pods?: PodSource | undefined;
  /** Undefined: no memory of other processes is read. */
  readonly memory: Omit<RuntimeMemoryOptions, 'procRoot' | 'maxProcesses'> | undefined;
  /** The operator's word on a process's endpoint, if any. */
  readonly configured: (process: ProcessNames) => ConfiguredEndpoint | undefined;
}

type OnMiss = (miss: Miss) => void;

/** Larger than any file read here: mountinfo of a busy node, memory.stat, environ. */
const MAX_FILE_BYTES = 1 << 20;

/** A directory in which cgroups come and go. */
export interface Watchable {
  /** When to walk the tree after a change: short-lived units come and go all the time, for them the `next` sample is soon enough. */
  readonly walk: 'now' | 'next';
  /** Another one of the same name is another directory, and the watch of the old one tells nothing of it. */
  readonly inode: number;
}

/** Takes samples of the node, one after the other. Remembers only what saves reading things again. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #files = new FileReader({ maxBytes: MAX_FILE_BYTES, maxKept: keepable() });
  readonly #reader: ProcessReader;
  readonly #cgroups: CgroupCensus;
  readonly #processes: ProcessCensus;
  readonly #identities: Identities;
  readonly #memory: RuntimeMemory;
  readonly #programs: GoPrograms;
  readonly #privileges: Privileges;
  readonly #sandboxes: Sandboxes;
  readonly #numaNodes: readonly NumaNode[] | undefined;
  readonly #numaMisses: Miss[] = [];
  #cycle = 0;
  #treeChanged = true;

  constructor(options: SamplerOptions) {
    this.#options = options;
    const { cgroupfs, procfs, sysfs, podlogs } = options.paths;
    // Nodes come and go with memory that is plugged in: the agent is started anew for that.
    this.#numaNodes = readNumaNodes(sysfs, this.#files, (miss) => this.#numaMisses.push(miss));
    this.#reader = new ProcessReader({ procRoot: procfs, files: this.#files });
    this.#cgroups = new CgroupCensus({
      root: cgroupfs,
      files: this.#files,
      cadences: options.cadences,
      numa: (this.#numaNodes?.length ?? 0) > 1,
    });
    this.#sandboxes = new Sandboxes({ root: cgroupfs, files: this.#files, processes: this.#reader });
    this.#processes = new ProcessCensus({ procRoot: procfs, processes: this.#reader });
    this.#identities = new Identities({
      procRoot: procfs,
      podLogRoot: podlogs,
      processes: this.#reader,
      files: this.#files,
    });
    this.#privileges = readPrivileges(procfs, this.#files);
    this.#memory = new RuntimeMemory(
      options.memory === undefined
        ? undefined
        : { ...options.memory, procRoot: procfs, maxProcesses: Math.floor(keepable() / 2) },
    );
    this.#programs = new GoPrograms({
      reader: this.#reader,
      processes: this.#processes,
      identities: this.#identities,
      discovery: new EndpointDiscovery(procfs, this.#reader, options.discovery),
      poller: options.poller,
      memory: this.#memory,
      readSoon: (path) => {
        this.#cgroups.readSoon(path);
      },
      configured: options.configured,
      hint: (podUid) => {
        const pod = options.pods?.sample().pods.get(podUid);
        return pod === undefined ? undefined : endpointHint(pod.annotations);
      },
    });
  }

  get keptDescriptors(): number {
    return this.#files.keptCount;
  }

  /** Cgroups known now. */
  get cgroupCount(): number {
    return this.#cgroups.entries.size;
  }

  /** Directories worth a watch: those in which containers and pods come and go, and those of services and of containers without Kubernetes. */
  watchable(): ReadonlyMap<string, Watchable> {
    const { cgroupfs } = this.#options.paths;
    const directories = new Map<string, Watchable>();
    const add = ({ path, inode }: CgroupEntry, walk: Watchable['walk']): void => {
      directories.set(path === '/' ? cgroupfs : cgroupfs + path, { walk, inode });
    };
    for (const entry of this.#cgroups.entries.values()) {
      const { path, role } = entry;
      if (path === '/' || role.role === 'kubepods' || role.role === 'qos' || role.role === 'pod') add(entry, 'now');
      else if (role.role === 'other' && path.endsWith('.slice')) add(entry, 'next');
      else if (role.role === 'container' && role.podUid === undefined) {
        const above = this.#cgroups.entries.get(parentOf(path));
        if (above?.role.role === 'other') add(above, 'next');
      }
    }
    return directories;
  }

  /** Walks the tree now, between samples. What cannot be read is told by the next sample, which meets it again. */
  refreshTree(): void {
    this.#cgroups.rescan(() => undefined);
  }

  /** Something in the tree changed: the next sample walks it. */
  hint(): void {
    this.#treeChanged = true;
  }

  /** Takes one sample in small steps: the caller runs them and gives way to other work in between as it sees fit. */
  *take(): Generator<void, NodeSample> {
    const { clock, poller, processes } = this.#options;
    const cycle = this.#cycle++;
    const collectors = new Collectors(() => clock.now().monotonicMs);
    const hierarchy = this.#hierarchy();
    const unified = hierarchy.mode === 'unified';
    if (unified && (this.#treeChanged || cycle % this.#options.rescanEvery === 0)) {
      this.#treeChanged = false;
      yield* collectors.run('tree', (onMiss) => this.#rescan(onMiss));
    }
    const { pods } = this.#options;
    if (pods !== undefined) yield* collectors.run('kubernetes', (onMiss) => this.#tell(pods.misses(), onMiss));
    yield* collectors.run('processes', (onMiss) =>
      unified && processes === 'cgroups'
        ? this.#processes.update(this.#cgroups, cycle, onMiss)
        : this.#processes.updateFromProc(cycle, onMiss, typeof processes === 'string' ? undefined : processes),
    );
    yield* collectors.run('identities', (onMiss) => this.#name(cycle, onMiss));
    this.#cgroups.want(
      [...this.#processes.tracked.values()].flatMap((tracked) =>
        tracked.go === undefined ? [] : [tracked.cgroupPath],
      ),
      (path) => this.#identities.current.get(path)?.sandbox === true,
    );
    // Rates divide by the time between readings, so the sample is dated when its counters are read.
    const at = clock.now();
    const facts = yield* collectors.run('node', (onMiss) => this.#facts(onMiss));
    const cgroups = yield* collectors.run('cgroups', (onMiss) =>
      this.#cgroups.sample(cycle, at, onMiss, () => {
        // Where one went, another of the same name may have come, and not every directory has a watch.
        this.hint();
      }),
    );
    const sandboxes = yield* collectors.run('sandboxes', (onMiss) =>
      this.#sandboxes.update(this.#cgroups, this.#identities.current, cycle, onMiss),
    );
    yield* this.#programs.follow(cycle);
    const go = yield* collectors.run('go', (onMiss) => this.#programs.take(cgroups, onMiss));
    collectors.note(poller?.misses() ?? []);
    return {
      at,
      hierarchy,
      facts,
      privileges: this.#privileges,
      cgroups,
      roles: new Map([...this.#cgroups.entries].map(([path, entry]) => [path, entry.role])),
      levels: new Map([...this.#cgroups.entries].map(([path, entry]) => [path, entry.level])),
      identities: this.#identities.current,
      sandboxes,
      go,
      unseen: this.#unseen(),
      ...(pods === undefined ? {} : { pods: pods.sample() }),
      misses: collectors.misses,
      collectors: collectors.runs,
    };
  }

  /**
   * Settles when no executable is searched for its runtime any more and the Kubernetes API has answered, or failed to: the next sample
   * can use what was found.
   */
  async settled(): Promise<void> {
    await Promise.all([this.#memory.settled(), this.#options.pods?.first]);
  }

  /** The memory profile of a process of the last sample, for a person who asked. Undefined: its memory is not read. */
  heapProfile(go: GoSample): Generator<void, Reading<HeapProfile>> | undefined {
    return this.#memory.heapProfile(processKey(go));
  }

  close(): void {
    this.#memory.close();
    this.#cgroups.close();
  }

  *#facts(onMiss: OnMiss): Generator<void, NodeFacts> {
    const { procfs, sysfs } = this.#options.paths;
    const facts = readNodeFacts({ procRoot: procfs, sysRoot: sysfs, files: this.#files }, onMiss);
    for (const miss of this.#numaMisses) onMiss(miss);
    yield;
    return { ...facts, numaNodes: this.#numaNodes };
  }

  #hierarchy(): HierarchySample {
    const { mode, controllers, detail } = detectHierarchy(this.#options.paths.cgroupfs, this.#files);
    return { mode, controllers, detail };
  }

  *#tell(misses: readonly Miss[], onMiss: OnMiss): Generator<void, void> {
    for (const miss of misses) onMiss(miss);
    yield;
  }

  *#rescan(onMiss: OnMiss): Generator<void, void> {
    this.#cgroups.rescan(onMiss);
    yield;
  }

  *#name(cycle: number, onMiss: OnMiss): Generator<void, void> {
    this.#identities.update(this.#cgroups, this.#processes, cycle, onMiss);
    yield;
  }

  #unseen(): UnseenProcesses[] {
    const hidden = [...this.#processes.tracked.values()].filter((tracked) => tracked.unseen !== undefined);
    return [...groupBy(hidden, (tracked) => tracked.workloadPath)].map(([workloadPath, tracked]) => ({
      workloadPath,
      count: tracked.length,
      detail: tracked[0]?.unseen ?? '',
    }));
  }
}

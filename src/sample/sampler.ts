import type { Clock } from '../base/clock.ts';
import { groupBy } from '../base/group.ts';
import type { Miss } from '../base/reading.ts';
import { FileReader } from '../io/file-reader.ts';
import { detectHierarchy } from '../kernel/cgroup/hierarchy.ts';
import type { CgroupSample } from '../kernel/cgroup/types.ts';
import { type NodeFacts, readNodeFacts } from '../kernel/proc/node-facts.ts';
import { ProcessReader } from '../kernel/proc/process-reader.ts';
import { CgroupCensus } from './cgroup-census.ts';
import { Collectors } from './collectors.ts';
import { keepable } from './descriptor-budget.ts';
import { type ConfiguredEndpoint, EndpointDiscovery } from './endpoints/discover.ts';
import type { EndpointPoller } from './endpoints/poller.ts';
import { Identities } from './identities.ts';
import { type Privileges, readPrivileges } from './privileges.ts';
import { ProcessCensus, type TrackedProcess } from './process-census.ts';
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
  /** Undefined: endpoints are off. */
  readonly poller: EndpointPoller | undefined;
  /** The operator's word on a process's endpoint, if any. */
  readonly configured: (process: ProcessNames) => ConfiguredEndpoint | undefined;
}

/** What an operator can name a process by. */
export interface ProcessNames {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly comm: string;
  readonly module: string | undefined;
}

type OnMiss = (miss: Miss) => void;

interface AnonAtEndpoint {
  readonly readAtMs: number | undefined;
  readonly bytes: number | undefined;
}

/** Larger than any file read here: mountinfo of a busy node, memory.stat, environ. */
const MAX_FILE_BYTES = 1 << 20;
const LOOK_AGAIN_EVERY = 8;

/** Takes samples of the node, one after the other. Remembers only what saves reading things again. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #files = new FileReader({ maxBytes: MAX_FILE_BYTES, maxKept: keepable() });
  readonly #reader: ProcessReader;
  readonly #cgroups: CgroupCensus;
  readonly #processes: ProcessCensus;
  readonly #identities: Identities;
  readonly #discovery: EndpointDiscovery;
  readonly #privileges: Privileges;
  #cycle = 0;
  #treeChanged = true;
  #anonAtEndpoint: ReadonlyMap<string, AnonAtEndpoint> = new Map();

  constructor(options: SamplerOptions) {
    this.#options = options;
    const { cgroupfs, procfs, podlogs } = options.paths;
    this.#reader = new ProcessReader({ procRoot: procfs, files: this.#files });
    this.#cgroups = new CgroupCensus({ root: cgroupfs, files: this.#files, cadences: options.cadences });
    this.#processes = new ProcessCensus({ procRoot: procfs, processes: this.#reader });
    this.#identities = new Identities({
      procRoot: procfs,
      podLogRoot: podlogs,
      processes: this.#reader,
      files: this.#files,
    });
    this.#privileges = readPrivileges(procfs, this.#files);
    this.#discovery = new EndpointDiscovery(procfs, this.#reader);
  }

  get keptDescriptors(): number {
    return this.#files.keptCount;
  }

  /** Cgroups known now. */
  get cgroupCount(): number {
    return this.#cgroups.entries.size;
  }

  /** Directories worth a watch: those in which containers and pods come and go. */
  watchable(): ReadonlySet<string> {
    const { cgroupfs } = this.#options.paths;
    const directories = new Set<string>();
    for (const { path, role } of this.#cgroups.entries.values()) {
      if (path === '/') directories.add(cgroupfs);
      else if (role.role === 'kubepods' || role.role === 'qos' || role.role === 'pod') directories.add(cgroupfs + path);
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
    const { clock, poller } = this.#options;
    const cycle = this.#cycle++;
    const collectors = new Collectors(() => clock.now().monotonicMs);
    const hierarchy = this.#hierarchy();
    const unified = hierarchy.mode === 'unified';
    if (unified && (this.#treeChanged || cycle % this.#options.rescanEvery === 0)) {
      this.#treeChanged = false;
      yield* collectors.run('tree', (onMiss) => this.#rescan(onMiss));
    }
    yield* collectors.run('processes', (onMiss) =>
      unified ? this.#processes.update(this.#cgroups, cycle, onMiss) : this.#processes.updateFromProc(cycle, onMiss),
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
    this.#findEndpoints(cycle);
    const go = yield* collectors.run('go', (onMiss) => this.#goSamples(cgroups, onMiss));
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
      go,
      unseen: this.#unseen(),
      misses: collectors.misses,
      collectors: collectors.runs,
    };
  }

  close(): void {
    this.#cgroups.close();
  }

  *#facts(onMiss: OnMiss): Generator<void, NodeFacts> {
    const { procfs, sysfs } = this.#options.paths;
    const facts = readNodeFacts({ procRoot: procfs, sysRoot: sysfs, files: this.#files }, onMiss);
    yield;
    return facts;
  }

  #hierarchy(): HierarchySample {
    const { mode, controllers, detail } = detectHierarchy(this.#options.paths.cgroupfs, this.#files);
    return { mode, controllers, detail };
  }

  *#rescan(onMiss: OnMiss): Generator<void, void> {
    this.#cgroups.rescan(onMiss);
    yield;
  }

  *#name(cycle: number, onMiss: OnMiss): Generator<void, void> {
    this.#identities.update(this.#cgroups, this.#processes, cycle, onMiss);
    yield;
  }

  *#goSamples(
    cgroups: ReadonlyMap<string, CgroupSample>,
    onMiss: OnMiss,
  ): Generator<void, ReadonlyMap<number, GoSample>> {
    const samples = new Map<number, GoSample>();
    const anonAt = new Map<string, AnonAtEndpoint>();
    for (const tracked of [...this.#processes.tracked.values()]) {
      const { pid, startTimeTicks, go } = tracked;
      if (go === undefined) continue;
      const stat = this.#reader.stat(pid);
      if (!stat.ok || stat.value.startTimeTicks !== startTimeTicks) {
        if (!stat.ok && stat.miss.kind !== 'absent') onMiss(stat.miss);
        this.#processes.drop(pid);
        continue;
      }
      const status = this.#reader.status(pid);
      if (!status.ok && status.miss.kind !== 'absent') onMiss(status.miss);
      const { endpoint, detail } = this.#options.poller?.sample(keyOf(tracked)) ?? {
        endpoint: undefined,
        detail: 'endpoints are switched off',
      };
      const { cgroupPath, workloadPath } = tracked;
      const key = keyOf(tracked);
      const readAtMs = (endpoint?.metrics ?? endpoint?.memStats)?.at.monotonicMs;
      const known = this.#anonAtEndpoint.get(key);
      const anon: AnonAtEndpoint =
        known !== undefined && known.readAtMs === readAtMs
          ? known
          : { readAtMs, bytes: cgroups.get(workloadPath)?.memoryStat?.anon };
      anonAt.set(key, anon);
      const { build, handlers, environment, limits } = go;
      samples.set(pid, {
        pid,
        startTimeTicks,
        cgroupPath,
        workloadPath,
        build,
        handlers,
        environment,
        limits,
        stat: stat.value,
        status: status.ok ? status.value : undefined,
        endpoint,
        endpointDetail: detail,
        workloadAnonAtEndpoint: readAtMs === undefined ? undefined : anon.bytes,
      });
      yield;
    }
    this.#anonAtEndpoint = anonAt;
    return samples;
  }

  /** Looks for the endpoints of Go processes that are new, and now and then again for those without one. */
  #findEndpoints(cycle: number): void {
    const { poller } = this.#options;
    if (poller === undefined) return;
    const goProcesses = [...this.#processes.tracked.values()].filter((tracked) => tracked.go !== undefined);
    poller.retain(new Set(goProcesses.map(keyOf)));
    const perPod = groupBy(
      goProcesses,
      (tracked) => this.#identities.current.get(tracked.workloadPath)?.podUid ?? tracked.workloadPath,
    );
    for (const [index, tracked] of goProcesses.entries()) {
      const key = keyOf(tracked);
      // Programs listen some time after they start, and may listen elsewhere later.
      const lookAgain = (cycle + index) % LOOK_AGAIN_EVERY === 0 && poller.sample(key).endpoint === undefined;
      if (poller.has(key) && !lookAgain) continue;
      const identity = this.#identities.current.get(tracked.workloadPath);
      const sole = perPod.get(identity?.podUid ?? tracked.workloadPath)?.length === 1;
      const configured = this.#configured(tracked);
      const handlers = tracked.go?.handlers;
      if (configured !== undefined)
        poller.add(
          key,
          this.#discovery.configured(tracked.pid, configured),
          handlers ?? { pprof: true, expvar: true, promhttp: true },
        );
      else poller.add(key, this.#discovery.discover(tracked.pid, handlers, sole), handlers);
    }
  }

  #configured(tracked: TrackedProcess): ConfiguredEndpoint | undefined {
    const identity = this.#identities.current.get(tracked.workloadPath);
    const comm = this.#reader.stat(tracked.pid);
    return this.#options.configured({
      namespace: identity?.namespace,
      pod: identity?.pod,
      container: identity?.container ?? identity?.unit,
      comm: comm.ok ? comm.value.comm : '',
      module: tracked.go?.build.main?.path,
    });
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

function keyOf(tracked: TrackedProcess): string {
  return `${tracked.pid}@${tracked.startTimeTicks}`;
}

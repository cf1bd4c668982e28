import { groupBy } from '../base/group.ts';
import { processKey } from '../base/process-key.ts';
import type { Miss } from '../base/reading.ts';
import type { CgroupSample } from '../kernel/cgroup/types.ts';
import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { ConfiguredEndpoint, EndpointDiscovery } from './endpoints/discover.ts';
import { type EndpointHint, hintedHandlers, withHint } from './endpoints/hint.ts';
import type { EndpointPoller } from './endpoints/poller.ts';
import type { Identities } from './identities.ts';
import type { ProcessCensus, TrackedProcess } from './process-census.ts';
import { ProcessDetails } from './process-details.ts';
import type { RuntimeMemory } from './runtime-memory/reader.ts';
import type { EndpointSample, GoSample } from './types.ts';

/** What an operator can name a process by. */
export interface ProcessNames {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly comm: string;
  readonly module: string | undefined;
}

export interface GoProgramsOptions {
  readonly reader: ProcessReader;
  readonly processes: ProcessCensus;
  readonly identities: Identities;
  readonly discovery: EndpointDiscovery;
  /** Undefined: endpoints are off. */
  readonly poller: EndpointPoller | undefined;
  readonly memory: RuntimeMemory;
  /** Asks for memory.stat of a cgroup in the next sample. */
  readonly readSoon: (cgroupPath: string) => void;
  /** The operator's word on a process's endpoint, if any. */
  readonly configured: (process: ProcessNames) => ConfiguredEndpoint | undefined;
  /** What the annotations of the process's pod say of one, if any; the operator's word goes first. */
  readonly hint?: (podUid: string) => EndpointHint | undefined;
}

type OnMiss = (miss: Miss) => void;

interface AnonAtEndpoint {
  readonly readAtMs: number | undefined;
  readonly bytes: number | undefined;
}

const LOOK_AGAIN_EVERY = 8;
/** A port that answers may be another program's by now: whose it is is looked at again, more seldom. */
const OWNER_CHECK_EVERY = 64;
const NO_ENDPOINTS = { endpoint: undefined, detail: 'endpoints are switched off' } as const;

/** Samples the Go processes: what the kernel says of them, what their memory holds, and what their endpoints said last. */
export class GoPrograms {
  readonly #options: GoProgramsOptions;
  readonly #details: ProcessDetails;
  #anonAtEndpoint: ReadonlyMap<string, AnonAtEndpoint> = new Map();

  constructor(options: GoProgramsOptions) {
    this.#options = options;
    this.#details = new ProcessDetails(options.reader);
  }

  /** One sample of each process that is still the one that was found, one process a step. */
  *take(cgroups: ReadonlyMap<string, CgroupSample>, onMiss: OnMiss): Generator<void, ReadonlyMap<number, GoSample>> {
    const { processes, reader, poller } = this.#options;
    const samples = new Map<number, GoSample>();
    const anonAt = new Map<string, AnonAtEndpoint>();
    for (const tracked of [...processes.tracked.values()]) {
      const { pid, startTimeTicks, go, cgroupPath, workloadPath } = tracked;
      if (go === undefined) continue;
      const stat = reader.stat(pid);
      if (!stat.ok || stat.value.startTimeTicks !== startTimeTicks) {
        if (!stat.ok && stat.miss.kind !== 'absent') onMiss(stat.miss);
        processes.drop(pid);
        continue;
      }
      const status = reader.status(pid);
      if (!status.ok && status.miss.kind !== 'absent') onMiss(status.miss);
      const key = processKey(tracked);
      const { endpoint, detail } = poller?.sample(key) ?? NO_ENDPOINTS;
      const workload = cgroups.get(workloadPath);
      const anon = this.#anonWith(key, endpoint, workload);
      anonAt.set(key, anon);
      samples.set(pid, {
        pid,
        startTimeTicks,
        cgroupPath,
        workloadPath,
        build: go.build,
        handlers: go.handlers,
        environment: go.environment,
        limits: go.limits,
        stat: stat.value,
        status: status.ok ? status.value : undefined,
        ...this.#details.of(key, stat.value, status.ok ? status.value : undefined),
        memory: yield* this.#memoryOf(key, tracked, workload),
        endpoint,
        endpointDetail: detail,
        workloadAnonAtEndpoint: anon.readAtMs === undefined ? undefined : anon.bytes,
      });
      yield;
    }
    this.#anonAtEndpoint = anonAt;
    return samples;
  }

  /** Lets go of what is gone, looks for the endpoints of processes that are new, and now and then again for those without one. */
  *follow(cycle: number): Generator<void, void> {
    const { processes, identities, poller, memory } = this.#options;
    const goProcesses = [...processes.tracked.values()].filter((tracked) => tracked.go !== undefined);
    const keys = new Set(goProcesses.map(processKey));
    memory.retain(keys);
    this.#details.retain(keys);
    if (poller === undefined) return;
    poller.retain(keys);
    const perPod = groupBy(
      goProcesses,
      (tracked) => identities.current.get(tracked.workloadPath)?.podUid ?? tracked.workloadPath,
    );
    // What belongs to a network namespace is read once in a pass, and some milliseconds of it at most between two steps.
    const pass = this.#options.discovery.begin();
    for (const [index, tracked] of goProcesses.entries()) {
      const key = processKey(tracked);
      // Programs listen some time after they start, and may listen elsewhere later.
      const every = poller.sample(key).endpoint === undefined ? LOOK_AGAIN_EVERY : OWNER_CHECK_EVERY;
      const lookAgain = (cycle + index) % every === 0;
      if (poller.has(key) && !lookAgain) continue;
      const pod = identities.current.get(tracked.workloadPath)?.podUid ?? tracked.workloadPath;
      this.#find(poller, pass, tracked, perPod.get(pod)?.length === 1);
      yield;
    }
  }

  #find(
    poller: EndpointPoller,
    pass: ReturnType<EndpointDiscovery['begin']>,
    tracked: TrackedProcess,
    sole: boolean,
  ): void {
    const key = processKey(tracked);
    const configured = this.#configured(tracked);
    const handlers = tracked.go?.handlers;
    const version = tracked.go?.build.goVersion;
    if (configured === undefined) {
      const hint = this.#hint(tracked);
      const asked = hint === undefined ? handlers : hintedHandlers(handlers, hint);
      const found = pass.discover(tracked.pid, asked, sole);
      poller.add(key, hint === undefined ? found : withHint(found, hint), asked, version);
    } else
      poller.add(
        key,
        pass.configured(tracked.pid, configured),
        handlers ?? { pprof: true, expvar: true, promhttp: true },
        version,
      );
  }

  /** What a runtime manages is set against what its cgroup holds at the same moment: the first time without waiting for its turn. */
  *#memoryOf(
    key: string,
    tracked: TrackedProcess,
    workload: CgroupSample | undefined,
  ): Generator<void, GoSample['memory']> {
    const sample = yield* this.#options.memory.read(key, tracked, freshAnon(workload));
    if (sample.snapshot !== undefined && sample.together === undefined) this.#options.readSoon(tracked.workloadPath);
    return sample;
  }

  /** Anonymous memory of the workload when the endpoint's figures were new: kept until there are newer ones. */
  #anonWith(key: string, endpoint: EndpointSample | undefined, workload: CgroupSample | undefined): AnonAtEndpoint {
    const readAtMs = (endpoint?.metrics ?? endpoint?.memStats)?.at.monotonicMs;
    const known = this.#anonAtEndpoint.get(key);
    return known !== undefined && known.readAtMs === readAtMs ? known : { readAtMs, bytes: workload?.memoryStat?.anon };
  }

  #hint(tracked: TrackedProcess): EndpointHint | undefined {
    const { identities, hint } = this.#options;
    const podUid = identities.current.get(tracked.workloadPath)?.podUid;
    return podUid === undefined ? undefined : hint?.(podUid);
  }

  #configured(tracked: TrackedProcess): ConfiguredEndpoint | undefined {
    const { identities, reader, configured } = this.#options;
    const identity = identities.current.get(tracked.workloadPath);
    const comm = reader.stat(tracked.pid);
    return configured({
      namespace: identity?.namespace,
      pod: identity?.pod,
      container: identity?.container ?? identity?.unit,
      comm: comm.ok ? comm.value.comm : '',
      module: tracked.go?.build.main?.path,
    });
  }
}

/** memory.stat is not read in every cycle; an old figure is no partner for a new one. */
function freshAnon(workload: CgroupSample | undefined): number | undefined {
  return workload !== undefined && workload.slowReadAtMs === workload.readAtMs ? workload.memoryStat?.anon : undefined;
}

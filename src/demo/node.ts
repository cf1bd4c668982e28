import type { Clock } from '../base/clock.ts';
import { loadAt } from './counters.ts';
import { type Endpoint, openEndpoint } from './endpoints.ts';
import type { Listener } from './net-files.ts';
import { type NodePaths, NodeTree } from './node-tree.ts';
import type { ProcessView } from './process-view.ts';
import { WORKLOADS } from './workloads.ts';
import { createWorld, type Running, UP_BEFORE } from './world.ts';

/** What {@link startSimulatedNode} needs. */
export interface SimulatedNodeOptions {
  /** An empty directory of the caller's, who also removes it. */
  readonly directory: string;
  readonly clock: Clock;
  /** Where the simulated processes listen. The files say 127.0.0.1, so nothing else will be found. */
  readonly host: '127.0.0.1';
  /** Process id under which the agent itself is shown; made up when not given. */
  readonly self?: number;
}

/** One workload of the simulated node, for people. */
export interface WorkloadDescription {
  /** `namespace/pod`, the UID of a pod whose names cannot be learnt, or the path of a systemd unit. */
  readonly subject: string;
  readonly container: string;
  readonly story: string;
  /** Rules that should fire for it; empty for a healthy one. */
  readonly expects: readonly string[];
  /** Port of its HTTP server; undefined when it serves nothing. */
  readonly port: number | undefined;
}

/** A node made of files and local HTTP servers: real formats, invented workloads. */
export interface SimulatedNode extends NodePaths {
  readonly workloads: readonly WorkloadDescription[];
  /** Brings files and servers to the clock's now. A clock that goes back is ignored. */
  tick(): void;
  /** Closes the servers. The files stay for the caller to remove. */
  close(): Promise<void>;
}

/**
 * Builds the node in `directory` and starts its servers. Everything follows from the clock, so two runs are alike but for ports.
 * Rejects when a port cannot be opened or a file cannot be written.
 */
export async function startSimulatedNode(options: SimulatedNodeOptions): Promise<SimulatedNode> {
  const { clock } = options;
  const start = clock.now();
  const world = createWorld(WORKLOADS, options.self);
  let second = 0;
  let running = world.at(second);
  const endpoints = new Map<string, Endpoint>();
  const listenersOf = (entries: readonly Running[]) => {
    const listeners = new Map<string, Listener>();
    for (const { workload, socketInode } of entries) {
      const port = endpoints.get(workload.name)?.port;
      if (port !== undefined) listeners.set(workload.name, { port, inode: socketInode });
    }
    return listeners;
  };
  const close = async () => {
    await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
  };
  try {
    for (const [index, { workload }] of running.entries()) {
      if (workload.go === undefined || Object.keys(workload.go.serves).length === 0) continue;
      const view = () => viewOf(running[index], start.wallMs, second);
      endpoints.set(workload.name, await openEndpoint(options.host, view, () => start.wallMs + second * 1000));
    }
    const tree = new NodeTree(options.directory, Math.floor(start.wallMs / 1000) - UP_BEFORE, running);
    tree.update(running, second, listenersOf(running));
    return {
      ...tree.paths,
      workloads: running.map((entry) => describe(entry, endpoints.get(entry.workload.name)?.port)),
      tick: () => {
        second = Math.max(second, (clock.now().monotonicMs - start.monotonicMs) / 1000);
        const before = running;
        running = world.at(second);
        for (const [index, entry] of running.entries()) {
          if (before[index]?.kills !== entry.kills) endpoints.get(entry.workload.name)?.hangUp();
        }
        tree.update(running, second, listenersOf(running));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function describe({ workload, podUid }: Running, port: number | undefined): WorkloadDescription {
  const { place } = workload;
  const pod = place.kind === 'pod' && place.named ? `${place.namespace}/${place.pod}` : `pod ${podUid}`;
  return {
    subject: place.kind === 'pod' ? pod : place.path,
    container: workload.name,
    story: workload.story,
    expects: workload.expects,
    port,
  };
}

/** The process as its own handlers see it; undefined for a program that is not Go. */
export function viewOf(running: Running | undefined, startWallMs: number, second: number): ProcessView | undefined {
  if (running?.runtime === undefined || running.workload.go === undefined) return undefined;
  const { workload, runtime: stats, memory, counters } = running;
  const startedAtMs = startWallMs + running.startedAt * 1000;
  const lastAge = stats.heap.lastCollectionAge;
  return {
    workload,
    program: running.workload.go,
    stats,
    goroutines: Math.round(running.workload.go.goroutines * loadAt(workload, second)),
    startedAtMs,
    lastGcMs: lastAge === undefined ? undefined : startedAtMs + lastAge * 1000,
    cpuSeconds: Math.floor(counters.usageUsec / 10_000) / 100,
    residentBytes: memory.anon + Math.min(memory.file, 16 * 1024 * 1024),
    openFiles: 12,
  };
}

import { type Counters, countersBetween } from './counters.ts';
import { hexId, uuidOf } from './identifiers.ts';
import { lifetimeSeconds, type MemoryState, memoryAt, runtimeAt } from './memory-state.ts';
import type { RuntimeStats } from './runtime-stats.ts';
import type { Workload } from './workload.ts';

/** CPUs of the simulated node. */
export const NODE_CPUS = 16;
/** Memory of the simulated node, bytes. */
export const NODE_MEMORY = 64 * 1024 ** 3;
/** Seconds the node had been up when the simulation starts: three days. */
export const UP_BEFORE = 259_200;

/** Above what a machine without a raised pid_max gives out, so that no made-up process has the agent's own id. */
const FIRST_PID = 1_000_000;

/** One workload at one moment: the process that runs now and what its cgroups count. */
export interface Running {
  readonly workload: Workload;
  /** How often the kernel has killed it; with it the container id and the process id change. */
  readonly kills: number;
  /** Simulation seconds; negative for before its start. */
  readonly podStartedAt: number;
  readonly startedAt: number;
  /** Seconds the process has lived. */
  readonly age: number;
  readonly pid: number;
  readonly sandboxPid: number;
  readonly podUid: string;
  readonly containerId: string;
  readonly sandboxId: string;
  /** Of the socket it listens on. */
  readonly socketInode: number;
  /** Since the container started. */
  readonly counters: Counters;
  /** Since the pod started: what outlives a container. */
  readonly podCounters: Counters;
  readonly memory: MemoryState;
  readonly runtime: RuntimeStats | undefined;
}

/** What stays the same about a workload for the whole simulation. */
interface Settled {
  readonly workload: Workload;
  readonly index: number;
  readonly lifetime: number;
}

/** The simulated node: everything follows from the seconds since its start. */
export interface World {
  at(second: number): readonly Running[];
}

/** A world with these workloads. `selfPid` is the process id of the last one, the agent; made up when undefined. */
export function createWorld(workloads: readonly Workload[], selfPid: number | undefined): World {
  const settled = workloads.map((workload, index) => ({ workload, index, lifetime: lifetimeSeconds(workload) }));
  return {
    at: (second) =>
      settled.map((entry) => {
        const running = runningAt(entry, second);
        return selfPid !== undefined && entry.index === workloads.length - 1 ? { ...running, pid: selfPid } : running;
      }),
  };
}

function runningAt({ workload, index, lifetime }: Settled, second: number): Running {
  const podStartedAt = -workload.podAgeSeconds;
  const kills = Math.floor((second - podStartedAt) / lifetime);
  const startedAt = podStartedAt + (kills === 0 ? 0 : kills * lifetime);
  const age = second - startedAt;
  const name = `${workload.name}/${index}`;
  const isInit = workload.place.kind === 'unit' && workload.place.path === '/init.scope';
  return {
    workload,
    kills,
    podStartedAt,
    startedAt,
    age,
    pid: isInit ? 1 : FIRST_PID + 10_000 * index + 40 + ((kills * 12) % 9000),
    sandboxPid: FIRST_PID + 10_000 * index + 11,
    podUid: uuidOf(`pod/${name}`),
    containerId: hexId(`container/${name}/${kills}`),
    sandboxId: hexId(`sandbox/${name}`),
    socketInode: 500_000 + index * 10_000 + kills,
    counters: countersBetween(workload, startedAt, second),
    podCounters: countersBetween(workload, podStartedAt, second),
    memory: memoryAt(workload, age),
    runtime: runtimeAt(workload, age),
  };
}

import { podPath, sandboxPath, workloadPath } from '../../src/demo/cgroup-paths.ts';
import { MIB, type Workload } from '../../src/demo/workload.ts';
import { createWorld, type Running } from '../../src/demo/world.ts';

/** The load the goals are for: a node at the kubelet's default of 110 pods. */
export const PODS = 110;
export const CONTAINERS = 300;
export const GO_PROCESSES = 100;
const WITHOUT_SANDBOX = CONTAINERS - PODS;
const VERSIONS = ['go1.19.13', 'go1.21.13', 'go1.22.5', 'go1.24.2', 'go1.26.4'];

/** Everything that runs in pods: the first 110 are alone in theirs, the others move in with them. */
export function benchWorkloads(): readonly Running[] {
  const world = createWorld(
    Array.from({ length: WITHOUT_SANDBOX }, (_, index) => workload(index)),
    undefined,
  ).at(0);
  return world.map((running, index) => {
    const host = world[index % PODS];
    if (host === undefined || host === running) return running;
    const { podUid, sandboxId, sandboxPid, podCounters, podStartedAt } = host;
    const place = host.workload.place;
    return {
      ...running,
      workload: { ...running.workload, place },
      podUid,
      sandboxId,
      sandboxPid,
      podCounters,
      podStartedAt,
    };
  });
}

/** The cgroups of containers, pause containers among them. */
export function containerPaths(running: readonly Running[]): readonly string[] {
  return [...new Set(running.flatMap((entry) => [sandboxPath(entry) ?? '', workloadPath(entry)]))];
}

/** The cgroups of pods. */
export function podPaths(running: readonly Running[]): readonly string[] {
  return [...new Set(running.map((entry) => podPath(entry) ?? ''))];
}

function workload(index: number): Workload {
  const pod = index % PODS;
  const qos = pod % 10 === 0 ? 'Guaranteed' : pod % 5 === 0 ? 'BestEffort' : 'Burstable';
  const limited = qos !== 'BestEffort' && index % 3 !== 0;
  const memory = { otherAnonBytes: (8 + (index % 40)) * MIB, fileBytes: (4 + (index % 30)) * MIB };
  const cpu = { requestMilli: 100 + index, meanCores: 0.02 + index / 2000, throttledRatio: limited ? 0.01 : 0 };
  const base: Workload = {
    name: `service-${index}`,
    place: {
      kind: 'pod',
      namespace: `team-${pod % 12}`,
      pod: `service-${pod}-6c9f7d5b88-x${pod}kqp`,
      qos,
      named: true,
    },
    expects: [],
    story: '',
    podAgeSeconds: 20_000 + index,
    cpu: limited ? { ...cpu, limitCores: 1 + (index % 4) } : cpu,
    memory: limited ? { ...memory, limitBytes: (256 + index) * MIB } : memory,
    executable: `/usr/local/bin/service-${index}`,
    arguments: ['--listen=:8080'],
    environment: index % 4 === 0 ? ['GOMEMLIMIT=200MiB'] : ['MODE=production'],
    threads: 8 + (index % 20),
  };
  if (index >= GO_PROCESSES) return base;
  return {
    ...base,
    go: {
      version: VERSIONS[index % VERSIONS.length] ?? '',
      module: `example.com/team-${pod % 12}/service-${index}`,
      gomaxprocs: 16,
      gogc: 100,
      gomemlimit: 'off',
      liveBytes: 20 * MIB,
      allocationRate: MIB,
      retains: 'nothing',
      goroutines: 100 + index,
      pauseMs: 0.1,
      serves: { pprof: true },
    },
  };
}

import type { ContainerModel } from '../model/container-types.ts';
import { humanCores, percent } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

interface NodeShare {
  readonly node: number;
  readonly cpus: number;
  readonly bytes: number;
}

/**
 * Whether containers of other pods, or others of its own, may use some of these CPUs; undefined: not known of one, and no other does. What
 * runs outside of pods (the kubelet, the container runtime) may use all CPUs on every node, also those that were given to a container.
 */
function isShared(container: ContainerModel, cpus: ReadonlySet<number>, neighbours: readonly ContainerModel[]) {
  let unsure = false;
  for (const other of neighbours) {
    if (other.key === container.key || other.identity.kind !== 'kubernetes') continue;
    const theirs = other.placement?.cpus;
    unsure ||= theirs === undefined;
    if (theirs?.some((cpu) => cpus.has(cpu)) === true) return true;
  }
  return unsure ? undefined : false;
}

/** `0-3,8`. */
function cpuList(cpus: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const cpu of cpus) {
    const last = ranges.at(-1);
    if (last?.[1] === cpu - 1) last[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function detect({ container, processes, neighbours, thresholds, node }: ContainerContext): Verdict {
  const nodes = node.numaNodes;
  if (nodes === undefined) return unknown('NUMA nodes of the machine (/sys/devices/system/node)');
  if (nodes.length < 2) return clear('the machine has one NUMA node');
  if (processes.length === 0)
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  const cpus = container.placement?.cpus;
  if (cpus === undefined || node.cpusOnline === undefined) return unknown('cpuset.cpus.effective and the CPUs online');
  if (cpus.length >= node.cpusOnline) return clear('it may run on all CPUs: nobody gave it some of its own');
  const own = new Set(cpus);
  const within = nodes.filter((of) => of.cpus.some((cpu) => own.has(cpu)));
  if (within.length < 2)
    return clear(`all CPUs it may use are on ${within[0] === undefined ? 'no known node' : `node ${within[0].node}`}`);
  const { identity } = container;
  if (identity.kind === 'kubernetes') {
    if (identity.qos !== 'Guaranteed')
      return clear('it shares its CPUs with other containers: its pod is not Guaranteed');
    const shared = isShared(container, own, neighbours);
    if (shared === true) return clear('it shares its CPUs with other containers');
    if (shared === undefined) return unknown('cpuset.cpus.effective of the other containers');
  }
  const usage = container.cpu.usageCores;
  if (usage === undefined) return unknown('CPU usage of the container in two samples');
  const { busyCores, memoryRatio } = thresholds.numa;
  if (usage < busyCores) return clear(`it uses ${humanCores(usage, 2)}, too little for it to matter`);
  const byNode = container.placement?.anonByNode;
  if (byNode === undefined) return unknown('memory.numa_stat of the container');
  const total = byNode.reduce((sum, { bytes }) => sum + bytes, 0);
  const second = byNode.map(({ bytes }) => bytes).toSorted((a, b) => b - a)[1] ?? 0;
  const ratio = total > 0 ? second / total : 0;
  const shares = nodes.map(
    (of): NodeShare => ({
      node: of.node,
      cpus: of.cpus.filter((cpu) => own.has(cpu)).length,
      bytes: byNode.find((held) => held.node === of.node)?.bytes ?? 0,
    }),
  );
  const evidence: Evidence[] = [
    {
      signal: 'memory on the second node',
      value: ratio,
      unit: 'ratio',
      bound: memoryRatio,
      source: 'memory.numa_stat anon',
    },
    { signal: 'CPU used', value: usage, unit: 'cores', bound: busyCores, source: 'cpu.stat usage_usec' },
  ];
  if (ratio < memoryRatio) return clear(`${percent(1 - ratio)} of its memory or more is on one node`, evidence);
  const used = shares.filter((share) => share.cpus > 0 || share.bytes > 0);
  for (const share of used)
    evidence.push(
      { signal: `CPUs on node ${share.node}`, value: share.cpus, unit: 'count', source: 'cpuset.cpus.effective' },
      { signal: `memory on node ${share.node}`, value: share.bytes, unit: 'bytes', source: 'memory.numa_stat anon' },
    );
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `it has ${cpus.length} CPUs to itself on nodes ${within.map((of) => of.node).join(' and ')}, and ${percent(ratio)} of its memory is on the second: much of what it reads is on another node than the CPU that reads it`,
    evidence,
    remedy: { text: remedyText(identity.kind, cpus, nodes) },
  };
}

function remedyText(
  kind: ContainerModel['identity']['kind'],
  cpus: readonly number[],
  nodes: readonly { readonly node: number; readonly cpus: readonly number[] }[],
): string {
  const room = nodes.toSorted((a, b) => b.cpus.length - a.cpus.length)[0];
  if (room === undefined || room.cpus.length < cpus.length)
    return `No node has ${cpus.length} CPUs: split the program into replicas of ${room?.cpus.length ?? 0} CPUs or fewer, each on one node.`;
  if (kind === 'kubernetes')
    return `One node has room for its ${cpus.length} CPUs. Set topologyManagerPolicy: single-numa-node (or restricted) and memoryManagerPolicy: Static in the kubelet’s configuration, and start the pod anew: both count for new pods only.`;
  const list = cpuList(room.cpus.slice(0, cpus.length));
  return kind === 'systemd'
    ? `Keep it on one node: \`AllowedCPUs=${list}\` and \`AllowedMemoryNodes=${room.node}\` in the unit, and restart it.`
    : `Keep it on one node: \`--cpuset-cpus=${list} --cpuset-mems=${room.node}\`, or what your runtime has for them, and start it anew.`;
}

/** cpuset.cpus.effective against the CPUs of each node, and memory.numa_stat anon by node (cgroup-v2.rst). */
export const cpusetSpansNumaNodes: Rule = {
  id: 'CpusetSpansNumaNodes',
  title: 'A busy Go program is pinned to CPUs of more than one memory node',
  subject: 'container',
  forSeconds: 300,
  about: {
    meaning:
      'On a machine with several NUMA nodes each CPU has memory of its own, and that of another node takes longer to reach. The Go runtime knows nothing of nodes: its heap is one, and goroutines and the collector’s workers run wherever a CPU is free. A container that has CPUs to itself gains least from them when they and its memory lie on two nodes.',
    firesWhen:
      'The machine has more than one node; somebody gave the container CPUs of its own (in Kubernetes: the pod is Guaranteed and no other container of a pod may use any of these CPUs; elsewhere: cpuset.cpus is set); they are on more than one node; a second node holds `numa.memoryRatio` of its anonymous memory or more; and it uses `numa.busyCores` or more. For 5 minutes.',
    severity: 'info.',
    change:
      'In Kubernetes the kubelet decides: topologyManagerPolicy `single-numa-node` (or `restricted`) with memoryManagerPolicy `Static`. Elsewhere the cpuset and memory nodes are named. A container with more CPUs than a node has is better split into replicas.',
    silentWhen:
      'There is one node (then nothing is read for this); all its CPUs or nearly all its memory are on one node; it uses little CPU; it holds no Go program; or it may use all CPUs, or CPUs it shares with other containers, as nearly every pod does. A shared pool spans nodes by its nature: only the kubelet’s static CPU manager with a topology policy changes that, and it is a choice for the few programs that need it.',
    unknownWhen:
      'The nodes of the machine, the CPUs of the container or of others, its CPU usage or memory.numa_stat could not be read.',
    sources: [
      'cgroup-v2.rst, cpuset.cpus.effective and memory.numa_stat',
      'Kubernetes, Control Topology Management Policies on a Node',
      'D. Vyukov, NUMA-aware scheduler for Go (2014), which Go does not have as of 1.26',
    ],
  },
  detect,
};

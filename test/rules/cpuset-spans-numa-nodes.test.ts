import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import { cpusetSpansNumaNodes } from '../../src/rules/cpuset-spans-numa-nodes.ts';
import type { ContainerContext, Verdict } from '../../src/rules/types.ts';
import {
  container,
  containerContext,
  evidence,
  goProcess,
  holds,
  MIB,
  missing,
  nodeModel,
  whyClear,
} from './models.ts';

/** Two nodes with eight CPUs each: 0-7 and 8-15. */
const NODES = [
  { node: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
  { node: 1, cpus: [8, 9, 10, 11, 12, 13, 14, 15] },
];
const HALF_AND_HALF = [
  { node: 0, bytes: 100 * MIB },
  { node: 1, bytes: 60 * MIB },
];

/** A Guaranteed pod with CPUs 6 to 9, two of each node; 1.2 cores used. */
const pinned = (over: Partial<ContainerModel> = {}, qos = 'Guaranteed'): ContainerModel => {
  const usual = container({ placement: { cpus: [6, 7, 8, 9], anonByNode: HALF_AND_HALF }, ...over });
  return { ...usual, identity: { ...usual.identity, qos } };
};

/** The shared pool: what the static CPU manager leaves. */
const pool = (cpus: readonly number[] | undefined = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]): ContainerModel =>
  container({ key: '/kubepods/pod-b/other#2', placement: { cpus, anonByNode: undefined } });

function judge(
  of: ContainerModel,
  over: Partial<ContainerContext> = {},
  numaNodes: typeof NODES | undefined = NODES,
): Verdict {
  if (cpusetSpansNumaNodes.subject !== 'container') throw new Error('a rule about containers');
  const node = nodeModel({ node: { numaNodes } }).node;
  return cpusetSpansNumaNodes.detect({ ...containerContext(of), neighbours: [of, pool()], node, ...over });
}

describe('CpusetSpansNumaNodes', () => {
  it('makes a note of a busy Go program with CPUs to itself and memory on two nodes', () => {
    const verdict = holds(judge(pinned()));
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toContain('4 CPUs to itself on nodes 0 and 1');
    // 60 of 160 MiB.
    expect(evidence(verdict, 'memory on the second node')).toBe(0.375);
    expect(evidence(verdict, 'CPUs on node 0')).toBe(2);
    expect(evidence(verdict, 'memory on node 1')).toBe(60 * MIB);
    expect(verdict.remedy.text).toContain('topologyManagerPolicy: single-numa-node');
  });

  it('minds no units of the node: the kubelet may use every CPU, and its cpuset may be unreadable', () => {
    const all = Array.from({ length: 16 }, (_, cpu) => cpu);
    const unit = (name: string, cpus: readonly number[] | undefined): ContainerModel => {
      const usual = container({ key: `/system.slice/${name}#3`, placement: { cpus, anonByNode: undefined } });
      return { ...usual, identity: { ...usual.identity, kind: 'systemd', unit: name, qos: undefined } };
    };
    const of = pinned();
    const units = [unit('kubelet.service', all), unit('containerd.service', undefined)];
    expect(judge(of, { neighbours: [of, pool(), ...units] }).outcome).toBe('holds');
    // Another pod's container counts as before.
    expect(whyClear(judge(of, { neighbours: [of, pool(all), ...units] }))).toContain('shares its CPUs');
  });

  it('says so when no node has as many CPUs', () => {
    const wide = pinned({
      placement: { cpus: Array.from({ length: 12 }, (_, cpu) => cpu), anonByNode: HALF_AND_HALF },
    });
    const verdict = holds(judge(wide, { neighbours: [wide, pool([12, 13, 14, 15])] }));
    expect(verdict.remedy.text).toBe(
      'No node has 12 CPUs: split the program into replicas of 8 CPUs or fewer, each on one node.',
    );
  });

  it('names CPUs and memory nodes outside Kubernetes, where a cpuset is somebody’s choice', () => {
    const usual = pinned();
    const unit = { ...usual, identity: { ...usual.identity, kind: 'systemd' as const, qos: undefined } };
    const text = holds(judge(unit, { neighbours: [unit, pool([6, 7])] })).remedy.text;
    expect(text).toContain('`AllowedCPUs=0-3` and `AllowedMemoryNodes=0`');
    const docker = { ...usual, identity: { ...usual.identity, kind: 'docker' as const, qos: undefined } };
    expect(holds(judge(docker)).remedy.text).toContain('--cpuset-cpus=0-3 --cpuset-mems=0');
  });

  it('is clear on a machine with one node, whatever else is not known', () => {
    const bare = container();
    expect(whyClear(judge(bare, {}, []))).toBe('the machine has one NUMA node');
  });

  it('is no noise: shared pools, all CPUs, one node, little use, memory on one node', () => {
    const all = pinned({ placement: { cpus: Array.from({ length: 16 }, (_, cpu) => cpu), anonByNode: HALF_AND_HALF } });
    expect(whyClear(judge(all))).toContain('all CPUs');
    expect(whyClear(judge(pinned({}, 'Burstable')))).toContain('not Guaranteed');
    expect(whyClear(judge(pinned(), { neighbours: [pinned(), pool([9, 10])] }))).toContain('shares its CPUs');
    const one = pinned({ placement: { cpus: [0, 1, 2], anonByNode: HALF_AND_HALF } });
    expect(whyClear(judge(one, { neighbours: [one] }))).toBe('all CPUs it may use are on node 0');
    expect(whyClear(judge(pinned({ cpu: { ...container().cpu, usageCores: 0.4 } })))).toContain('uses 0.4 cores');
    // 9 of 100.
    const near = [
      { node: 0, bytes: 91 * MIB },
      { node: 1, bytes: 9 * MIB },
    ];
    expect(whyClear(judge(pinned({ placement: { cpus: [6, 7, 8, 9], anonByNode: near } })))).toContain('91 %');
    expect(whyClear(judge(pinned(), { processes: [] }))).toContain('no Go process');
  });

  it('is unknown without its inputs', () => {
    const node = nodeModel().node;
    expect(missing(judge(pinned(), { node }))).toContain('NUMA nodes');
    expect(missing(judge(container()))).toContain('cpuset.cpus.effective');
    expect(missing(judge(pinned(), { neighbours: [pinned(), pool(undefined), container({ key: 'x' })] }))).toContain(
      'of the other containers',
    );
    expect(missing(judge(pinned({ cpu: { ...container().cpu, usageCores: undefined } })))).toContain('CPU usage');
    expect(missing(judge(pinned({ placement: { cpus: [6, 7, 8], anonByNode: undefined } })))).toContain('numa_stat');
    const unseen = pinned({ unseenProcesses: 2 });
    expect(missing(judge(unseen, { processes: [] }))).toContain('executables of 2 processes');
    expect(judge(unseen, { processes: [goProcess()] }).outcome).toBe('holds');
  });
});

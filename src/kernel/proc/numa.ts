import type { Miss } from '../../base/reading.ts';
import type { FileReader } from '../../io/file-reader.ts';
import { parseCpuList } from '../cgroup/cpuset.ts';

/** A NUMA node and its CPUs; none for a node that is memory only. */
export interface NumaNode {
  readonly node: number;
  readonly cpus: readonly number[];
}

/** More nodes than any kernel is built for (CONFIG_NODES_SHIFT is at most 10). */
const MAX_NODES = 1024;

/**
 * The NUMA nodes that are online, with their CPUs. Empty when there are fewer than two, for which one file is read, or none where the
 * kernel has no NUMA. Undefined when a list could not be read; `onMiss` is told why.
 * Source: drivers/base/node.c and Documentation/ABI/stable/sysfs-devices-node, Linux 6.12.
 */
export function readNumaNodes(
  sysRoot: string,
  files: FileReader,
  onMiss: (miss: Miss) => void,
): readonly NumaNode[] | undefined {
  const directory = `${sysRoot}/devices/system/node`;
  const list = (name: string): readonly number[] | 'absent' | undefined => {
    const source = `${directory}/${name}`;
    const length = files.read(source);
    const value = length < 0 ? undefined : parseCpuList(files.bytes, length);
    if (value !== undefined) return value;
    const { kind, code } = files.failure;
    if (length < 0 && kind === 'absent') return 'absent';
    onMiss(
      length < 0
        ? { kind, reader: 'numa', source, detail: code }
        : { kind: 'malformed', reader: 'numa', source, detail: 'no list of numbers' },
    );
    return undefined;
  };
  const online = list('online');
  if (online === undefined) return undefined;
  if (online === 'absent' || online.length < 2) return [];
  if (online.length > MAX_NODES) {
    onMiss({ kind: 'malformed', reader: 'numa', source: `${directory}/online`, detail: `over ${MAX_NODES} nodes` });
    return undefined;
  }
  const nodes: NumaNode[] = [];
  for (const node of online) {
    const cpus = list(`node${node}/cpulist`);
    if (cpus === undefined) return undefined;
    // It went offline since the list was read.
    if (cpus !== 'absent') nodes.push({ node, cpus });
  }
  return nodes.length < 2 ? [] : nodes;
}

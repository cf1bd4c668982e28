import { type Miss, missed } from '../../base/reading.ts';
import type { FileReader } from '../../io/file-reader.ts';
import { parseCpuList } from '../cgroup/cpuset.ts';
import { pressureParser } from '../cgroup/pressure.ts';
import type { Parse } from '../cgroup/scan.ts';
import type { Pressure } from '../cgroup/types.ts';
import { type BlockDevice, readBlockDevices } from './block-devices.ts';
import { parseMemInfo } from './meminfo.ts';
import type { NumaNode } from './numa.ts';
import { parseChoiceFile, parseLineFile, parseNumberFile } from './sysctl.ts';
import { parseSystemStat } from './system-stat.ts';
import type { MemInfo } from './types.ts';
import { parseUptime } from './uptime.ts';

/** What the whole node says. Undefined: could not be read; the reason was given to `onMiss`. */
export interface NodeFacts {
  readonly memInfo: MemInfo | undefined;
  /** /proc/pressure. Its cpu `full` is always zero and means nothing. */
  readonly pressure: {
    readonly cpu: Pressure | undefined;
    readonly memory: Pressure | undefined;
    readonly io: Pressure | undefined;
  };
  /** Numbers of the CPUs that are online. */
  readonly onlineCpus: readonly number[] | undefined;
  /** How many CPUs are online: from `onlineCpus`, else the `cpuN` lines of /proc/stat. */
  readonly cpusOnline: number | undefined;
  readonly uptimeSeconds: number | undefined;
  /** Unix seconds at boot. */
  readonly bootTimeSeconds: number | undefined;
  /** kernel.osrelease: `6.1.0-56-cloud-amd64`. */
  readonly kernelRelease: string | undefined;
  /** New at each boot: with a pid and its start ticks it names a process for ever. */
  readonly bootId: string | undefined;
  /** kernel.hostname of the READER's UTS namespace: the pod's name unless the agent runs with hostNetwork. */
  readonly hostname: string | undefined;
  /** Settings of the kernel that matter to a Go heap, as `vm.swappiness` or `transparent_hugepage.enabled`. A missing key was not read. */
  readonly sysctls: Readonly<Record<string, string | number>>;
  /** Disks, without loop and memory devices; undefined when /sys/block could not be listed. */
  readonly blockDevices: readonly BlockDevice[] | undefined;
  /** NUMA nodes as read at the start; empty: fewer than two. Undefined: could not be read, or was not asked for. */
  readonly numaNodes?: readonly NumaNode[] | undefined;
}

/** What {@link readNodeFacts} needs. */
export interface NodeFactsOptions {
  /** Where /proc is. */
  readonly procRoot: string;
  /** Where /sys is. */
  readonly sysRoot: string;
  readonly files: FileReader;
}

/**
 * The keys of {@link NodeFacts.sysctls} and where each is. Sources: Documentation/admin-guide/sysctl/{vm,kernel}.rst,
 * Documentation/admin-guide/mm/transhuge.rst, Linux 6.12.
 */
const NODE_SETTINGS = [
  { name: 'vm.swappiness', root: 'proc', path: 'sys/vm/swappiness', parse: parseNumberFile },
  { name: 'vm.overcommit_memory', root: 'proc', path: 'sys/vm/overcommit_memory', parse: parseNumberFile },
  { name: 'vm.panic_on_oom', root: 'proc', path: 'sys/vm/panic_on_oom', parse: parseNumberFile },
  { name: 'kernel.pid_max', root: 'proc', path: 'sys/kernel/pid_max', parse: parseNumberFile },
  { name: 'kernel.threads-max', root: 'proc', path: 'sys/kernel/threads-max', parse: parseNumberFile },
  {
    name: 'transparent_hugepage.enabled',
    root: 'sys',
    path: 'kernel/mm/transparent_hugepage/enabled',
    parse: parseChoiceFile,
  },
  {
    name: 'khugepaged.max_ptes_none',
    root: 'sys',
    path: 'kernel/mm/transparent_hugepage/khugepaged/max_ptes_none',
    parse: parseNumberFile,
  },
] as const;

/**
 * Reads the node's own files. Sources: Documentation/accounting/psi.rst, Documentation/admin-guide/cputopology.rst,
 * Documentation/filesystems/proc.rst, Linux 6.12.
 */
export function readNodeFacts(options: NodeFactsOptions, onMiss: (miss: Miss) => void): NodeFacts {
  const { procRoot, sysRoot, files } = options;
  const read = <T>(path: string, reader: string, parse: Parse<T>): T | undefined => {
    const length = files.read(path);
    const value = length < 0 ? undefined : parse(files.bytes, length);
    if (value !== undefined) return value;
    const { kind, code } = files.failure;
    const why = length < 0 ? missed(kind, reader, path, code) : missed('malformed', reader, path, 'not in its form');
    if (!why.ok) onMiss(why.miss);
    return undefined;
  };
  const parsePressure = pressureParser();
  const pressure = (name: string) => read(`${procRoot}/pressure/${name}`, `pressure.${name}`, parsePressure);
  const line = (name: string) => read(`${procRoot}/sys/kernel/${name}`, 'sysctl', parseLineFile);

  const sysctls: Record<string, string | number> = {};
  for (const { name, root, path, parse } of NODE_SETTINGS) {
    const value = read<string | number>(`${root === 'proc' ? procRoot : sysRoot}/${path}`, 'sysctl', parse);
    if (value !== undefined) sysctls[name] = value;
  }
  const onlineCpus = read(`${sysRoot}/devices/system/cpu/online`, 'cpu.online', parseCpuList);
  const stat = read(`${procRoot}/stat`, 'node.stat', parseSystemStat);
  return {
    memInfo: read(`${procRoot}/meminfo`, 'node.meminfo', parseMemInfo),
    pressure: { cpu: pressure('cpu'), memory: pressure('memory'), io: pressure('io') },
    onlineCpus,
    cpusOnline: onlineCpus?.length ?? stat?.cpus,
    uptimeSeconds: read(`${procRoot}/uptime`, 'node.uptime', parseUptime),
    bootTimeSeconds: stat?.bootTimeSeconds,
    kernelRelease: line('osrelease'),
    bootId: line('random/boot_id'),
    hostname: line('hostname'),
    sysctls,
    blockDevices: readBlockDevices(sysRoot, files),
  };
}

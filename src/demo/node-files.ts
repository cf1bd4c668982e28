import type { CgroupState } from './cgroup-state.ts';
import { uuidOf } from './identifiers.ts';
import { kernelBytes } from './memory-state.ts';
import { pressureFile } from './pressure-file.ts';
import { NODE_CPUS, NODE_MEMORY, UP_BEFORE } from './world.ts';

/** Name of the simulated node. It says what it is: nobody should take this node for a real one. */
export const NODE_NAME = 'simulated-node';

/** Files under /proc that never change: path to content. */
export const STEADY_PROC_FILES: Readonly<Record<string, string>> = {
  'sys/fs/inotify/max_user_instances': '128\n',
  'sys/fs/inotify/max_user_watches': '524288\n',
  'sys/kernel/hostname': `${NODE_NAME}\n`,
  'sys/kernel/osrelease': '6.1.0-simulated\n',
  'sys/kernel/pid_max': '4194304\n',
  'sys/kernel/random/boot_id': `${uuidOf('boot')}\n`,
  'sys/kernel/threads-max': '512000\n',
  'sys/vm/max_map_count': '262144\n',
  'sys/vm/min_free_kbytes': '67584\n',
  'sys/vm/oom_kill_allocating_task': '0\n',
  'sys/vm/overcommit_memory': '1\n',
  'sys/vm/overcommit_ratio': '50\n',
  'sys/vm/panic_on_oom': '0\n',
  'sys/vm/swappiness': '60\n',
  swaps: 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
  version: 'Linux version 6.1.0-simulated (cgopher demo) #1 SMP PREEMPT_DYNAMIC\n',
};

/** Files under /sys beside the cgroup mount: path to content. */
export const SYSFS_FILES: Readonly<Record<string, string>> = {
  'devices/system/cpu/online': `0-${NODE_CPUS - 1}\n`,
  'devices/system/cpu/possible': `0-${NODE_CPUS - 1}\n`,
  'kernel/mm/transparent_hugepage/defrag': 'always defer defer+madvise [madvise] never\n',
  'kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  'kernel/mm/transparent_hugepage/khugepaged/max_ptes_none': '511\n',
};

/** Files under /proc about the whole node: path to content. `bootWallSeconds` is the Unix time of its boot. */
export function nodeProcFiles(
  root: CgroupState,
  second: number,
  bootWallSeconds: number,
): Readonly<Record<string, string>> {
  const { counters } = root;
  return {
    loadavg: '9.20 8.90 8.70 9/620 190001\n',
    meminfo: meminfo(root),
    'pressure/cpu': pressureFile(root.cpuSome, counters.cpuSomeUsec, 0, 0),
    'pressure/io': pressureFile(0.002, counters.ioSomeUsec, 0.001, counters.ioFullUsec),
    'pressure/memory': pressureFile(
      root.memorySome,
      counters.memorySomeUsec,
      root.memorySome * 0.8,
      counters.memoryFullUsec,
    ),
    stat: stat(root, second, bootWallSeconds),
    uptime: `${(UP_BEFORE + second).toFixed(2)} ${(idleSeconds(root, second)).toFixed(2)}\n`,
  };
}

function idleSeconds(root: CgroupState, second: number): number {
  return NODE_CPUS * (UP_BEFORE + second) - root.counters.usageUsec / 1e6;
}

function stat(root: CgroupState, second: number, bootWallSeconds: number): string {
  const ticks = (usec: number, cpus: number) => Math.floor(usec / 10_000 / cpus);
  const row = (name: string, cpus: number) =>
    `${name} ${ticks(root.counters.userUsec, cpus)} 0 ${ticks(root.counters.systemUsec, cpus)} ` +
    `${ticks(idleSeconds(root, second) * 1e6, cpus)} 0 0 0 0 0 0\n`;
  const cpus = Array.from({ length: NODE_CPUS }, (_, cpu) => row(`cpu${cpu}`, NODE_CPUS)).join('');
  const ticked = Math.floor((UP_BEFORE + second) * 1000);
  return (
    `${row('cpu ', 1)}${cpus}intr ${ticked}\nctxt ${ticked * 4}\nbtime ${bootWallSeconds}\n` +
    `processes 190001\nprocs_running 9\nprocs_blocked 0\nsoftirq ${ticked} 0 0 0 0 0 0 0 0 0 0\n`
  );
}

function meminfo({ memory }: CgroupState): string {
  const used = memory.anon + memory.file + kernelBytes(memory);
  const slab = memory.slabReclaimable + memory.slabUnreclaimable;
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', NODE_MEMORY],
    ['MemFree', NODE_MEMORY - used],
    ['MemAvailable', NODE_MEMORY - used + memory.file],
    ['Buffers', 0],
    ['Cached', memory.file],
    ['SwapCached', 0],
    ['Active', Math.floor((memory.anon + memory.file) / 4)],
    ['Inactive', Math.floor(((memory.anon + memory.file) * 3) / 4)],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', memory.anon],
    ['Mapped', Math.floor(memory.file / 2)],
    ['Shmem', 0],
    ['KReclaimable', memory.slabReclaimable],
    ['Slab', slab],
    ['SReclaimable', memory.slabReclaimable],
    ['SUnreclaim', memory.slabUnreclaimable],
    ['KernelStack', memory.kernelStack],
    ['PageTables', memory.pagetables],
    ['AnonHugePages', Math.floor(memory.anon / 4 / 2_097_152) * 2_097_152],
  ];
  const lines = rows.map(
    ([key, bytes]) => `${`${key}:`.padEnd(15)} ${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`,
  );
  return `${lines.join('')}HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n`;
}

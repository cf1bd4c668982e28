import type { CgroupState } from './cgroup-state.ts';
import { currentBytes, kernelBytes } from './memory-state.ts';
import { pressureFile } from './pressure-file.ts';

const HUGE_PAGE = 2 * 1024 * 1024;

const table = (rows: readonly (readonly [string, number])[], separator: string) =>
  rows.map(([key, value]) => `${key}${separator}${value}\n`).join('');

/** What memory.stat and memory.numa_stat both list, in the kernel's order (6.1, mm/memcontrol.c). */
function sharedRows({ memory }: CgroupState, withSlabInside: boolean): (readonly [string, number])[] {
  const activeAnon = Math.floor(memory.anon / 16_384) * 4096;
  const activeFile = Math.floor(memory.file / 16_384) * 4096;
  const kernel: (readonly [string, number])[] = withSlabInside ? [['kernel', kernelBytes(memory)]] : [];
  const percpu: (readonly [string, number])[] = withSlabInside
    ? [
        ['percpu', 0],
        ['sock', 0],
        ['vmalloc', 0],
      ]
    : [];
  return [
    ['anon', memory.anon],
    ['file', memory.file],
    ...kernel,
    ['kernel_stack', memory.kernelStack],
    ['pagetables', memory.pagetables],
    ['sec_pagetables', 0],
    ...percpu,
    ['shmem', 0],
    ['file_mapped', Math.floor(memory.file / 8192) * 4096],
    ['file_dirty', 0],
    ['file_writeback', 0],
    ['swapcached', 0],
    ['anon_thp', Math.floor(memory.anon / 4 / HUGE_PAGE) * HUGE_PAGE],
    ['file_thp', 0],
    ['shmem_thp', 0],
    ['inactive_anon', memory.anon - activeAnon],
    ['active_anon', activeAnon],
    ['inactive_file', memory.file - activeFile],
    ['active_file', activeFile],
    ['unevictable', 0],
    ['slab_reclaimable', memory.slabReclaimable],
    ['slab_unreclaimable', memory.slabUnreclaimable],
  ];
}

const WORKINGSET = [
  'workingset_refault_anon',
  'workingset_refault_file',
  'workingset_activate_anon',
  'workingset_activate_file',
  'workingset_restore_anon',
  'workingset_restore_file',
  'workingset_nodereclaim',
].map((key) => [key, 0] as const);

function statRows(state: CgroupState): (readonly [string, number])[] {
  const { memory, counters } = state;
  const reclaimed = Math.floor(counters.memorySomeUsec / 400);
  return [
    ...sharedRows(state, true),
    ['slab', memory.slabReclaimable + memory.slabUnreclaimable],
    ...WORKINGSET,
    ['pgscan', reclaimed * 2],
    ['pgsteal', reclaimed],
    ['pgscan_kswapd', 0],
    ['pgscan_direct', reclaimed * 2],
    ['pgsteal_kswapd', 0],
    ['pgsteal_direct', reclaimed],
    ['pgfault', counters.pageFaults],
    ['pgmajfault', counters.majorFaults],
    ['pgrefill', 0],
    ['pgactivate', 0],
    ['pgdeactivate', 0],
    ['pglazyfree', 0],
    ['pglazyfreed', 0],
    ['thp_fault_alloc', 0],
    ['thp_collapse_alloc', 0],
  ];
}

/** With memory.oom.group=1 one killed process counts twice in oom_kill and once in oom_group_kill (Linux 6.1). */
function events(kills: number): string {
  return `low 0\nhigh 0\nmax ${kills * 14}\noom ${kills}\noom_kill ${kills * 2}\noom_group_kill ${kills}\n`;
}

/** The memory controller's files of one control group. */
export function memoryFiles(state: CgroupState) {
  const { memory, counters } = state;
  return {
    'memory.current': `${currentBytes(memory)}\n`,
    'memory.events': events(state.kills),
    'memory.events.local': events(state.localKills),
    'memory.high': 'max\n',
    'memory.low': '0\n',
    'memory.max': `${state.memoryMax}\n`,
    'memory.min': '0\n',
    'memory.numa_stat': table([...sharedRows(state, false), ...WORKINGSET], ' N0='),
    'memory.oom.group': state.oomGroup ? '1\n' : '0\n',
    'memory.peak': `${state.memoryPeak}\n`,
    'memory.pressure': pressureFile(
      state.memorySome,
      counters.memorySomeUsec,
      state.memorySome * 0.8,
      counters.memoryFullUsec,
    ),
    'memory.stat': table(statRows(state), ' '),
    'memory.swap.current': '0\n',
    'memory.swap.events': 'high 0\nmax 0\nfail 0\n',
    'memory.swap.high': 'max\n',
    'memory.swap.max': state.delegates ? 'max\n' : '0\n',
  };
}

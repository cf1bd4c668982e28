import { FlatKeyed } from './flat-keyed.ts';
import type { Parse } from './scan.ts';
import type { MemoryEvents, MemoryStat, SwapEvents } from './types.ts';

/**
 * memory.stat. The key set varies with kernel and configuration, so every key is optional; a file with none is malformed.
 * Source: memory_stats and memcg_vm_event_stat in mm/memcontrol.c, Linux 6.12.
 */
export function memoryStatParser(): Parse<MemoryStat> {
  const file = new FlatKeyed([
    'anon',
    'file',
    'kernel',
    'kernel_stack',
    'pagetables',
    'sock',
    'shmem',
    'file_mapped',
    'file_dirty',
    'file_writeback',
    'swapcached',
    'anon_thp',
    'inactive_anon',
    'active_anon',
    'inactive_file',
    'active_file',
    'unevictable',
    'slab_reclaimable',
    'slab_unreclaimable',
    'slab',
    'pgfault',
    'pgmajfault',
    'workingset_refault_anon',
    'workingset_refault_file',
    'pgscan',
    'pgsteal',
  ]);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    return {
      anon: file.at(0),
      file: file.at(1),
      kernel: file.at(2),
      kernelStack: file.at(3),
      pagetables: file.at(4),
      sock: file.at(5),
      shmem: file.at(6),
      fileMapped: file.at(7),
      fileDirty: file.at(8),
      fileWriteback: file.at(9),
      swapcached: file.at(10),
      anonThp: file.at(11),
      inactiveAnon: file.at(12),
      activeAnon: file.at(13),
      inactiveFile: file.at(14),
      activeFile: file.at(15),
      unevictable: file.at(16),
      slabReclaimable: file.at(17),
      slabUnreclaimable: file.at(18),
      slab: file.at(19),
      pgfault: file.at(20),
      pgmajfault: file.at(21),
      workingsetRefaultAnon: file.at(22),
      workingsetRefaultFile: file.at(23),
      pgscan: file.at(24),
      pgsteal: file.at(25),
    };
  };
}

/** memory.events and memory.events.local. `oom_group_kill` is not on older kernels. Source: __memory_events_show, Linux 6.12. */
export function memoryEventsParser(): Parse<MemoryEvents> {
  const file = new FlatKeyed(['low', 'high', 'max', 'oom', 'oom_kill', 'oom_group_kill']);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    return {
      low: file.at(0),
      high: file.at(1),
      max: file.at(2),
      oom: file.at(3),
      oomKill: file.at(4),
      oomGroupKill: file.at(5),
    };
  };
}

/** memory.swap.events. Source: swap_events_show in mm/memcontrol.c, Linux 6.12. */
export function swapEventsParser(): Parse<SwapEvents> {
  const file = new FlatKeyed(['high', 'max', 'fail']);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    return { high: file.at(0), max: file.at(1), fail: file.at(2) };
  };
}

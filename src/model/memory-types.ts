import type { Limit } from '../base/limit.ts';

export interface MemoryEventsModel {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly max: number | undefined;
  readonly oom: number | undefined;
  readonly oomKill: number | undefined;
  readonly oomGroupKill: number | undefined;
}

export interface MemoryModel {
  readonly currentBytes: number | undefined;
  readonly peakBytes: number | undefined;
  readonly minBytes: Limit | undefined;
  readonly lowBytes: Limit | undefined;
  readonly highBytes: Limit | undefined;
  readonly maxBytes: Limit | undefined;
  readonly anonBytes: number | undefined;
  readonly fileBytes: number | undefined;
  readonly kernelBytes: number | undefined;
  readonly slabBytes: number | undefined;
  readonly shmemBytes: number | undefined;
  readonly inactiveFileBytes: number | undefined;
  /** current - inactive_file, not below 0: what the kubelet and cAdvisor call working set. */
  readonly workingSetBytes: number | undefined;
  readonly pageFaultsTotal: number | undefined;
  readonly majorPageFaultsTotal: number | undefined;
  readonly swapCurrentBytes: number | undefined;
  readonly swapMaxBytes: Limit | undefined;
  readonly oomGroup: boolean | undefined;
  /** memory.stat anon_thp: anonymous memory in huge pages. Undefined also where the kernel has none. */
  readonly anonHugeBytes: number | undefined;
  readonly activeFileBytes: number | undefined;
  /** Since the cgroup was made, descendants included. */
  readonly events: MemoryEventsModel | undefined;
  /** Between the two samples. */
  readonly eventsInWindow: MemoryEventsModel | undefined;
  /** Pages that came back soon after they were reclaimed, per second: of files, and of anonymous memory (from swap). */
  readonly fileRefaultsPerSecond: number | undefined;
  readonly anonRefaultsPerSecond: number | undefined;
  /** Change of anonymous memory between the samples, bytes per second. */
  readonly anonGrowthBytesPerSecond: number | undefined;
  /** Change of current between the samples, bytes per second. */
  readonly currentGrowthBytesPerSecond: number | undefined;
}

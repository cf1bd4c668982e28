import type { Workload } from './workload.ts';
import { cpuWorkloads } from './workloads-cpu.ts';
import { memoryWorkloads } from './workloads-memory.ts';
import { otherWorkloads } from './workloads-other.ts';

/** Everything that runs on the simulated node, in the order of their process ids. The program's own pod comes last. */
export const WORKLOADS: readonly Workload[] = [...cpuWorkloads, ...memoryWorkloads, ...otherWorkloads];

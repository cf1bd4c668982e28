import { heapAt } from './heap-model.ts';
import { fractionOf } from './identifiers.ts';
import { type RuntimeStats, runtimeStats } from './runtime-stats.ts';
import { MIB, type Workload } from './workload.ts';

/** What a cgroup holds in memory, bytes. */
export interface MemoryState {
  readonly anon: number;
  readonly file: number;
  readonly kernelStack: number;
  readonly pagetables: number;
  readonly slabReclaimable: number;
  readonly slabUnreclaimable: number;
}

const PAGE = 4096;
/** What the pause container takes of a pod whose limit is its one container's. */
const PAUSE_ROOM = 256 * 1024;
const pages = (bytes: number) => Math.round(bytes / PAGE) * PAGE;

/** memory.stat's `kernel`. */
export function kernelBytes(memory: MemoryState): number {
  return memory.kernelStack + memory.pagetables + memory.slabReclaimable + memory.slabUnreclaimable;
}

/** memory.current. */
export function currentBytes(memory: MemoryState): number {
  return memory.anon + memory.file + kernelBytes(memory);
}

/** Memory of a parent: the sum of its children's. */
export function sumMemory(parts: readonly MemoryState[]): MemoryState {
  const sum = { anon: 0, file: 0, kernelStack: 0, pagetables: 0, slabReclaimable: 0, slabUnreclaimable: 0 };
  for (const part of parts) for (const key of Object.keys(sum) as (keyof MemoryState)[]) sum[key] += part[key];
  return sum;
}

/** The runtime's figures when its process is `age` seconds old; undefined for a program that is not Go. */
export function runtimeAt(workload: Workload, age: number, slack?: number): RuntimeStats | undefined {
  const program = workload.go;
  if (program === undefined) return undefined;
  const wobble = 0.5 + 0.5 * Math.sin(age / 11 + 7 * fractionOf(`slack/${workload.name}`));
  return runtimeStats(program, heapAt(program, age), slack ?? (program.retains === 'all' ? 0 : wobble));
}

/**
 * What a workload's container holds when its process is `age` seconds old. Anonymous memory is what the Go runtime manages and a
 * little more. Under a limit the page cache gives way first, as the kernel's reclaim has it.
 */
export function memoryAt(workload: Workload, age: number, slack?: number): MemoryState {
  const managed = runtimeAt(workload, age, slack)?.managed ?? 0;
  const anon = pages(managed + workload.memory.otherAnonBytes);
  const fixed = {
    anon,
    kernelStack: workload.threads * 16_384,
    pagetables: pages(200 * 1024 + anon * 0.003),
    slabReclaimable: pages(96 * 1024),
    slabUnreclaimable: pages(96 * 1024 + workload.threads * 6144),
  };
  const room = (workload.memory.limitBytes ?? Infinity) - PAUSE_ROOM - currentBytes({ ...fixed, file: 0 });
  return { ...fixed, file: Math.max(0, Math.min(workload.memory.fileBytes, room)) };
}

/** Highest memory.current up to this age. */
export function peakAt(workload: Workload, age: number): number {
  return currentBytes(memoryAt(workload, workload.go?.retains === 'nothing' ? Math.max(age, 3600) : age, 0));
}

/**
 * Seconds a process lives until the kernel kills it for memory: when its memory with no more than 1 MiB of page cache reaches the
 * limit. Infinity for a heap that does not grow.
 */
export function lifetimeSeconds(workload: Workload): number {
  const limit = workload.memory.limitBytes;
  if (limit === undefined || workload.go?.retains !== 'all') return Infinity;
  const fits = (age: number) => {
    const memory = memoryAt(workload, age);
    return memory.anon + kernelBytes(memory) + MIB < limit;
  };
  let low = 0;
  let high = limit / workload.go.allocationRate;
  while (high - low > 0.001) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

import type { ProcessMemory } from '../../io/process-memory.ts';
import type { Layout } from './layout.ts';
import type { RuntimeAddresses } from './types.ts';
import { pointer, uint64 } from './words.ts';

/** Addresses in one process's memory, load bias added, with every candidate decided but those of the memory profile. */
export interface SettledAddresses {
  readonly gcController: number;
  readonly memstats: number;
  readonly sched: number;
  readonly gcCpuLimiter: number | undefined;
  readonly cpuStats: number | undefined;
  readonly gomaxprocs: number;
  readonly ncpu: number | undefined;
  readonly allp: number;
  readonly allgs: number;
  readonly allglen: number;
  /** Decided when a profile is read: a list that is still empty cannot be told from a nil pointer. */
  readonly mbuckets: readonly number[];
}

/** Candidates looked at for one variable. The decoder finds up to a dozen. */
const MAX_CANDIDATES = 64;
/** GOMAXPROCS at most. The runtime itself has no bound any more; a machine has. */
export const MAX_PROCESSORS = 1 << 16;
/** Goroutines at most: at 2 KiB of stack each these would fill 256 GiB. */
const MAX_GOROUTINES = 2 ** 27;
const SLICE_BYTES = 24;

/**
 * Decides between candidates by what live memory says: `allp` has GOMAXPROCS elements of which the first and last say their own index,
 * and `allgs` has `allglen`. Gives the name of the variable that could not be found or decided otherwise.
 * Source: runtime/proc.go procresize and allgadd, Go 1.17 to 1.27.
 */
export function settle(
  addresses: RuntimeAddresses,
  memory: ProcessMemory,
  bias: number,
  layout: Layout,
): SettledAddresses | string {
  const at = (address: number | undefined): number | undefined => (address === undefined ? undefined : address + bias);
  const all = (candidates: readonly number[]): readonly number[] =>
    candidates.slice(0, MAX_CANDIDATES).map((candidate) => candidate + bias);
  const gcController = at(addresses.gcController);
  const memstats = at(addresses.memstats);
  const sched = at(addresses.sched);
  if (gcController === undefined) return 'gcController';
  if (memstats === undefined) return 'memstats';
  if (sched === undefined) return 'sched';
  const processors = settleProcessors(all(addresses.gomaxprocs), all(addresses.allp), memory, layout);
  if (processors === undefined) return 'gomaxprocs and allp';
  const goroutines = settleGoroutines(all(addresses.allglen), all(addresses.allgs), memory);
  if (goroutines === undefined) return 'allglen and allgs';
  const ncpu = all(addresses.ncpu).find((address) => isCount(int32(memory, address), MAX_PROCESSORS));
  return {
    gcController,
    memstats,
    sched,
    gcCpuLimiter: at(addresses.gcCpuLimiter),
    cpuStats: at(addresses.cpuStats),
    ...processors,
    ncpu,
    ...goroutines,
    mbuckets: all(addresses.mbuckets),
  };
}

function settleProcessors(
  gomaxprocs: readonly number[],
  allp: readonly number[],
  memory: ProcessMemory,
  layout: Layout,
): { gomaxprocs: number; allp: number } | undefined {
  const [idAt] = layout.offsets.p.id;
  const says = (list: number, index: number): boolean => {
    const element = memory.read(list + index * 8, 8);
    const processor = element === undefined ? undefined : pointer(element, 0);
    return processor !== undefined && int32(memory, processor + idAt) === index;
  };
  for (const slice of allp) {
    const header = memory.read(slice, SLICE_BYTES);
    const list = header === undefined ? undefined : pointer(header, 0);
    const length = header === undefined ? undefined : uint64(header, 8);
    if (header === undefined || list === undefined || length === undefined) continue;
    if (!isCount(length, MAX_PROCESSORS) || (uint64(header, 16) ?? 0) < length) continue;
    const count = gomaxprocs.find((address) => int32(memory, address) === length);
    if (count !== undefined && says(list, length - 1) && says(list, 0)) return { gomaxprocs: count, allp: slice };
  }
  return undefined;
}

function settleGoroutines(
  allglen: readonly number[],
  allgs: readonly number[],
  memory: ProcessMemory,
): { allglen: number; allgs: number } | undefined {
  for (const slice of allgs) {
    for (const address of allglen) {
      // The slice grows before the length follows, so a busy program may disagree with itself for a moment.
      for (let tries = 0; tries < 3; tries++) {
        const header = memory.read(slice, SLICE_BYTES);
        const word = memory.read(address, 8);
        if (header === undefined || word === undefined || pointer(header, 0) === undefined) break;
        const length = uint64(header, 8);
        if (!isCount(length, MAX_GOROUTINES) || (uint64(header, 16) ?? 0) < length) break;
        if (uint64(word, 0) === length) return { allglen: address, allgs: slice };
      }
    }
  }
  return undefined;
}

function int32(memory: ProcessMemory, address: number): number | undefined {
  return memory.read(address, 4)?.readInt32LE(0);
}

function isCount(value: number | undefined, most: number): value is number {
  return value !== undefined && value >= 1 && value <= most;
}

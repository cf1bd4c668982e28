import type { ProcessMemory } from '../../io/process-memory.ts';
import type { Layout } from './layout.ts';
import type { SettledAddresses } from './settle.ts';
import { pointer, uint64 } from './words.ts';

/** Ps read one by one at most, about a microsecond each. Beyond that the sums over them are not known. */
export const MAX_PROCESSORS_READ = 1024;
/** `_Pidle`. */
const IDLE = 0;
const SLICE_BYTES = 24;
/** A P's local run queue has 256 places. */
const RUN_QUEUE = 256;

/** Sums over the Ps. */
export interface ProcessorSums {
  /** `allp[i].id == i` and a known status, for all of them. */
  consistent: boolean;
  idle: number;
  /** Dead goroutines kept for reuse. */
  free: number;
  /** Goroutines in the local run queues. */
  runnable: number;
}

/** Why {@link RuntimeBlocks.read} failed; undefined: it did not. */
export type BlockFailure = 'gone' | 'unreadable';

/** The variables of one runtime, copied side by side into buffers that are used again for every poll. */
export class RuntimeBlocks {
  readonly layout: Layout;
  readonly gcController: Buffer;
  readonly memstats: Buffer;
  readonly sched: Buffer;
  /** Undefined: the version has none, or the executable does not show where it is. */
  readonly gcCpuLimiter: Buffer | undefined;
  readonly cpuStats: Buffer | undefined;
  gomaxprocs = 0;
  ncpu: number | undefined;
  /** Elements of `allp`. */
  processors = 0;
  /** Undefined when there are more than {@link MAX_PROCESSORS_READ}. */
  sums: ProcessorSums | undefined;
  /** Elements of `allgs`. Undefined when it is no sensible number. */
  goroutineSlots: number | undefined;
  readonly #memory: ProcessMemory;
  readonly #addresses: SettledAddresses;
  readonly #word = Buffer.alloc(SLICE_BYTES);
  readonly #processor: Buffer;
  readonly #sums: ProcessorSums = { consistent: false, idle: 0, free: 0, runnable: 0 };
  #list = Buffer.alloc(0);

  constructor(memory: ProcessMemory, addresses: SettledAddresses, layout: Layout) {
    const { lengths } = layout;
    this.layout = layout;
    this.#memory = memory;
    this.#addresses = addresses;
    this.gcController = Buffer.alloc(lengths.gcController);
    this.memstats = Buffer.alloc(lengths.memstats);
    this.sched = Buffer.alloc(lengths.sched);
    this.#processor = Buffer.alloc(lengths.p);
    const { gcCpuLimiter, cpuStats } = addresses;
    this.gcCpuLimiter =
      gcCpuLimiter === undefined || lengths.gcCpuLimiter === 0 ? undefined : Buffer.alloc(lengths.gcCpuLimiter);
    this.cpuStats = cpuStats === undefined || lengths.cpuStats === 0 ? undefined : Buffer.alloc(lengths.cpuStats);
  }

  /** Copies everything again. After a failure the buffers hold a mixture. */
  read(): BlockFailure | undefined {
    return this.#readAll() ? undefined : this.#memory.gone ? 'gone' : 'unreadable';
  }

  #readAll(): boolean {
    const { gcController, memstats, sched, gcCpuLimiter, cpuStats, gomaxprocs, ncpu, allglen } = this.#addresses;
    if (!this.#fill(this.gcController, gcController)) return false;
    if (!this.#fill(this.memstats, memstats) || !this.#fill(this.sched, sched)) return false;
    if (this.gcCpuLimiter !== undefined && !this.#fill(this.gcCpuLimiter, gcCpuLimiter)) return false;
    if (this.cpuStats !== undefined && !this.#fill(this.cpuStats, cpuStats)) return false;
    if (!this.#memory.readInto(this.#word, gomaxprocs, 4)) return false;
    this.gomaxprocs = this.#word.readInt32LE(0);
    if (ncpu !== undefined) {
      if (!this.#memory.readInto(this.#word, ncpu, 4)) return false;
      this.ncpu = this.#word.readInt32LE(0);
    }
    if (!this.#readProcessors()) return false;
    if (!this.#memory.readInto(this.#word, allglen, 8)) return false;
    this.goroutineSlots = uint64(this.#word, 0);
    return true;
  }

  #fill(block: Buffer, address: number | undefined): boolean {
    return address !== undefined && this.#memory.readInto(block, address, block.length);
  }

  #readProcessors(): boolean {
    this.sums = undefined;
    if (!this.#memory.readInto(this.#word, this.#addresses.allp, SLICE_BYTES)) return false;
    const list = pointer(this.#word, 0);
    const count = uint64(this.#word, 8);
    if (list === undefined || count === undefined || count === 0) return false;
    this.processors = count;
    if (count > MAX_PROCESSORS_READ) return true;
    const bytes = count * 8;
    if (this.#list.length < bytes) this.#list = Buffer.alloc(bytes);
    if (!this.#memory.readInto(this.#list, list, bytes)) return false;
    const sums = this.#sums;
    sums.consistent = true;
    sums.idle = sums.free = sums.runnable = 0;
    for (let index = 0; index < count; index++) {
      const address = pointer(this.#list, index * 8);
      if (address === undefined || !this.#fill(this.#processor, address)) return false;
      this.#add(index);
    }
    this.sums = sums;
    return true;
  }

  #add(index: number): void {
    const processor = this.#processor;
    const sums = this.#sums;
    const { p } = this.layout.offsets;
    const status = processor.readUInt32LE(p.status[0]);
    const free = p['gFree.size'] ?? p['gFree.n'];
    const kept = free === undefined ? 0 : processor.readInt32LE(free[0]);
    // Head and tail are counters that wrap; the owner moves them while they are read.
    const queued = (processor.readUInt32LE(p.runqtail[0]) - processor.readUInt32LE(p.runqhead[0])) | 0;
    // _Pdead is 4. A P passes on half of its free list when that reaches 64.
    if (processor.readInt32LE(p.id[0]) !== index || status > 4 || kept < 0 || kept > 64) sums.consistent = false;
    if (status === IDLE) sums.idle += 1;
    sums.free += kept;
    sums.runnable += Math.min(RUN_QUEUE, Math.max(0, queued)) + (uint64(processor, p.runnext[0]) === 0 ? 0 : 1);
  }
}

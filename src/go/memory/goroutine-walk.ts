import { MAX_MEMORY_READ, type ProcessMemory } from '../../io/process-memory.ts';
import type { Layout } from './layout.ts';
import { pointer, uint64 } from './words.ts';

/** Where `allgs` points and how many g structures it lists. The list only grows, and no g is ever freed. */
export interface GoroutineList {
  readonly address: number;
  readonly length: number;
}

/** Structures looked at between two looks at the clock. */
const CHUNK = 512;
/** Neighbours are copied together up to this much. */
const RUN_BYTES = 64 * 1024;
const SLICE_BYTES = 24;
const MAX_STEP_COPIED = 64;
/** No program has more; a length beyond it is none. */
const MAX_GOROUTINES = 2 ** 27;

/** Reads the header of `allgs`. Undefined when it cannot be read or is none. */
export function goroutineList(memory: ProcessMemory, allgs: number): GoroutineList | undefined {
  const header = memory.read(allgs, SLICE_BYTES);
  if (header === undefined) return undefined;
  const address = pointer(header, 0);
  const length = uint64(header, 8);
  return address === undefined || length === undefined || length === 0 || length > MAX_GOROUTINES
    ? undefined
    : { address, length };
}

/**
 * Looks at every `step`-th g structure of a list. {@link next} does one chunk of about 100 microseconds to 1 ms, so that the caller may
 * pause between chunks. Only bytes of g structures are copied: neighbours go together when nothing else fits between them.
 */
export class GoroutineWalk {
  examined = 0;
  readonly #memory: ProcessMemory;
  readonly #list: GoroutineList;
  readonly #step: number;
  readonly #size: number;
  readonly #apart: number;
  readonly #chunk: number;
  readonly #addresses: Float64Array;
  readonly #run: Buffer;
  #index = 0;

  /** `most` is how many structures are looked at, at most. */
  constructor(memory: ProcessMemory, layout: Layout, list: GoroutineList, most: number) {
    this.#memory = memory;
    this.#list = list;
    this.#step = Math.max(1, Math.ceil(list.length / Math.max(1, most)));
    this.#size = layout.lengths.g;
    // Slots of one size class are at least a g apart, so what lies less than two away is the next slot.
    this.#apart = 2 * layout.offsets.g.byteSize.amd64;
    // Far apart, single pointers are read: what lies between them is nobody's concern, and may be a lot.
    this.#chunk =
      this.#step > MAX_STEP_COPIED ? 1 : Math.max(1, Math.min(CHUNK, Math.floor(MAX_MEMORY_READ / 8 / this.#step)));
    this.#addresses = new Float64Array(this.#chunk);
    this.#run = Buffer.allocUnsafe(RUN_BYTES);
  }

  /** Not every structure is looked at. */
  get isSample(): boolean {
    return this.#step > 1;
  }

  /**
   * Hands the next chunk's structures to `visit`, in no particular order; `bytes` is valid during the call only, and the structure
   * starts at `at`. `more`: call again. `done`: that was all. `unreadable`: a pointer of the list leads nowhere.
   */
  next(visit: (bytes: Buffer, at: number) => void): 'more' | 'done' | 'unreadable' {
    const count = this.#readAddresses();
    if (count === undefined) return 'unreadable';
    const addresses = this.#addresses.subarray(0, count).sort();
    for (let first = 0; first < count; ) {
      const start = addresses[first] ?? 0;
      let last = first;
      while (last + 1 < count && this.#belongs(start, addresses[last] ?? 0, addresses[last + 1] ?? 0)) last += 1;
      const length = (addresses[last] ?? 0) - start + this.#size;
      if (!this.#memory.readInto(this.#run, start, length)) return 'unreadable';
      for (let index = first; index <= last; index++) visit(this.#run, (addresses[index] ?? 0) - start);
      first = last + 1;
    }
    this.examined += count;
    return this.#index < this.#list.length ? 'more' : 'done';
  }

  #belongs(start: number, previous: number, next: number): boolean {
    return next - previous < this.#apart && next - start + this.#size <= RUN_BYTES;
  }

  /** Takes the next chunk's pointers. Undefined when one of them is none. */
  #readAddresses(): number | undefined {
    const { address, length } = this.#list;
    const count = Math.min(this.#chunk, Math.ceil((length - this.#index) / this.#step));
    const span = (count - 1) * this.#step + 1;
    const pointers = this.#memory.read(address + this.#index * 8, span * 8);
    if (pointers === undefined) return undefined;
    for (let index = 0; index < count; index++) {
      const value = pointer(pointers, index * this.#step * 8);
      if (value === undefined) return undefined;
      this.#addresses[index] = value;
    }
    this.#index += count * this.#step;
    return count;
  }
}

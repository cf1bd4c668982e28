import type { ProcessMemory } from '../../io/process-memory.ts';
import type { Layout } from './layout.ts';
import { pointer, uint64 } from './words.ts';

/** One bucket of the memory profile: what was allocated at one stack in one size. */
export interface ProfileBucket {
  readonly address: number;
  readonly frames: number;
  readonly allocObjects: number;
  readonly freeObjects: number;
  /** Of one object, bytes. */
  readonly objectBytes: number;
  /** The next bucket; undefined at the end of the list. */
  readonly next: number | undefined;
}

/** Which of a bucket's counts to take: those published, or also those of collections to come. */
export type ProfileCounts = 'published' | 'all';

/** `memProfile`, a bucketType. */
const MEMORY_PROFILE = 1;
/** runtime/mprof.go maxProfStackDepth. */
const MAX_FRAMES = 1024;
/** Header, record and a stack of 40 frames: most buckets come with one read. */
const FIRST_READ = 512;

/** Reads buckets from the list at `runtime.mbuckets`, whose memory is the runtime's own and never freed. runtime/mprof.go, Go 1.17 to 1.27. */
export class ProfileBuckets {
  readonly #memory: ProcessMemory;
  readonly #layout: Layout;
  readonly #bytes = Buffer.allocUnsafe(FIRST_READ);

  constructor(memory: ProcessMemory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
  }

  /** The bucket at an address. Undefined: there is none, or none of the memory profile. */
  read(address: number, counts: ProfileCounts): ProfileBucket | undefined {
    const { bucket, memRecord } = this.#layout.offsets;
    const header = bucket.byteSize.amd64;
    // The last bucket of a chunk may have nothing mapped behind it.
    const isWhole = this.#memory.readInto(this.#bytes, address, FIRST_READ);
    if (!isWhole && !this.#memory.readInto(this.#bytes, address, header)) return undefined;
    const frames = uint64(this.#bytes, bucket.nstk[0]);
    const objectBytes = uint64(this.#bytes, bucket.size[0]);
    if (uint64(this.#bytes, bucket.typ[0]) !== MEMORY_PROFILE) return undefined;
    if (frames === undefined || frames > MAX_FRAMES || objectBytes === undefined) return undefined;
    const next = pointer(this.#bytes, bucket.allnext[0]);
    if (next === undefined && uint64(this.#bytes, bucket.allnext[0]) !== 0) return undefined;
    let record = header + frames * 8;
    const length = memRecord.byteSize.amd64;
    if (!isWhole || record + length > FIRST_READ) {
      if (!this.#memory.readInto(this.#bytes, address + record, length)) return undefined;
      record = 0;
    }
    const sums = this.#counts(record, objectBytes, counts);
    return sums === undefined ? undefined : { address, frames, ...sums, objectBytes, next };
  }

  /** Return addresses of a bucket's stack, innermost first. Undefined when they cannot be read. */
  stack(bucket: ProfileBucket): number[] | undefined {
    if (bucket.frames === 0) return [];
    const bytes = this.#memory.read(bucket.address + this.#layout.offsets.bucket.byteSize.amd64, bucket.frames * 8);
    if (bytes === undefined) return undefined;
    const addresses: number[] = [];
    for (let at = 0; at < bytes.length; at += 8) {
      const address = pointer(bytes, at);
      if (address !== undefined) addresses.push(address);
    }
    return addresses;
  }

  #counts(
    record: number,
    objectBytes: number,
    counts: ProfileCounts,
  ): { allocObjects: number; freeObjects: number } | undefined {
    const { memRecord, memRecordCycle } = this.#layout.offsets;
    const [future, size, cycles] = memRecord.future;
    let allocObjects = 0;
    let freeObjects = 0;
    for (let cycle = -1; cycle < (counts === 'all' ? cycles : 0); cycle++) {
      const at = record + (cycle < 0 ? memRecord.active[0] : future + cycle * size);
      const allocs = uint64(this.#bytes, at + memRecordCycle.allocs[0]);
      const frees = uint64(this.#bytes, at + memRecordCycle.frees[0]);
      if (allocs === undefined || frees === undefined) return undefined;
      allocObjects += allocs;
      freeObjects += frees;
    }
    // One bucket holds one size, so up to 1.26 the byte counts say nothing new and prove the layout.
    const { alloc_bytes: bytes } = memRecordCycle;
    const active = record + memRecord.active[0];
    const isSound =
      bytes === undefined ||
      uint64(this.#bytes, active + bytes[0]) ===
        (uint64(this.#bytes, active + memRecordCycle.allocs[0]) ?? -1) * objectBytes;
    return isSound ? { allocObjects, freeObjects } : undefined;
  }
}

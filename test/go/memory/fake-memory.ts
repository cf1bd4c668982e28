import type { ProcessMemory } from '../../../src/io/process-memory.ts';

/** A process's memory made up for a test: regions at addresses, nothing mapped between them. Reads may be made to fail. */
export class FakeMemory implements ProcessMemory {
  gone = false;
  reads = 0;
  /** Reads that still work; after those the process is gone. */
  readsLeft = Number.POSITIVE_INFINITY;
  readonly #regions: { readonly address: number; readonly bytes: Buffer }[] = [];

  /** Maps a region of zeros and gives its bytes, to write in. */
  map(address: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.#regions.push({ address, bytes });
    return bytes;
  }

  /** All regions' bytes. */
  bytes(): Buffer[] {
    return this.#regions.map((region) => region.bytes);
  }

  /** The mapped bytes from an address on. */
  at(address: number): Buffer {
    const region = this.#find(address, 1);
    if (region === undefined) throw new Error(`nothing mapped at ${address}`);
    return region.bytes.subarray(address - region.address);
  }

  read(address: number, length: number): Buffer | undefined {
    // What the real thing refuses before it allocates.
    if (!(length > 0 && length <= 1024 * 1024)) return undefined;
    const bytes = Buffer.alloc(length);
    return this.readInto(bytes, address, length) ? bytes : undefined;
  }

  readInto(target: Buffer, address: number, length: number): boolean {
    this.reads += 1;
    if (this.readsLeft <= 0) this.gone = true;
    if (this.gone || target.length < length) return false;
    this.readsLeft -= 1;
    const region = this.#find(address, length);
    if (region === undefined) return false;
    region.bytes.copy(target, 0, address - region.address, address - region.address + length);
    return true;
  }

  close(): void {
    this.gone = true;
  }

  #find(address: number, length: number): { readonly address: number; readonly bytes: Buffer } | undefined {
    return this.#regions.find(
      (region) => address >= region.address && address + length <= region.address + region.bytes.length,
    );
  }
}

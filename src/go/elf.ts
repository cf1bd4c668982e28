import { found, missed, type Reading } from '../base/reading.ts';
import type { ReadAt } from '../io/random-access.ts';

/** A section header. Numbers are bytes; `address` is 0 for what is not loaded. */
export interface ElfSection {
  readonly name: string;
  /** sh_type: 2 = symbol table, 3 = string table, ... Sections without bytes in the file (SHT_NOBITS) are left out. */
  readonly type: number;
  /** sh_link as the index in the file's own table, see {@link ElfSection.index}: the string table of a symbol table. */
  readonly link: number;
  readonly index: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** A PT_LOAD program header. */
export interface ElfSegment {
  readonly writable: boolean;
  readonly executable: boolean;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  /** At least `fileSize`; the rest is zero at the start of the program (.bss). */
  readonly memorySize: number;
}

/** Bytes of the file. */
export interface ElfRange {
  readonly offset: number;
  readonly size: number;
}

/** The part of an ELF file that finding Go's data needs. */
export interface ElfFile {
  readonly pointerSize: 4 | 8;
  readonly bigEndian: boolean;
  /** e_type: 2 = at fixed addresses (ET_EXEC), 3 = wherever the loader puts it (ET_DYN). */
  readonly type: number;
  /** e_machine: 62 = amd64, 183 = arm64. */
  readonly machine: number;
  /** Empty when the section headers are gone (sstrip, UPX) or broken: the kernel does not need them either. */
  readonly sections: readonly ElfSection[];
  readonly loads: readonly ElfSegment[];
  /** PT_NOTE program headers. */
  readonly notes: readonly ElfRange[];
  /** PT_DYNAMIC program header. */
  readonly dynamic: ElfRange | undefined;
  /** The bytes at a file offset, or undefined when any of them lies outside the file. */
  readonly read: (offset: number, length: number) => Buffer | undefined;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_NOTE = 4;
const SHT_NOBITS = 8;
const MAX_SEGMENTS = 1024;
const MAX_SECTIONS = 8192;
const MAX_NAMES_BYTES = 1024 * 1024;

/**
 * Reads the headers of an ELF file of `size` bytes. Every offset is checked against `size` before it is read.
 * `absent`: not ELF. `malformed`: an ELF header that no kernel would load. Source: System V gABI, elf(5).
 */
export function readElf(readAt: ReadAt, size: number, reader: string, source: string): Reading<ElfFile> {
  const read = boundedReads(readAt, size);
  const head = read(0, 52);
  if (head?.readUInt32BE(0) !== 0x7f454c46) return missed('absent', reader, source, 'not an ELF file');
  const [wordClass, order] = [head[4], head[5]];
  if ((wordClass !== 1 && wordClass !== 2) || (order !== 1 && order !== 2))
    return missed('malformed', reader, source, 'unknown ELF class or byte order');
  const pointerSize = wordClass === 2 ? 8 : 4;
  const header = pointerSize === 8 ? read(0, 64) : head;
  if (header === undefined) return missed('malformed', reader, source, 'ELF header is cut off');
  const fields = new Fields(header, pointerSize, order === 2);
  const segments = readSegments(fields, read);
  if (segments === undefined) return missed('malformed', reader, source, 'program headers lie outside the file');
  return found({
    pointerSize,
    bigEndian: order === 2,
    type: fields.u16(16),
    machine: fields.u16(18),
    sections: readSections(fields, read),
    ...segments,
    read,
  });
}

/** The file offset of a loaded address, and how many file bytes follow it in its segment. */
export function locate(
  elf: Pick<ElfFile, 'loads'>,
  address: number,
): { readonly offset: number; readonly available: number } | undefined {
  for (const load of elf.loads) {
    const distance = address - load.address;
    if (distance >= 0 && distance < load.fileSize)
      return { offset: load.offset + distance, available: load.fileSize - distance };
  }
  return undefined;
}

function boundedReads(readAt: ReadAt, size: number): ElfFile['read'] {
  return (offset, length) => {
    if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > size) return undefined;
    const bytes = readAt(offset, length);
    if (bytes.length !== length) return undefined;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function readSegments(header: Fields, read: ElfFile['read']): Pick<ElfFile, 'loads' | 'notes' | 'dynamic'> | undefined {
  const wide = header.pointerSize === 8;
  const offset = header.pointer(wide ? 32 : 28);
  const entrySize = header.u16(wide ? 54 : 42);
  const count = header.u16(wide ? 56 : 44);
  if (count > MAX_SEGMENTS || (count > 0 && entrySize < (wide ? 56 : 32))) return undefined;
  const table = read(offset, count * entrySize);
  if (table === undefined) return undefined;
  const entry = header.over(table);
  const loads: ElfSegment[] = [];
  const notes: ElfRange[] = [];
  let dynamic: ElfRange | undefined;
  for (let at = 0; at < table.length; at += entrySize) {
    const type = entry.u32(at);
    const flags = entry.u32(at + (wide ? 4 : 24));
    const offset = entry.pointer(at + (wide ? 8 : 4));
    const address = entry.pointer(at + (wide ? 16 : 8));
    const fileSize = entry.pointer(at + (wide ? 32 : 16));
    const memorySize = Math.max(fileSize, entry.pointer(at + (wide ? 40 : 20)));
    if (!Number.isSafeInteger(offset + fileSize) || !Number.isSafeInteger(address + memorySize)) continue;
    if (type === PT_NOTE) notes.push({ offset, size: fileSize });
    if (type === PT_DYNAMIC) dynamic ??= { offset, size: fileSize };
    if (type !== PT_LOAD) continue;
    const [writable, executable] = [(flags & 2) !== 0, (flags & 1) !== 0];
    loads.push({ writable, executable, offset, address, fileSize, memorySize });
  }
  return { loads, notes, dynamic };
}

function readSections(header: Fields, read: ElfFile['read']): ElfSection[] {
  const wide = header.pointerSize === 8;
  const entrySize = header.u16(wide ? 58 : 46);
  const count = header.u16(wide ? 60 : 48);
  const namesIndex = header.u16(wide ? 62 : 50);
  if (count === 0 || count > MAX_SECTIONS || namesIndex >= count || entrySize < (wide ? 64 : 40)) return [];
  const table = read(header.pointer(wide ? 40 : 32), count * entrySize);
  if (table === undefined) return [];
  const entry = header.over(table);
  const offsetOf = (at: number): number => entry.pointer(at + (wide ? 24 : 16));
  const sizeOf = (at: number): number => entry.pointer(at + (wide ? 32 : 20));
  const namesSize = sizeOf(namesIndex * entrySize);
  const names = namesSize > MAX_NAMES_BYTES ? undefined : read(offsetOf(namesIndex * entrySize), namesSize);
  if (names === undefined) return [];
  const sections: ElfSection[] = [];
  for (let at = 0; at < table.length; at += entrySize) {
    const type = entry.u32(at + 4);
    if (type === SHT_NOBITS) continue;
    const start = entry.u32(at);
    const end = names.indexOf(0, start);
    const name = start < names.length && end > start && end - start < 256 ? names.toString('latin1', start, end) : '';
    const address = entry.pointer(at + (wide ? 16 : 12));
    const link = entry.u32(at + (wide ? 40 : 24));
    sections.push({ name, type, link, index: at / entrySize, address, offset: offsetOf(at), size: sizeOf(at) });
  }
  return sections;
}

/** Numbers of the file's word size and byte order. A 64-bit value above 2^53 comes out inexact and fails every bound. */
class Fields {
  readonly pointerSize: 4 | 8;
  readonly #bytes: Buffer;
  readonly #bigEndian: boolean;

  constructor(bytes: Buffer, pointerSize: 4 | 8, bigEndian: boolean) {
    this.#bytes = bytes;
    this.pointerSize = pointerSize;
    this.#bigEndian = bigEndian;
  }

  over(bytes: Buffer): Fields {
    return new Fields(bytes, this.pointerSize, this.#bigEndian);
  }

  u16(at: number): number {
    return this.#bigEndian ? this.#bytes.readUInt16BE(at) : this.#bytes.readUInt16LE(at);
  }

  u32(at: number): number {
    return this.#bigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }

  pointer(at: number): number {
    if (this.pointerSize === 4) return this.u32(at);
    const [high, low] = this.#bigEndian ? [this.u32(at), this.u32(at + 4)] : [this.u32(at + 4), this.u32(at)];
    return high * 2 ** 32 + low;
  }
}

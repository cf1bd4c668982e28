/** A section of the file to write. */
export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Goes to the writable segment. */
  readonly writable: boolean;
}

const BASE = 0x400000;
const PAGE = 0x1000;
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;

interface Placed extends Section {
  readonly offset: number;
}

const align = (value: number, to: number) => Math.ceil(value / to) * to;

/**
 * A 64-bit little-endian x86-64 executable (System V ABI, elf(5)) with these sections and two PT_LOAD segments, read-only and
 * writable. It has the headers a reader looks at and no code: nothing can run it.
 */
export function writeElf(sections: readonly Section[]): Uint8Array {
  const placed: Placed[] = [];
  let offset = HEADER_BYTES + 2 * PROGRAM_HEADER_BYTES;
  const place = (section: Section) => {
    offset = align(offset, 16);
    placed.push({ ...section, offset });
    offset += section.bytes.length;
  };
  for (const section of sections) if (!section.writable) place(section);
  const textEnd = offset;
  const dataStart = align(offset, PAGE);
  offset = dataStart;
  for (const section of sections) if (section.writable) place(section);
  const dataEnd = offset;

  const names = sectionNames(placed);
  const namesOffset = offset;
  const headersOffset = align(namesOffset + names.length, 8);
  const file = Buffer.alloc(headersOffset + (placed.length + 2) * SECTION_HEADER_BYTES);
  for (const section of placed) file.set(section.bytes, section.offset);
  file.set(names, namesOffset);
  fileHeader(file, headersOffset, placed.length + 2);
  programHeader(file, 0, 5, 0, textEnd);
  programHeader(file, 1, 6, dataStart, dataEnd - dataStart);
  let nameAt = 1;
  for (const [index, section] of placed.entries()) {
    const flags = section.writable ? 3 : 2;
    sectionHeader(file, headersOffset, index + 1, nameAt, 1, flags, section.offset, section.bytes.length, BASE);
    nameAt += section.name.length + 1;
  }
  sectionHeader(file, headersOffset, placed.length + 1, nameAt, 3, 0, namesOffset, names.length, 0);
  return file;
}

function sectionNames(sections: readonly Section[]): Buffer {
  return Buffer.from(`\0${[...sections.map((section) => section.name), '.shstrtab'].join('\0')}\0`, 'latin1');
}

function fileHeader(file: Buffer, sectionHeaders: number, sectionCount: number): void {
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(62, 18); // EM_X86_64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + PAGE), 24);
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  file.writeBigUInt64LE(BigInt(sectionHeaders), 40);
  file.writeUInt16LE(HEADER_BYTES, 52);
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  file.writeUInt16LE(2, 56);
  file.writeUInt16LE(SECTION_HEADER_BYTES, 58);
  file.writeUInt16LE(sectionCount, 60);
  file.writeUInt16LE(sectionCount - 1, 62);
}

function programHeader(file: Buffer, index: number, flags: number, offset: number, length: number): void {
  const at = HEADER_BYTES + index * PROGRAM_HEADER_BYTES;
  file.writeUInt32LE(1, at); // PT_LOAD
  file.writeUInt32LE(flags, at + 4);
  for (const [slot, value] of [offset, BASE + offset, BASE + offset, length, length, PAGE].entries()) {
    file.writeBigUInt64LE(BigInt(value), at + 8 + slot * 8);
  }
}

function sectionHeader(
  file: Buffer,
  table: number,
  index: number,
  name: number,
  type: number,
  flags: number,
  offset: number,
  length: number,
  base: number,
): void {
  const at = table + index * SECTION_HEADER_BYTES;
  file.writeUInt32LE(name, at);
  file.writeUInt32LE(type, at + 4);
  const address = base === 0 ? 0 : base + offset;
  for (const [slot, value] of [flags, address, offset, length].entries()) {
    file.writeBigUInt64LE(BigInt(value), at + 8 + slot * 8);
  }
  file.writeBigUInt64LE(16n, at + 48); // sh_addralign
}

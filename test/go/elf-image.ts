import type { ReadAt } from '../../src/io/random-access.ts';

export interface ImagePart {
  readonly section?: string;
  readonly address: number;
  readonly bytes: Buffer;
  /** Program header flags: 4 read, 2 write, 1 execute. Without them the part is not loaded. */
  readonly flags?: number;
}

export interface ImageOptions {
  readonly pointerSize?: 4 | 8;
  readonly bigEndian?: boolean;
  /** Leaves the section headers out, as sstrip does. */
  readonly withoutSections?: boolean;
}

/** Writes a small ELF file with one PT_LOAD and one section for each part. */
export function elfImage(parts: readonly ImagePart[], options: ImageOptions = {}): Buffer {
  const { pointerSize = 8, bigEndian = false, withoutSections = false } = options;
  const wide = pointerSize === 8;
  const u16 = (bytes: Buffer, value: number, at: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const u32 = (bytes: Buffer, value: number, at: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  const word = (bytes: Buffer, value: number, at: number) => {
    if (!wide) return u32(bytes, value, at);
    return bigEndian ? bytes.writeBigUInt64BE(BigInt(value), at) : bytes.writeBigUInt64LE(BigInt(value), at);
  };
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const sectionSize = wide ? 64 : 40;
  const loaded = parts.filter((part) => part.flags !== undefined);
  const names = ['', ...parts.map((part) => part.section ?? ''), '.shstrtab'];
  const nameBytes = Buffer.from(`${names.join('\0')}\0`);
  let offset = headerSize + loaded.length * segmentSize;
  const placed = parts.map((part) => {
    // Offset and address agree modulo 16, as they do modulo the page size in a real file.
    offset += (((part.address - offset) % 16) + 16) % 16;
    const at = offset;
    offset += part.bytes.length;
    return { part, at };
  });
  const namesAt = offset;
  const sectionsAt = namesAt + nameBytes.length;
  const file = Buffer.alloc(sectionsAt + names.length * sectionSize);
  file.write('\x7fELF', 0, 'latin1');
  file[4] = wide ? 2 : 1;
  file[5] = bigEndian ? 2 : 1;
  word(file, headerSize, wide ? 32 : 28);
  u16(file, segmentSize, wide ? 54 : 42);
  u16(file, loaded.length, wide ? 56 : 44);
  if (!withoutSections) {
    word(file, sectionsAt, wide ? 40 : 32);
    u16(file, sectionSize, wide ? 58 : 46);
    u16(file, names.length, wide ? 60 : 48);
    u16(file, names.length - 1, wide ? 62 : 50);
  }
  placed
    .filter(({ part }) => part.flags !== undefined)
    .forEach(({ part, at }, index) => {
      const start = headerSize + index * segmentSize;
      u32(file, 1, start);
      u32(file, part.flags ?? 0, start + (wide ? 4 : 24));
      word(file, at, start + (wide ? 8 : 4));
      word(file, part.address, start + (wide ? 16 : 8));
      word(file, part.bytes.length, start + (wide ? 32 : 16));
      word(file, part.bytes.length, start + (wide ? 40 : 20));
    });
  for (const { part, at } of placed) part.bytes.copy(file, at);
  nameBytes.copy(file, namesAt);
  let nameAt = 0;
  const all = [{ address: 0, at: 0, length: 0 }];
  for (const { part, at } of placed) all.push({ address: part.address, at, length: part.bytes.length });
  all.push({ address: 0, at: namesAt, length: nameBytes.length });
  all.forEach((section, index) => {
    const start = sectionsAt + index * sectionSize;
    u32(file, nameAt, start);
    u32(file, index === 0 ? 0 : 1, start + 4);
    word(file, section.address, start + (wide ? 16 : 12));
    word(file, section.at, start + (wide ? 24 : 16));
    word(file, section.length, start + (wide ? 32 : 20));
    nameAt += Buffer.byteLength(names[index] ?? '') + 1;
  });
  return file;
}

/** Reads from memory and refuses, loudly, what a careful reader never asks for: bytes outside the file, or very many at once. */
export function strictReadAt(file: Uint8Array): ReadAt {
  return (offset, length) => {
    if (!Number.isInteger(offset) || offset < 0 || length < 0 || offset + length > file.length)
      throw new Error(`read outside the file: ${offset}+${length} of ${file.length}`);
    if (length > 2 * 1024 * 1024) throw new Error(`read of ${length} bytes at once`);
    return file.slice(offset, offset + length);
  };
}

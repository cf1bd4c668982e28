import type { ElfFile } from './elf.ts';

/** A range of the file, in bytes. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

const SLICE_BYTES = 1024 * 1024;
const MAX_SCAN_BYTES = 512 * 1024 * 1024;
/** Low 32 bits of the table's first word: Go 1.20 and later, 1.18, 1.16, 1.2. */
const MAGICS = [0xfffffff1, 0xfffffff0, 0xfffffffa, 0xfffffffb] as const;
/** Header words before the offset of the names: function and file counts, and from 1.18 the start of the text. */
const WORDS_BEFORE_NAMES: Readonly<Record<number, number>> = { 0xfffffff1: 3, 0xfffffff0: 3, 0xfffffffa: 2 };

/**
 * Where the names of a Go program's functions lie in its file: the name table when the header says so, else the whole function table.
 * The table is the section `.gopclntab` (`.data.rel.ro.gopclntab` in some position independent programs) or, when there is no such
 * section, a header found in a loaded segment. undefined when there is none. Yields after each 1 MiB of searching.
 * Source: Go runtime/symtab.go pcHeader, debug/gosym/pclntab.go (1.26).
 */
export function* findFunctionNames(elf: ElfFile): Generator<undefined, FileRange | undefined, undefined> {
  const section = elf.sections.find(({ name }) => name === '.gopclntab' || name === '.data.rel.ro.gopclntab');
  const table = section === undefined ? yield* searchSegments(elf) : { offset: section.offset, length: section.size };
  return table === undefined ? undefined : narrow(elf, table);
}

function* searchSegments(elf: ElfFile): Generator<undefined, FileRange | undefined, undefined> {
  let budget = MAX_SCAN_BYTES;
  const patterns = MAGICS.map((magic) => headerStart(elf, magic));
  for (const load of elf.loads) {
    const length = Math.min(load.fileSize, budget);
    budget -= length;
    for (let start = 0; start < length; start += SLICE_BYTES) {
      const slice = elf.read(load.offset + start, Math.min(SLICE_BYTES + 16, length - start));
      if (slice === undefined) break;
      for (const pattern of patterns) {
        const at = indexOfHeader(slice, pattern, elf.pointerSize);
        if (at !== undefined) return { offset: load.offset + start + at, length: load.fileSize - start - at };
      }
      yield undefined;
    }
  }
  return undefined;
}

/** The first six bytes: the magic word and two zeros. */
function headerStart(elf: ElfFile, magic: number): Buffer {
  const bytes = Buffer.alloc(6);
  if (elf.bigEndian) bytes.writeUInt32BE(magic);
  else bytes.writeUInt32LE(magic);
  return bytes;
}

/** The two bytes after the zeros are the smallest instruction (1, 2 or 4) and the pointer size. */
function indexOfHeader(slice: Buffer, pattern: Buffer, pointerSize: number): number | undefined {
  for (let at = slice.indexOf(pattern); at >= 0; at = slice.indexOf(pattern, at + 1)) {
    const quantum = slice[at + 6];
    if ((quantum === 1 || quantum === 2 || quantum === 4) && slice[at + 7] === pointerSize) return at;
  }
  return undefined;
}

/** The names come first in the table and end where the next part starts; anything that does not look so is searched whole. */
function narrow(elf: ElfFile, table: FileRange): FileRange {
  const header = elf.read(table.offset, 8 + 6 * elf.pointerSize);
  if (header === undefined) return table;
  const before = WORDS_BEFORE_NAMES[elf.bigEndian ? header.readUInt32BE(0) : header.readUInt32LE(0)];
  if (before === undefined) return table;
  const word = (index: number): number => {
    const at = 8 + index * elf.pointerSize;
    if (elf.pointerSize === 4) return elf.bigEndian ? header.readUInt32BE(at) : header.readUInt32LE(at);
    const wide = elf.bigEndian ? header.readBigUInt64BE(at) : header.readBigUInt64LE(at);
    return Number(wide);
  };
  const [start, end] = [word(before), word(before + 1)];
  if (start < header.length || end <= start || end > table.length) return table;
  // One byte more in front, so that the first name also has its leading zero when the header ends in one.
  return { offset: table.offset + start - 1, length: end - start + 1 };
}

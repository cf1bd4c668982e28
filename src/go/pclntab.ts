import type { ElfFile } from './elf.ts';

/** A range of the file, in bytes. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

const SLICE_BYTES = 1024 * 1024;
const MAX_SCAN_BYTES = 512 * 1024 * 1024;
const MAX_REFUSALS = 1024;
/** The table's first word is 0xffffff00 and one of these: Go 1.20 and later, 1.18, 1.16, 1.2. */
const LOW_BYTES: ReadonlySet<number> = new Set([0xf1, 0xf0, 0xfa, 0xfb]);
/** Header words before the offset of the names: function and file counts, and from 1.18 the start of the text. */
const WORDS_BEFORE_NAMES: Readonly<Record<number, number>> = { 0xfffffff1: 3, 0xfffffff0: 3, 0xfffffffa: 2 };

/**
 * Where the names of a Go program's functions lie in its file: the name table when the header says so, else the whole function table.
 * The table is the section `.gopclntab` (`.data.rel.ro.gopclntab` in some position independent programs) or, when there is no such
 * section, a header found in a loaded segment. undefined when there is none. Yields after each 1 MiB of searching.
 * Source: Go runtime/symtab.go pcHeader, debug/gosym/pclntab.go (1.26).
 */
export function* findFunctionNames(elf: ElfFile): Generator<undefined, FileRange | undefined, undefined> {
  const table = yield* findFunctionTable(elf);
  return table === undefined ? undefined : narrow(elf, table);
}

/**
 * Where the whole function table lies; without a section of that name its length is what is left of the segment.
 * `accept` says which headers found by their magic are worth having: code that handles such tables holds the magic too.
 */
export function* findFunctionTable(
  elf: ElfFile,
  accept: (table: FileRange) => boolean = () => true,
): Generator<undefined, FileRange | undefined, undefined> {
  const section = elf.sections.find(({ name }) => name === '.gopclntab' || name === '.data.rel.ro.gopclntab');
  if (section !== undefined) return { offset: section.offset, length: section.size };
  return yield* searchSegments(elf, accept);
}

function* searchSegments(
  elf: ElfFile,
  accept: (table: FileRange) => boolean,
): Generator<undefined, FileRange | undefined, undefined> {
  let budget = MAX_SCAN_BYTES;
  let refusals = 0;
  const patterns = headerPatterns(elf);
  // The table is data, and code is much of the file.
  for (const load of [...elf.loads].sort((a, b) => Number(a.executable) - Number(b.executable))) {
    const length = Math.min(load.fileSize, budget);
    budget -= length;
    for (let start = 0; start < length; start += SLICE_BYTES) {
      const slice = elf.read(load.offset + start, Math.min(SLICE_BYTES + 16, length - start));
      if (slice === undefined) break;
      for (const pattern of patterns) {
        for (let at = slice.indexOf(pattern.bytes); at >= 0; at = slice.indexOf(pattern.bytes, at + 1)) {
          const header = at - pattern.skipped;
          if (header < 0 || (pattern.skipped > 0 && !LOW_BYTES.has(slice[header] ?? 0))) continue;
          const table = { offset: load.offset + start + header, length: load.fileSize - start - header };
          if (accept(table)) return table;
          if (++refusals === MAX_REFUSALS) return undefined;
        }
      }
      yield undefined;
    }
  }
  return undefined;
}

/**
 * What to look for: the magic word, two zeros, the smallest instruction (1, 2 or 4) and the pointer size. Little-endian magics
 * differ only in their first byte, which the pattern leaves out, so that three searches do for all.
 */
function headerPatterns(elf: ElfFile): { readonly bytes: Buffer; readonly skipped: number }[] {
  return [1, 2, 4].flatMap((quantum) => {
    const rest = [0, 0, quantum, elf.pointerSize];
    if (!elf.bigEndian) return [{ bytes: Buffer.from([0xff, 0xff, 0xff, ...rest]), skipped: 1 }];
    return [...LOW_BYTES].map((low) => ({ bytes: Buffer.from([0xff, 0xff, 0xff, low, ...rest]), skipped: 0 }));
  });
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

import { type ElfFile, locate } from './elf.ts';

const MAGIC = Buffer.from('ff20476f206275696c64696e663a', 'hex');
const ALIGN = 16;
const CHUNK_BYTES = 1024 * 1024;
const MAX_SCAN_BYTES = 64 * 1024 * 1024;

/** A file offset and the file bytes from there to the end of what holds it. */
export interface BuildInfoPlace {
  readonly offset: number;
  readonly available: number;
}

/**
 * Where the 32-byte build information header starts: in the section `.go.buildinfo`, else in the writable, not executable
 * segments, at an address that is a multiple of 16. undefined when it is nowhere. At most 64 MiB are looked through.
 * Go's own tools look only in the first such segment; a position independent program whose section headers are gone has it in a later one.
 * Source: Go debug/buildinfo searchMagic and elfExe.DataStart (1.26).
 */
export function findBuildInfoHeader(elf: ElfFile): BuildInfoPlace | undefined {
  let budget = MAX_SCAN_BYTES;
  const section = elf.sections.find((candidate) => candidate.name === '.go.buildinfo' && candidate.size > 0);
  if (section !== undefined) {
    const place = locate(elf, section.address) ?? { offset: section.offset, available: section.size };
    const inside = Math.min(section.size, place.available, budget);
    const at = findAligned(elf, place.offset, inside, section.address);
    if (at !== undefined) return { offset: place.offset + at, available: place.available - at };
  }
  for (const load of elf.loads) {
    if (!load.writable || load.executable) continue;
    const inside = Math.min(load.fileSize, budget);
    const at = findAligned(elf, load.offset, inside, load.address);
    if (at !== undefined) return { offset: load.offset + at, available: load.fileSize - at };
    budget -= inside;
  }
  return undefined;
}

/** An aligned header never crosses from one chunk into the next, because chunks start aligned too. */
function findAligned(elf: ElfFile, offset: number, length: number, address: number): number | undefined {
  const first = (ALIGN - (address % ALIGN)) % ALIGN;
  for (let start = first; start < length; start += CHUNK_BYTES) {
    const chunk = elf.read(offset + start, Math.min(CHUNK_BYTES, length - start));
    if (chunk === undefined) return undefined;
    for (let at = chunk.indexOf(MAGIC); at >= 0; at = chunk.indexOf(MAGIC, at + 1))
      if (at % ALIGN === 0) return start + at;
  }
  return undefined;
}

import type { ElfFile, ElfSection } from '../elf.ts';
import { u32At, u64At } from './little-endian.ts';

const SHT_SYMTAB = 2;
const STT_OBJECT = 1;
const SYMBOL_BYTES = 24;
const SLICE_BYTES = SYMBOL_BYTES * 32 * 1024;
const MAX_TABLE_BYTES = 64 * 1024 * 1024;
const MAX_PLACES = 256;

/**
 * The link-time addresses of variables by their names in .symtab. A name is left out when it is not there, is not in memory that the
 * program can write, or stands for two addresses. Empty for a stripped program. Yields after each slice of at most 1 MiB.
 * Source: System V gABI, Symbol Table.
 */
export function* readSymbols(
  elf: ElfFile,
  names: readonly string[],
): Generator<undefined, ReadonlyMap<string, number>, undefined> {
  const table = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = table === undefined ? undefined : elf.sections.find(({ index }) => index === table.link);
  const found = new Map<string, number>();
  if (table === undefined || strings === undefined) return found;
  const wanted = yield* findNames(elf, strings, names);
  const ambiguous = new Set<string>();
  const size = Math.min(table.size, MAX_TABLE_BYTES);
  for (let start = 0; start < size && wanted.size > 0; start += SLICE_BYTES) {
    const slice = elf.read(table.offset + start, Math.min(SLICE_BYTES, size - start));
    if (slice === undefined) break;
    for (let at = 0; at + SYMBOL_BYTES <= slice.length; at += SYMBOL_BYTES) {
      if (((slice[at + 4] ?? 0) & 15) !== STT_OBJECT) continue;
      const name = wanted.get(u32At(slice, at));
      if (name === undefined) continue;
      const address = u64At(slice, at + 8);
      if (!isVariable(elf, address)) continue;
      if ((found.get(name) ?? address) !== address) ambiguous.add(name);
      found.set(name, address);
    }
    yield undefined;
  }
  for (const name of ambiguous) found.delete(name);
  return found;
}

/** Offsets in the string table at which a wanted name starts. A linker may have it as the tail of a longer one. */
function* findNames(
  elf: ElfFile,
  strings: ElfSection,
  names: readonly string[],
): Generator<undefined, ReadonlyMap<number, string>, undefined> {
  const patterns = names.map((name) => ({ name, bytes: Buffer.from(`${name}\0`) }));
  const overlap = Math.max(...patterns.map(({ bytes }) => bytes.length)) - 1;
  const size = Math.min(strings.size, MAX_TABLE_BYTES);
  const places = new Map<number, string>();
  const step = SLICE_BYTES;
  for (let start = 0; start < size; start += step) {
    const slice = elf.read(strings.offset + start, Math.min(step + overlap, size - start));
    if (slice === undefined) break;
    for (const { name, bytes } of patterns)
      for (let at = slice.indexOf(bytes); at >= 0 && places.size < MAX_PLACES; at = slice.indexOf(bytes, at + 1))
        places.set(start + at, name);
    yield undefined;
  }
  return places;
}

function isVariable(elf: ElfFile, address: number): boolean {
  return elf.loads.some((load) => load.writable && address >= load.address && address < load.address + load.memorySize);
}

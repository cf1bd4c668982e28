import type { ElfFile } from '../elf.ts';
import { entryBytes, type FunctionTable } from './function-table.ts';
import { u32At, u64At } from './little-endian.ts';
import { PagedFile } from './paged-file.ts';

/** Package runtime's functions in the order of their code. Addresses are link-time. */
export interface RuntimeFunctions {
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly names: readonly string[];
}

const MAX_FUNCTIONS = 32 * 1024;
/** The linker keeps a package together, apart from some wrappers: this many others in a row mean that the package is over. */
const ENOUGH = 500;
const OTHERS_IN_A_ROW = 1024;
const MAX_NAME_BYTES = 200;
const INDEX_SLICE = 1024;
const PAGES = { pageBytes: 64 * 1024, pages: 24, loads: 2048 };
/** `runt`, `ime.` as little-endian words. */
const RUNT = 0x746e7572;
const IME_DOT = 0x2e656d69;

/**
 * Walks the function table for the functions named `runtime.*`. undefined when the table leads outside itself. Yields every few
 * thousand functions. Source: Go runtime/symtab.go functab, runtime/runtime2.go _func (1.17 to 1.27).
 */
export function* readRuntimeFunctions(
  elf: ElfFile,
  size: number,
  table: FunctionTable,
): Generator<undefined, RuntimeFunctions | undefined, undefined> {
  const { index, address } = entryBytes(table.format);
  const records = new PagedFile(elf.read, size, PAGES);
  const names = new PagedFile(elf.read, size, PAGES);
  const base = table.format === '1.16' ? 0 : table.module.text;
  const starts: number[] = [];
  const ends: number[] = [];
  const texts: string[] = [];
  let others = 0;
  for (let first = 0; first < table.count; first += INDEX_SLICE) {
    const entries = Math.min(INDEX_SLICE, table.count - first) + 1;
    const slice = elf.read(table.functions.offset + first * index, entries * index);
    if (slice === undefined) return undefined;
    for (let at = 0; at + index < slice.length; at += index) {
      const record = index === 16 ? u64At(slice, at + 8) : u32At(slice, at + 4);
      if (record >= table.functions.length || !records.seek(table.functions.offset + record, address + 4)) continue;
      const nameOffset = u32At(records.bytes, records.at + address);
      if (nameOffset + 8 > table.names.length) continue;
      const nameAt = table.names.offset + nameOffset;
      if (
        !names.seek(nameAt, 8) ||
        u32At(names.bytes, names.at) !== RUNT ||
        u32At(names.bytes, names.at + 4) !== IME_DOT
      ) {
        others += 1;
        continue;
      }
      others = 0;
      const name = names.text(nameAt, MAX_NAME_BYTES);
      if (name === undefined) continue;
      starts.push(base + (index === 16 ? u64At(slice, at) : u32At(slice, at)));
      ends.push(base + (index === 16 ? u64At(slice, at + 16) : u32At(slice, at + 8)));
      texts.push(name);
    }
    if (records.exhausted || names.exhausted || texts.length > MAX_FUNCTIONS) return undefined;
    if (others > OTHERS_IN_A_ROW && texts.length > ENOUGH) break;
    yield undefined;
  }
  return { count: texts.length, starts: Float64Array.from(starts), ends: Float64Array.from(ends), names: texts };
}

import { type ElfFile, locate } from '../elf.ts';
import { i32At, u64At } from './little-endian.ts';

const DT_RELA = 7;
const DT_RELASZ = 8;
const ENTRY_BYTES = 24;
const SLICE_BYTES = ENTRY_BYTES * 32 * 1024;
const MAX_TABLE_BYTES = 64 * 1024 * 1024;
const MAX_DYNAMIC_BYTES = 64 * 1024;
/** R_X86_64_RELATIVE and R_AARCH64_RELATIVE. */
const RELATIVE: Readonly<Record<number, number>> = { 62: 8, 183: 0x403 };

/**
 * Calls `visit` with the address and the value, both at link time, of each pointer that the loader will fill in. A position
 * independent program linked by GNU ld holds zeros there. Addresses come in no order. Yields after each slice of at most 1 MiB.
 * Source: System V gABI, Dynamic Section and Relocation.
 */
export function* relativeRelocations(
  elf: ElfFile,
  visit: (address: number, value: number) => void,
): Generator<undefined, void, undefined> {
  const table = findTable(elf);
  const type = RELATIVE[elf.machine];
  if (table === undefined || type === undefined) return;
  for (let start = 0; start < table.size; start += SLICE_BYTES) {
    const slice = elf.read(table.offset + start, Math.min(SLICE_BYTES, table.size - start));
    if (slice === undefined) return;
    for (let at = 0; at + ENTRY_BYTES <= slice.length; at += ENTRY_BYTES)
      if (i32At(slice, at + 8) === type && i32At(slice, at + 12) === 0) visit(u64At(slice, at), u64At(slice, at + 16));
    yield undefined;
  }
}

function findTable(elf: ElfFile): { readonly offset: number; readonly size: number } | undefined {
  if (elf.dynamic === undefined) return undefined;
  const entries = elf.read(elf.dynamic.offset, Math.min(elf.dynamic.size, MAX_DYNAMIC_BYTES));
  let [address, size] = [0, 0];
  for (let at = 0; entries !== undefined && at + 16 <= entries.length; at += 16) {
    const tag = u64At(entries, at);
    if (tag === DT_RELA) address = u64At(entries, at + 8);
    else if (tag === DT_RELASZ) size = u64At(entries, at + 8);
  }
  const place = size === 0 ? undefined : locate(elf, address);
  return place === undefined
    ? undefined
    : { offset: place.offset, size: Math.min(size, place.available, MAX_TABLE_BYTES) };
}

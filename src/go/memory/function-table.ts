import type { ElfFile, ElfSegment } from '../elf.ts';
import { type FileRange, findFunctionTable } from '../pclntab.ts';
import { u32At, u64At } from './little-endian.ts';
import { findModuleData, type ModuleData } from './moduledata.ts';

/** How the table is laid out: by the release that began it. */
export type TableFormat = '1.16' | '1.18' | '1.20';

/** A Go function table and its parts in the file. Addresses are link-time. Plain data: it can be kept and sent to a worker. */
export interface FunctionTable {
  readonly format: TableFormat;
  /** Smallest instruction of the machine: what pc steps in the tables are multiples of. */
  readonly quantum: number;
  /** Functions; the index has one entry more, which ends the last. */
  readonly count: number;
  /** Zero-ended names. */
  readonly names: FileRange;
  /** File numbers of each compilation unit, as offsets into `files`. */
  readonly compileUnits: FileRange;
  readonly files: FileRange;
  /** Value tables by pc: file, line, inlining. */
  readonly values: FileRange;
  /** The index of entries, and behind it the function records. */
  readonly functions: FileRange;
  readonly module: ModuleData;
  readonly loads: readonly ElfSegment[];
}

const FORMATS: Readonly<Record<number, TableFormat>> = { 0xfffffff1: '1.20', 0xfffffff0: '1.18', 0xfffffffa: '1.16' };
const HEADER_BYTES = 8 + 8 * 8;
const MAX_FUNCTIONS = 4 * 1024 * 1024;

/** The table without its place in memory. */
type Layout = Omit<FunctionTable, 'module' | 'loads'>;

/**
 * The function table of a 64-bit little-endian Go program, which stripping keeps. undefined: none that is whole, or the module
 * data that says where its text starts cannot be found. Source: Go runtime/symtab.go pcHeader (1.16 to 1.27).
 */
export function* readFunctionTable(elf: ElfFile): Generator<undefined, FunctionTable | undefined, undefined> {
  const range = yield* findFunctionTable(elf, (table) => readLayout(elf, table) !== undefined);
  const layout = range === undefined ? undefined : readLayout(elf, range);
  if (range === undefined || layout === undefined) return undefined;
  const module = yield* findModuleData(elf, range.offset, layout.functions.offset, layout.count);
  return module === undefined ? undefined : { ...layout, module, loads: elf.loads };
}

/** Bytes of an index entry, and of the entry address that starts a function record. */
export function entryBytes(format: TableFormat): { readonly index: number; readonly address: number } {
  return format === '1.16' ? { index: 16, address: 8 } : { index: 8, address: 4 };
}

function readLayout(elf: ElfFile, table: FileRange): Layout | undefined {
  const header = elf.read(table.offset, HEADER_BYTES);
  const format = header === undefined ? undefined : FORMATS[u32At(header, 0)];
  if (header === undefined || format === undefined || header[7] !== 8) return undefined;
  const count = u64At(header, 8);
  const first = format === '1.16' ? 24 : 32;
  const starts = [0, 8, 16, 24, 32].map((at) => u64At(header, first + at));
  const [names, units, files, values, functions] = starts as [number, number, number, number, number];
  const ordered = names <= units && units <= files && files <= values && values <= functions;
  const indexBytes = (count + 1) * entryBytes(format).index;
  if (count < 1 || count > MAX_FUNCTIONS || !ordered || functions + indexBytes > table.length) return undefined;
  const part = (start: number, end: number): FileRange => ({ offset: table.offset + start, length: end - start });
  return {
    format,
    quantum: header[6] ?? 1,
    count,
    names: part(names, units),
    compileUnits: part(units, files),
    files: part(files, values),
    values: part(values, functions),
    functions: part(functions, table.length),
  };
}

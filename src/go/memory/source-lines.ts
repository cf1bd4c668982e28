import type { ReadAt } from '../../io/random-access.ts';
import { locate, readElf } from '../elf.ts';
import type { GoVersion } from '../types.ts';
import { entryBytes, type FunctionTable, readFunctionTable } from './function-table.ts';
import { RELEASE_WORDS } from './moduledata.ts';
import { PagedFile } from './paged-file.ts';
import { valueAt } from './pc-values.ts';
import type { SourceLine } from './types.ts';

const CACHED = 1024;
const PAGES = { pageBytes: 4096, pages: 128, loads: 0 };
/** Page reads for one address: two score for a big table, the rest for a long list of lines. */
const LOADS_EACH = 96;
const MAX_NAME_BYTES = 512;
const MAX_PATH_BYTES = 1024;
const NO_FILE = 0xffffffff;
const PCDATA_INLINE_INDEX = 2;
const FUNCDATA_INLINE_TREE = 3;

/** The fields of a function record, by table format: where each lies, counted from the record's start. */
const RECORD = {
  '1.16': { name: 8, file: 24, line: 28, values: 32, unit: 36, tables: 43, size: 44 },
  '1.18': { name: 4, file: 20, line: 24, values: 28, unit: 32, tables: 39, size: 40 },
  '1.20': { name: 4, file: 20, line: 24, values: 28, unit: 32, tables: 43, size: 44 },
} as const;

/** Source lines of one executable: the addresses asked for last are remembered, up to 1024. */
export class SourceLines {
  readonly #table: FunctionTable;
  readonly #size: number;
  readonly #inlined: number | undefined;
  readonly #known = new Map<number, SourceLine | undefined>();

  /** `size` is that of the file. The release tells where inlined calls are listed. */
  constructor(table: FunctionTable, size: number, goVersion: GoVersion) {
    this.#table = table;
    this.#size = size;
    this.#inlined = functionDataAddress(table, goVersion);
  }

  /**
   * A look-up by link-time address on the open file: function, file and line of the innermost inlined call. For a return address,
   * such as where a go statement returned to, ask for the address minus one. undefined: no Go function there, or a damaged table.
   * In Go 1.17 the function is the one that others were inlined into, while file and line are already theirs.
   * Reads 4 KiB at a time. Source: Go runtime/symtab.go findfunc, funcline, pcvalue; runtime/symtabinl.go (1.17 to 1.27).
   */
  open(readAt: ReadAt): (pc: number) => SourceLine | undefined {
    const pages = new PagedFile(readAt, this.#size, PAGES);
    return (pc) => {
      const known = this.#known.get(pc);
      if (known !== undefined || this.#known.has(pc)) {
        this.#known.delete(pc);
        this.#known.set(pc, known);
        return known;
      }
      pages.allow(LOADS_EACH);
      const line = this.#find(pages, pc);
      this.#known.set(pc, line);
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= CACHED) break;
        this.#known.delete(oldest);
      }
      return line;
    };
  }

  #find(pages: PagedFile, pc: number): SourceLine | undefined {
    const table = this.#table;
    const fields = RECORD[table.format];
    if (!(pc >= table.module.text && pc < table.module.textEnd)) return undefined;
    const index = findFunction(pages, table, pc);
    const entry = index === undefined ? undefined : entryOf(pages, table, index);
    const record = index === undefined ? undefined : recordOf(pages, table, index);
    if (entry === undefined || record === undefined || !pages.seek(record, fields.size)) return undefined;
    const view = new DataView(pages.bytes.buffer, pages.bytes.byteOffset + pages.at, fields.size);
    const u32 = (at: number): number => view.getUint32(at, true);
    const [nameOffset, file, line, unit] = [u32(fields.name), u32(fields.file), u32(fields.line), u32(fields.unit)];
    const [values, tables] = [u32(fields.values), view.getUint8(fields.tables)];
    const at = (list: number): number | undefined => valueAt(pages, table.values, list, table.quantum, pc - entry);
    const inlined = this.#inlinedName(pages, record + fields.size, values, tables, at);
    const name = this.#name(pages, inlined ?? nameOffset) ?? this.#name(pages, nameOffset);
    if (name === undefined) return undefined;
    return {
      function: withoutTypeArguments(name),
      file: fileName(pages, table, unit, at(file)) ?? '',
      line: Math.max(at(line) ?? 0, 0),
    };
  }

  /** The name offset of the innermost call inlined at the pc; undefined when there is none. */
  #inlinedName(
    pages: PagedFile,
    lists: number,
    values: number,
    tables: number,
    at: (list: number) => number | undefined,
  ): number | undefined {
    if (this.#inlined === undefined || values <= PCDATA_INLINE_INDEX || tables <= FUNCDATA_INLINE_TREE || values > 64)
      return undefined;
    const list = pages.u32(lists + 4 * PCDATA_INLINE_INDEX);
    const tree = pages.u32(lists + 4 * (values + FUNCDATA_INLINE_TREE));
    if (list === undefined || list === 0 || tree === undefined || tree === NO_FILE) return undefined;
    const index = at(list);
    if (index === undefined || index < 0) return undefined;
    const call = this.#table.format === '1.18' ? { size: 20, name: 12 } : { size: 16, name: 4 };
    return pages.u32(this.#inlined + tree + index * call.size + call.name);
  }

  #name(pages: PagedFile, offset: number): string | undefined {
    const { names } = this.#table;
    // Names follow each other: before each is the zero byte that ends the one before.
    if (offset >= names.length || (offset > 0 && pages.byte(names.offset + offset - 1) !== 0)) return undefined;
    return pages.text(names.offset + offset, MAX_NAME_BYTES);
  }
}

/** As the runtime prints names: type arguments are left out. Source: Go runtime/symtab.go funcNameForPrint. */
function withoutTypeArguments(name: string): string {
  const [first, last] = [name.indexOf('['), name.lastIndexOf(']')];
  return first < 0 || last <= first ? name : `${name.slice(0, first)}[...]${name.slice(last + 1)}`;
}

/** Finds the function table of an executable. undefined: none. Yields as it searches. */
export function* findSourceLines(
  readAt: ReadAt,
  size: number,
  goVersion: GoVersion,
): Generator<undefined, SourceLines | undefined, undefined> {
  const elf = readElf(readAt, size, 'source_lines', 'executable');
  if (!elf.ok || elf.value.pointerSize !== 8 || elf.value.bigEndian) return undefined;
  const table = yield* readFunctionTable(elf.value);
  return table === undefined ? undefined : new SourceLines(table, size, goVersion);
}

/** The file offset of go:func.*, from which function data is counted: Go 1.18 and later. Source: Go runtime/symtab.go moduledata. */
function functionDataAddress(table: FunctionTable, { minor }: GoVersion): number | undefined {
  const offset = minor < 18 ? undefined : minor < 20 ? 304 : minor < 27 ? 320 : 344;
  const address = offset === undefined ? undefined : table.module.releaseWords[(offset - RELEASE_WORDS) / 8];
  return address === undefined ? undefined : locate(table, address)?.offset;
}

/** The last function that starts at or before `pc`. */
function findFunction(pages: PagedFile, table: FunctionTable, pc: number): number | undefined {
  let [low, high] = [0, table.count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = entryOf(pages, table, middle);
    if (entry === undefined) return undefined;
    if (entry <= pc) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : low - 1;
}

function entryOf(pages: PagedFile, table: FunctionTable, index: number): number | undefined {
  const at = table.functions.offset + index * entryBytes(table.format).index;
  if (table.format === '1.16') return pages.u64(at);
  const offset = pages.u32(at);
  return offset === undefined ? undefined : table.module.text + offset;
}

function recordOf(pages: PagedFile, table: FunctionTable, index: number): number | undefined {
  const at = table.functions.offset + index * entryBytes(table.format).index;
  const offset = table.format === '1.16' ? pages.u64(at + 8) : pages.u32(at + 4);
  return offset === undefined || offset >= table.functions.length ? undefined : table.functions.offset + offset;
}

function fileName(pages: PagedFile, table: FunctionTable, unit: number, file: number | undefined): string | undefined {
  if (file === undefined || file < 0) return undefined;
  const at = (unit + file) * 4;
  const offset = at + 4 <= table.compileUnits.length ? pages.u32(table.compileUnits.offset + at) : undefined;
  if (offset === undefined || offset === NO_FILE || offset >= table.files.length) return undefined;
  return pages.text(table.files.offset + offset, MAX_PATH_BYTES);
}

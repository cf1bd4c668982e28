import { type ElfFile, locate, readElf } from '../../../src/go/elf.ts';
import type { ReadAt } from '../../../src/io/random-access.ts';
import { elfImage, type ImagePart, strictReadAt } from '../elf-image.ts';
import { inlineInfo } from '../go-blobs.ts';

export const TEXT = 0x401000;
export const TABLE = 0x500000;
export const MODULE = 0x600000;
/** Where the variables of the made-up program begin and end. */
export const VARIABLES = 0x600400;
export const VARIABLES_END = 0x602400;
const SLOT = 1024;

/** A few amd64 instructions. Each takes fixed addresses; `at` is where the next one goes. */
export class X86Code {
  readonly #bytes: number[] = [];
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  /** `opcode`, then the distance from the end of the instruction to `target`, then `tail`. */
  #relative(opcode: readonly number[], target: number, tail: readonly number[] = []): this {
    const next = this.#start + this.#bytes.length + opcode.length + 4 + tail.length;
    const distance = Buffer.alloc(4);
    distance.writeInt32LE(target - next);
    this.#bytes.push(...opcode, ...distance, ...tail);
    return this;
  }

  raw(...bytes: number[]): this {
    this.#bytes.push(...bytes);
    return this;
  }

  /** LEA RAX, [target] */
  lea(target: number): this {
    return this.#relative([0x48, 0x8d, 0x05], target);
  }

  /** LEA RCX, [target] */
  leaRcx(target: number): this {
    return this.#relative([0x48, 0x8d, 0x0d], target);
  }

  call(target: number): this {
    return this.#relative([0xe8], target);
  }

  /** MOV ECX, [target] */
  load32(target: number): this {
    return this.#relative([0x8b, 0x0d], target);
  }

  /** MOV RCX, [target] */
  load64(target: number): this {
    return this.#relative([0x48, 0x8b, 0x0d], target);
  }

  /** MOV [target], ECX */
  store32(target: number): this {
    return this.#relative([0x89, 0x0d], target);
  }

  /** MOV [target], RCX */
  store64(target: number): this {
    return this.#relative([0x48, 0x89, 0x0d], target);
  }

  /** CMP qword [target], 0 */
  compare64(target: number): this {
    return this.#relative([0x48, 0x83, 0x3d], target, [0]);
  }

  bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

export interface MadeFunction {
  readonly name: string;
  readonly write?: (code: X86Code, addressOf: (name: string) => number) => void;
}

/** A function table of Go 1.20 and later over functions of 1 KiB each. */
export function functionTableOf(names: readonly string[]): Buffer {
  const texts = Buffer.from(`${names.join('\0')}\0`);
  const header = Buffer.alloc(72);
  const records = Buffer.alloc(44 * names.length);
  const index = Buffer.alloc(8 * (names.length + 1));
  let nameAt = 0;
  names.forEach((name, number) => {
    index.writeUInt32LE(number * SLOT, number * 8);
    index.writeUInt32LE(index.length + number * 44, number * 8 + 4);
    records.writeUInt32LE(number * SLOT, number * 44);
    records.writeUInt32LE(nameAt, number * 44 + 4);
    nameAt += Buffer.byteLength(name) + 1;
  });
  index.writeUInt32LE(names.length * SLOT, names.length * 8);
  header.writeUInt32LE(0xfffffff1);
  header[6] = 1;
  header[7] = 8;
  header.writeBigUInt64LE(BigInt(names.length), 8);
  const tables = header.length + texts.length;
  [header.length, tables, tables, tables, tables].forEach((offset, word) => {
    header.writeBigUInt64LE(BigInt(offset), 32 + 8 * word);
  });
  return Buffer.concat([header, texts, index, records]);
}

/** A made-up Go 1.26 program of these functions, for amd64: a stand-in for what only a linker writes. */
export function goImage(
  functions: readonly MadeFunction[],
  {
    version = 'go1.26.4',
    withoutSections = false,
    more = [],
  }: { version?: string; withoutSections?: boolean; more?: readonly ImagePart[] } = {},
): Buffer {
  const names = functions.map(({ name }) => name);
  const addressOf = (name: string): number => TEXT + names.indexOf(name) * SLOT;
  const text = Buffer.alloc(functions.length * SLOT, 0xcc);
  for (const { name, write } of functions) {
    const code = new X86Code(addressOf(name));
    write?.(code, addressOf);
    code.bytes().copy(text, addressOf(name) - TEXT);
  }
  const table = functionTableOf(names);
  const data = Buffer.alloc(VARIABLES_END - MODULE);
  const word = (value: number, at: number): void => {
    data.writeBigUInt64LE(BigInt(value), at);
  };
  word(TABLE, 0);
  word(TABLE + Number(table.readBigUInt64LE(64)), 128);
  word(functions.length + 1, 136);
  const end = TEXT + text.length;
  [TEXT, end, TEXT, end].forEach((value, index) => {
    word(value, 160 + 8 * index);
  });
  [VARIABLES, VARIABLES_END, VARIABLES_END, VARIABLES_END].forEach((value, index) => {
    word(value, 192 + 16 * index);
    word(VARIABLES_END, 200 + 16 * index);
  });
  const parts: ImagePart[] = [
    { section: '.text', address: TEXT, bytes: text, flags: 5 },
    { section: '.gopclntab', address: TABLE, bytes: table, flags: 4 },
    { section: '.data', address: MODULE, bytes: data, flags: 6 },
    ...more,
  ];
  if (version !== '')
    parts.push({
      section: '.go.buildinfo',
      address: 0x700000,
      bytes: inlineInfo(version, Buffer.alloc(0)),
      flags: 6,
    });
  const file = elfImage(parts, { withoutSections });
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  return file;
}

/** Gives program header `index` of a 64-bit image another type: 2 = PT_DYNAMIC, 4 = PT_NOTE. */
export function retype(file: Buffer, index: number, type: number): Buffer {
  file.writeUInt32LE(type, 64 + 56 * index);
  return file;
}

/** Reads the headers of an image that is known to be good. */
export function elfOf(file: Buffer): ElfFile {
  const elf = readElf(strictReadAt(file), file.length, 'test', 'image');
  if (!elf.ok) throw new Error(elf.miss.detail);
  return elf.value;
}

/** Where the byte at a loaded address lies in the file. */
export function fileOffset(file: Buffer, address: number): number {
  const place = locate(elfOf(file), address);
  if (place === undefined) throw new Error('not in the image');
  return place.offset;
}

/** Runs a search to its end and counts its pauses. */
export function finish<T>(search: Generator<undefined, T, undefined>): { readonly value: T; readonly pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = search.next();
    if (step.done === true) return { value: step.value, pauses };
  }
}

/** {@link strictReadAt}, and the number of bytes read so far. */
export function countingReadAt(file: Uint8Array): { readonly readAt: ReadAt; readonly bytesRead: () => number } {
  const strict = strictReadAt(file);
  let bytes = 0;
  return {
    readAt: (offset, length) => {
      bytes += length;
      return strict(offset, length);
    },
    bytesRead: () => bytes,
  };
}

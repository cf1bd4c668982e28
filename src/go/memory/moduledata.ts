import { type ElfFile, locate } from '../elf.ts';
import { u64At } from './little-endian.ts';
import { relativeRelocations } from './relocations.ts';

/** What the linker tells the runtime about where things are. Link-time addresses. */
export interface ModuleData {
  readonly text: number;
  readonly textEnd: number;
  /** Variables: .noptrdata, .data, .bss and .noptrbss, which follow each other. */
  readonly variables: number;
  readonly variablesEnd: number;
  /** The words of moduledata from byte {@link RELEASE_WORDS} on, whose order depends on the release. */
  readonly releaseWords: readonly number[];
}

const SLICE_BYTES = 1024 * 1024;
const MAX_SCAN_BYTES = 512 * 1024 * 1024;
const MAX_CANDIDATES = 16;
const MAX_RELOCATED = 4;
/** Of moduledata as far as it is read: up to and beyond gofunc. */
const READ_BYTES = 360;
export const RELEASE_WORDS = 256;

/**
 * Finds runtime.firstmoduledata: a pointer to the function table, in a writable segment, followed by what fits the table. In a
 * position independent program the pointers may be only in the relocations. `table` and `index` are file offsets of the table and of
 * its index of `count` + 1 functions. Source: Go runtime/symtab.go moduledata: the first 256 bytes are the same from 1.16 to 1.27.
 */
export function* findModuleData(
  elf: ElfFile,
  table: number,
  index: number,
  count: number,
): Generator<undefined, ModuleData | undefined, undefined> {
  const address = addressOf(elf, table);
  const indexAddress = addressOf(elf, index);
  if (address === undefined || indexAddress === undefined) return undefined;
  const fits = (data: Uint8Array): ModuleData | undefined => check(elf, data, address, indexAddress, count);
  return (yield* searchRelocations(elf, address, fits)) ?? (yield* searchSegments(elf, address, fits));
}

function addressOf(elf: ElfFile, offset: number): number | undefined {
  const load = elf.loads.find((each) => offset >= each.offset && offset < each.offset + each.fileSize);
  return load === undefined ? undefined : load.address + offset - load.offset;
}

type Fits = (data: Uint8Array) => ModuleData | undefined;

function* searchSegments(
  elf: ElfFile,
  address: number,
  fits: Fits,
): Generator<undefined, ModuleData | undefined, undefined> {
  const pattern = Buffer.alloc(8);
  pattern.writeBigUInt64LE(BigInt(address));
  let [budget, candidates] = [MAX_SCAN_BYTES, MAX_CANDIDATES];
  for (const load of elf.loads) {
    if (!load.writable) continue;
    const length = Math.min(load.fileSize, budget);
    budget -= length;
    for (let start = 0; start < length; start += SLICE_BYTES) {
      const slice = elf.read(load.offset + start, Math.min(SLICE_BYTES + READ_BYTES, length - start));
      if (slice === undefined) break;
      for (let at = slice.indexOf(pattern); at >= 0; at = slice.indexOf(pattern, at + 1)) {
        const found = at + READ_BYTES > slice.length ? undefined : fits(slice.subarray(at, at + READ_BYTES));
        if (found !== undefined) return found;
        if (--candidates === 0) return undefined;
      }
      yield undefined;
    }
  }
  return undefined;
}

function* searchRelocations(
  elf: ElfFile,
  address: number,
  fits: Fits,
): Generator<undefined, ModuleData | undefined, undefined> {
  // Linkers write the relocations of one variable side by side, so one pass mostly sees them all.
  const candidates: { readonly place: number; readonly data: Buffer }[] = [];
  const visit = (at: number, value: number): void => {
    if (value === address && candidates.length < MAX_RELOCATED && !candidates.some(({ place }) => place === at)) {
      const file = locate(elf, at);
      const bytes = file === undefined || file.available < READ_BYTES ? undefined : elf.read(file.offset, READ_BYTES);
      // A copy, because what was read may be shared.
      if (bytes !== undefined) candidates.push({ place: at, data: Buffer.from(bytes) });
    }
    for (const { place, data } of candidates) {
      const distance = at - place;
      if (distance >= 0 && distance + 8 <= READ_BYTES && value >= 0 && Number.isSafeInteger(value))
        data.writeBigUInt64LE(BigInt(value), distance);
    }
  };
  for (let pass = 0; pass < 2; pass++) {
    yield* relativeRelocations(elf, visit);
    for (const { data } of candidates) {
      const found = fits(data);
      if (found !== undefined) return found;
    }
    if (candidates.length === 0) return undefined;
  }
  return undefined;
}

function check(
  elf: ElfFile,
  data: Uint8Array,
  address: number,
  indexAddress: number,
  count: number,
): ModuleData | undefined {
  const word = (at: number): number => u64At(data, at);
  if (word(0) !== address || word(128) !== indexAddress || word(136) !== count + 1) return undefined;
  const [minPc, maxPc, text, textEnd] = [word(160), word(168), word(176), word(184)];
  if (!(text <= minPc && minPc < maxPc && maxPc <= textEnd)) return undefined;
  const code = elf.loads.some(
    (load) => load.executable && text >= load.address && textEnd <= load.address + load.fileSize,
  );
  if (!code) return undefined;
  const bounds = [192, 200, 208, 216, 224, 232, 240, 248].map(word);
  const [variables, variablesEnd] = [Math.min(...bounds), Math.max(...bounds)];
  const releaseWords: number[] = [];
  for (let at = RELEASE_WORDS; at + 8 <= READ_BYTES; at += 8) releaseWords.push(word(at));
  return { text, textEnd, variables, variablesEnd, releaseWords };
}

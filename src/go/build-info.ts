import { found, missed, type Reading } from '../base/reading.ts';
import type { ReadAt } from '../io/random-access.ts';
import { findBuildInfoHeader } from './build-info-search.ts';
import { type ElfFile, locate, readElf } from './elf.ts';
import { parseModuleInfo } from './module-info.ts';
import { parseGodebug } from './runtime-settings.ts';
import type { BuildInfo } from './types.ts';
import { parseGoVersion } from './version.ts';

const READER = 'build_info';
const HEADER_BYTES = 32;
const MAX_VERSION_BYTES = 4096;
const MAX_MODULE_BYTES = 1024 * 1024;
const FLAG_BIG_ENDIAN = 1;
const FLAG_INLINE = 2;

/** The two texts of the blob as bytes; the module text still in its frame. */
interface RawInfo {
  readonly version: Buffer;
  readonly module: Buffer;
}

/**
 * What the Go linker wrote into an executable of `size` bytes. `source` names the file in a miss.
 *
 * - `absent`: not ELF, or no Go build information (C, Rust, gccgo, UPX-packed).
 * - `unsupported`: Go, but the file does not tell the release: a development build without a number, or Go 1.13 to 1.17
 *   linked so that the pointers are filled in at load time.
 * - `malformed`: the header is there and what it leads to is not.
 *
 * Source: Go debug/buildinfo (1.26), cmd/link/internal/ld/data.go buildinfo; the pointer form is that of Go 1.13 to 1.17.
 */
export function readBuildInfo(readAt: ReadAt, size: number, source = 'executable'): Reading<BuildInfo> {
  const elf = readElf(readAt, size, READER, source);
  if (!elf.ok) return elf.miss.kind === 'absent' ? missed('absent', READER, source, 'not a Go executable') : elf;
  const place = findBuildInfoHeader(elf.value);
  if (place === undefined) return missed('absent', READER, source, 'not a Go executable');
  const header = elf.value.read(place.offset, HEADER_BYTES);
  const flags = header?.[15];
  if (header === undefined || flags === undefined || place.available < HEADER_BYTES)
    return missed('malformed', READER, source, 'build information is cut off');
  const raw =
    (flags & FLAG_INLINE) !== 0
      ? readInline(elf.value, place.offset + HEADER_BYTES, place.available - HEADER_BYTES)
      : readPointers(elf.value, header, (flags & FLAG_BIG_ENDIAN) !== 0);
  if (raw === undefined) return missed('malformed', READER, source, 'build information leads nowhere');
  const versionText = raw.version.toString('utf8');
  if (versionText === '' && (flags & FLAG_INLINE) === 0)
    return missed('unsupported', READER, source, 'version is filled in at load time');
  const goVersion = parseGoVersion(versionText);
  if (goVersion === undefined) {
    const kind = /^devel\b/.test(versionText) ? 'unsupported' : 'malformed';
    return missed(kind, READER, source, `no Go release in ${JSON.stringify(versionText.slice(0, 80))}`);
  }
  const info = parseModuleInfo(unframe(raw.module));
  return found({ goVersion, ...info, defaultGodebug: parseGodebug(info.settings.get('DefaultGODEBUG')) });
}

function readInline(elf: ElfFile, offset: number, available: number): RawInfo | undefined {
  const version = readCounted(elf, offset, available, MAX_VERSION_BYTES);
  if (version === undefined) return undefined;
  const module = readCounted(elf, offset + version.taken, available - version.taken, MAX_MODULE_BYTES);
  return module === undefined ? undefined : { version: version.bytes, module: module.bytes };
}

/** A varint length and that many bytes. */
function readCounted(
  elf: ElfFile,
  offset: number,
  available: number,
  maxBytes: number,
): { readonly bytes: Buffer; readonly taken: number } | undefined {
  let length = 0;
  // Four groups of seven bits hold every length under the caps.
  for (let count = 0; count < 4; count++) {
    if (count >= available) return undefined;
    const byte = elf.read(offset + count, 1)?.[0];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * count);
    if (byte >= 0x80) continue;
    const taken = count + 1 + length;
    if (length > maxBytes || taken > available) return undefined;
    const bytes = elf.read(offset + count + 1, length);
    return bytes === undefined ? undefined : { bytes, taken };
  }
  return undefined;
}

function readPointers(elf: ElfFile, header: Buffer, bigEndian: boolean): RawInfo | undefined {
  const pointerSize = header[14];
  if (pointerSize !== 4 && pointerSize !== 8) return undefined;
  const pointerAt = (bytes: Buffer, at: number): number => {
    const value = bigEndian ? bytes.readUIntBE(at + pointerSize - 4, 4) : bytes.readUIntLE(at, 4);
    if (pointerSize === 4) return value;
    return value + 2 ** 32 * (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at + 4));
  };
  const stringAt = (address: number, maxBytes: number): Buffer | undefined => {
    if (address === 0) return Buffer.alloc(0);
    const words = readAddress(elf, address, 2 * pointerSize);
    if (words === undefined) return undefined;
    const [data, length] = [pointerAt(words, 0), pointerAt(words, pointerSize)];
    if (length === 0 || data === 0) return Buffer.alloc(0);
    return length > maxBytes ? undefined : readAddress(elf, data, length);
  };
  const version = stringAt(pointerAt(header, 16), MAX_VERSION_BYTES);
  const module = stringAt(pointerAt(header, 16 + pointerSize), MAX_MODULE_BYTES);
  return version === undefined ? undefined : { version, module: module ?? Buffer.alloc(0) };
}

function readAddress(elf: ElfFile, address: number, length: number): Buffer | undefined {
  const place = locate(elf, address);
  return place === undefined || place.available < length ? undefined : elf.read(place.offset, length);
}

/** Go puts 16 marker bytes on both sides of the module text, whose last line ends with a newline. */
function unframe(framed: Buffer): string {
  if (framed.length < 33 || framed[framed.length - 17] !== 0x0a) return '';
  return framed.toString('utf8', 16, framed.length - 16);
}

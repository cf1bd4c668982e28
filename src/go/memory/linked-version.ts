import { type ElfFile, locate } from '../elf.ts';
import type { GoVersion } from '../types.ts';
import { parseGoVersion } from '../version.ts';
import { u64At } from './little-endian.ts';

const MAX_VERSION_BYTES = 128;
const MAX_ADDRESSES = 256;

/**
 * The release of a program without build information, from runtime.buildVersion: schedinit looks at its length, so it is one of the
 * `addresses` which that function uses, or the string header begins eight bytes before. undefined: not there, or more than one
 * release is. Source: Go runtime/proc.go schedinit ("buildVersion is kept in the resulting binary").
 */
export function readLinkedVersion(elf: ElfFile, addresses: Iterable<number>): GoVersion | undefined {
  const versions = new Map<string, GoVersion>();
  let left = MAX_ADDRESSES;
  for (const address of addresses) {
    if (left-- === 0) break;
    for (const header of [address, address - 8]) {
      const version = stringAt(elf, header);
      if (version !== undefined) versions.set(version.text, version);
    }
  }
  return versions.size === 1 ? [...versions.values()][0] : undefined;
}

function stringAt(elf: ElfFile, header: number): GoVersion | undefined {
  const words = bytesAt(elf, header, 16);
  const length = words === undefined ? 0 : u64At(words, 8);
  if (words === undefined || length < 5 || length > MAX_VERSION_BYTES) return undefined;
  const text = bytesAt(elf, u64At(words, 0), length)?.toString('latin1');
  return text?.startsWith('go1.') === true ? parseGoVersion(text) : undefined;
}

function bytesAt(elf: ElfFile, address: number, length: number): Buffer | undefined {
  const place = locate(elf, address);
  return place === undefined || place.available < length ? undefined : elf.read(place.offset, length);
}

// The part of a 64-bit little-endian ELF file that the offset tables need: DWARF sections, and what lies at an address.
// Source: System V gABI.
import { inflateSync } from 'node:zlib';

const MAX_SECTION = 256 * 1024 * 1024;

/** { sections: name -> bytes (inflated), at(address, length) -> bytes of a loaded segment } */
export function readElf(file) {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1)
    throw new Error('not a 64-bit LE ELF file');
  const table = (offset, size, count) =>
    Array.from({ length: file.readUInt16LE(count) }, (_, i) => {
      const start = Number(file.readBigUInt64LE(offset)) + i * file.readUInt16LE(size);
      return file.subarray(start, start + file.readUInt16LE(size));
    });
  const long = (bytes, at) => Number(bytes.readBigUInt64LE(at));
  const headers = table(40, 58, 60);
  const contents = (header) => file.subarray(long(header, 24), long(header, 24) + long(header, 32));
  const names = contents(headers[file.readUInt16LE(62)]);
  const sections = new Map();
  for (const header of headers) {
    const start = header.readUInt32LE(0);
    const name = names.toString('latin1', start, names.indexOf(0, start));
    if (/^\.z?debug_/.test(name)) sections.set(name.replace('.z', '.'), inflated(name, header, contents(header)));
  }
  const loads = table(32, 54, 56).filter((header) => header.readUInt32LE(0) === 1);
  const at = (address, length) => {
    const load = loads.find(
      (header) => address >= long(header, 16) && address + length <= long(header, 16) + long(header, 32),
    );
    if (load === undefined) throw new Error(`0x${address.toString(16)} is not in the file`);
    const start = long(load, 8) + address - long(load, 16);
    return file.subarray(start, start + length);
  };
  return { sections, at };
}

/** Go to 1.18 names it .zdebug_ with a header of its own; later Go marks it SHF_COMPRESSED. */
function inflated(name, header, bytes) {
  if (name.startsWith('.z')) return inflateSync(bytes.subarray(12), { maxOutputLength: MAX_SECTION });
  if ((header.readUInt32LE(8) & 0x800) === 0) return bytes;
  if (bytes.readUInt32LE(0) !== 1) throw new Error(`${name}: compression ${bytes.readUInt32LE(0)} is not zlib`);
  return inflateSync(bytes.subarray(24), { maxOutputLength: MAX_SECTION });
}

const MAGIC = Buffer.from('ff20476f206275696c64696e663a', 'hex');
const START = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const END = Buffer.from('f932433186182072008242104116d8f2', 'hex');

/** Module text between Go's marker bytes. */
export function framed(text: string): Buffer {
  return Buffer.concat([START, Buffer.from(text), END]);
}

/** Build information as Go 1.18 and later write it. */
export function inlineInfo(version: string | Buffer, modules: Buffer): Buffer {
  const counted = (bytes: Buffer) => {
    const length: number[] = [];
    let rest = bytes.length;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    return Buffer.concat([Buffer.from([...length, rest]), bytes]);
  };
  const header = Buffer.concat([MAGIC, Buffer.from([8, 2]), Buffer.alloc(16)]);
  return Buffer.concat([header, counted(Buffer.from(version)), counted(modules)]);
}

/** Build information as Go 1.13 to 1.17 write it, with both strings behind it. Loaded at `address`. */
export function pointerInfo(
  version: string,
  modules: Buffer,
  address: number,
  { pointerSize = 8, bigEndian = false }: { pointerSize?: 4 | 8; bigEndian?: boolean } = {},
): Buffer {
  const versionBytes = Buffer.from(version);
  const bytes = Buffer.alloc(32 + 4 * pointerSize + versionBytes.length + modules.length);
  const word = (value: number, at: number) => {
    if (pointerSize === 4) return bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
    return bigEndian ? bytes.writeBigUInt64BE(BigInt(value), at) : bytes.writeBigUInt64LE(BigInt(value), at);
  };
  MAGIC.copy(bytes);
  bytes[14] = pointerSize;
  bytes[15] = bigEndian ? 1 : 0;
  const texts = 32 + 4 * pointerSize;
  word(address + 32, 16);
  word(address + 32 + 2 * pointerSize, 16 + pointerSize);
  word(address + texts, 32);
  word(versionBytes.length, 32 + pointerSize);
  word(address + texts + versionBytes.length, 32 + 2 * pointerSize);
  word(modules.length, 32 + 3 * pointerSize);
  versionBytes.copy(bytes, texts);
  modules.copy(bytes, texts + versionBytes.length);
  return bytes;
}

/** A Go function table with these names: header of Go 1.18 and later, names, and a tail that is not names. */
export function functionTable(
  names: readonly string[],
  {
    magic = 0xfffffff1,
    pointerSize = 8,
    bigEndian = false,
  }: { magic?: number; pointerSize?: 4 | 8; bigEndian?: boolean } = {},
): Buffer {
  const nameBytes = Buffer.from(`\0${names.join('\0')}\0`);
  const words = magic === 0xfffffffa ? 7 : 8;
  const header = Buffer.alloc(8 + words * pointerSize);
  if (bigEndian) header.writeUInt32BE(magic);
  else header.writeUInt32LE(magic);
  header[6] = 1;
  header[7] = pointerSize;
  const word = (value: number, index: number) => {
    const at = 8 + index * pointerSize;
    if (pointerSize === 4) return bigEndian ? header.writeUInt32BE(value, at) : header.writeUInt32LE(value, at);
    return bigEndian ? header.writeBigUInt64BE(BigInt(value), at) : header.writeBigUInt64LE(BigInt(value), at);
  };
  word(header.length, words - 5);
  for (let index = words - 4; index < words; index++) word(header.length + nameBytes.length, index);
  return Buffer.concat([header, nameBytes, Buffer.from('\0after the names\0')]);
}

import { i32At } from './little-endian.ts';

/** What follows the opcode of an instruction, one bit each. */
const MODRM = 1;
const IMM8 = 2;
const IMM16 = 4;
/** Four bytes, two under the operand size prefix. */
const IMM_Z = 8;
/** Four bytes whatever the prefixes: a branch target. */
const REL32 = 16;
const INVALID = 32;

/**
 * Lengths of x86-64 instructions in 64-bit mode, and the few operands that following addresses through code needs. One object is used
 * for a whole sweep: a call overwrites the fields of the one before. Source: Intel SDM volume 2, chapter 2 and appendix A.
 */
export class X86Decoder {
  opcode = 0;
  /** Of the last instruction: 0 one byte, 1 0F, 2 0F 38, 3 0F 3A. VEX and EVEX instructions come out under the map they name. */
  map = 0;
  /** VEX or EVEX: the operands are vector or mask registers. */
  vector = false;
  /** ModRM.reg and ModRM.rm with their REX bits; -1 without ModRM, and `rm` -1 when it names memory. */
  reg = -1;
  rm = -1;
  /** REX.W: the operation is 64 bits wide. */
  wide = false;
  operandSizePrefix = false;
  /** The memory operand is `[rip + displacement]`. */
  ripRelative = false;
  displacement = 0;
  /** Offset in `code` of the bytes after ModRM, SIB and displacement. */
  immediateAt = 0;

  /** The length of the instruction at `at`, or 0 when it is none or runs past `end`. */
  decode(code: Uint8Array, at: number, end: number): number {
    this.map = 0;
    this.vector = false;
    this.reg = -1;
    this.rm = -1;
    this.wide = false;
    this.operandSizePrefix = false;
    this.ripRelative = false;
    let cursor = at;
    let rex = 0;
    let addressSize = false;
    let byte = 0;
    // No instruction is longer than 15 bytes.
    const last = end < at + 15 ? end : at + 15;
    for (;;) {
      if (cursor >= last) return 0;
      byte = code[cursor++] ?? 0;
      if (byte >= 0x40 && byte <= 0x4f) {
        rex = byte;
        continue;
      }
      if (byte === 0x66) this.operandSizePrefix = true;
      else if (byte === 0x67) addressSize = true;
      else if (
        byte !== 0xf0 &&
        byte !== 0xf2 &&
        byte !== 0xf3 &&
        byte !== 0x64 &&
        byte !== 0x65 &&
        byte !== 0x2e &&
        byte !== 0x36 &&
        byte !== 0x26 &&
        byte !== 0x3e
      )
        break;
      // A REX prefix counts only directly before the opcode.
      rex = 0;
    }
    this.wide = (rex & 8) !== 0;
    let shape: number;
    if (byte === 0xc4 || byte === 0xc5 || byte === 0x62) {
      cursor = this.#vectorPrefix(code, cursor, last, byte);
      if (cursor === 0) return 0;
      rex = this.wide ? 8 : 0;
      byte = code[cursor++] ?? 0;
      shape = this.map === 1 ? (TWO_BYTE[byte] ?? 0) & ~REL32 : this.map === 3 ? MODRM | IMM8 : MODRM;
      if (byte !== 0x77 || this.map !== 1) shape |= MODRM;
      shape &= ~INVALID;
    } else if (byte === 0x0f) {
      if (cursor >= last) return 0;
      byte = code[cursor++] ?? 0;
      this.map = 1;
      shape = TWO_BYTE[byte] ?? 0;
      if (byte === 0x38 || byte === 0x3a) {
        if (cursor >= last) return 0;
        this.map = byte === 0x38 ? 2 : 3;
        shape = byte === 0x38 ? MODRM : MODRM | IMM8;
        byte = code[cursor++] ?? 0;
      }
    } else shape = ONE_BYTE[byte] ?? 0;
    this.opcode = byte;
    if ((shape & INVALID) !== 0) return 0;
    if ((shape & MODRM) !== 0) {
      if (cursor >= last) return 0;
      const modrm = code[cursor++] ?? 0;
      const mod = modrm >> 6;
      const low = modrm & 7;
      this.reg = ((modrm >> 3) & 7) | ((rex & 4) << 1);
      if (mod === 3) this.rm = low | ((rex & 1) << 3);
      else {
        let displacementBytes = mod === 1 ? 1 : mod === 2 ? 4 : 0;
        if (low === 4) {
          if (cursor >= last) return 0;
          const sib = code[cursor++] ?? 0;
          if (mod === 0 && (sib & 7) === 5) displacementBytes = 4;
        } else if (mod === 0 && low === 5) {
          displacementBytes = 4;
          this.ripRelative = !addressSize;
        }
        if (cursor + displacementBytes > last) return 0;
        if (this.ripRelative) this.displacement = i32At(code, cursor);
        cursor += displacementBytes;
      }
      // TEST is the only one of group 3 that has an immediate.
      if (this.map === 0 && (byte === 0xf6 || byte === 0xf7) && (modrm & 0x30) === 0)
        shape |= byte === 0xf6 ? IMM8 : IMM_Z;
    }
    this.immediateAt = cursor;
    if ((shape & IMM8) !== 0) cursor += 1;
    if ((shape & IMM16) !== 0) cursor += 2;
    if ((shape & REL32) !== 0) cursor += 4;
    if ((shape & IMM_Z) !== 0) cursor += this.operandSizePrefix && !this.wide ? 2 : 4;
    if (this.map === 0) {
      // MOV r64, imm64 and MOV to or from an absolute address.
      if (this.wide && byte >= 0xb8 && byte <= 0xbf) cursor += 4;
      else if (byte >= 0xa0 && byte <= 0xa3) cursor += addressSize ? 4 : 8;
    }
    return cursor > last ? 0 : cursor - at;
  }

  /** Reads what VEX or EVEX say about map and width; gives the offset of the opcode, or 0. */
  #vectorPrefix(code: Uint8Array, cursor: number, last: number, byte: number): number {
    const length = byte === 0xc5 ? 1 : byte === 0xc4 ? 2 : 3;
    if (cursor + length >= last) return 0;
    const first = code[cursor] ?? 0;
    this.vector = true;
    this.map = byte === 0xc5 ? 1 : byte === 0xc4 ? first & 0x1f : first & 7;
    this.wide = byte !== 0xc5 && ((code[cursor + 1] ?? 0) & 0x80) !== 0;
    return cursor + length;
  }
}

function table(rows: readonly (readonly [first: number, last: number, shape: number])[]): Uint8Array {
  const shapes = new Uint8Array(256);
  for (const [first, last, shape] of rows) shapes.fill(shape, first, last + 1);
  return shapes;
}

const ARITHMETIC = [0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38].flatMap(
  (first) =>
    [
      [first, first + 3, MODRM],
      [first + 4, first + 4, IMM8],
      [first + 5, first + 5, IMM_Z],
      [first + 6, first + 7, INVALID],
    ] as const,
);

const ONE_BYTE = table([
  ...ARITHMETIC,
  [0x60, 0x61, INVALID],
  [0x63, 0x63, MODRM],
  [0x68, 0x68, IMM_Z],
  [0x69, 0x69, MODRM | IMM_Z],
  [0x6a, 0x6a, IMM8],
  [0x6b, 0x6b, MODRM | IMM8],
  [0x70, 0x7f, IMM8],
  [0x80, 0x80, MODRM | IMM8],
  [0x81, 0x81, MODRM | IMM_Z],
  [0x82, 0x82, INVALID],
  [0x83, 0x83, MODRM | IMM8],
  [0x84, 0x8f, MODRM],
  [0x9a, 0x9a, INVALID],
  [0xa8, 0xa8, IMM8],
  [0xa9, 0xa9, IMM_Z],
  [0xb0, 0xb7, IMM8],
  [0xb8, 0xbf, IMM_Z],
  [0xc0, 0xc1, MODRM | IMM8],
  [0xc2, 0xc2, IMM16],
  [0xc6, 0xc6, MODRM | IMM8],
  [0xc7, 0xc7, MODRM | IMM_Z],
  [0xc8, 0xc8, IMM16 | IMM8],
  [0xca, 0xca, IMM16],
  [0xcd, 0xcd, IMM8],
  [0xce, 0xce, INVALID],
  [0xd0, 0xd3, MODRM],
  [0xd4, 0xd6, INVALID],
  [0xd8, 0xdf, MODRM],
  [0xe0, 0xe7, IMM8],
  [0xe8, 0xe9, REL32],
  [0xea, 0xea, INVALID],
  [0xeb, 0xeb, IMM8],
  [0xf6, 0xf7, MODRM],
  [0xfe, 0xff, MODRM],
]);

const TWO_BYTE = table([
  [0x00, 0x03, MODRM],
  [0x04, 0x04, INVALID],
  [0x0a, 0x0a, INVALID],
  [0x0c, 0x0c, INVALID],
  [0x0d, 0x0d, MODRM],
  [0x0f, 0x0f, MODRM | IMM8],
  [0x10, 0x23, MODRM],
  [0x24, 0x27, INVALID],
  [0x28, 0x2f, MODRM],
  [0x36, 0x36, INVALID],
  [0x39, 0x39, INVALID],
  [0x3b, 0x3f, INVALID],
  [0x40, 0x6f, MODRM],
  [0x70, 0x73, MODRM | IMM8],
  [0x74, 0x76, MODRM],
  [0x78, 0x7f, MODRM],
  [0x80, 0x8f, REL32],
  [0x90, 0x9f, MODRM],
  [0xa3, 0xa3, MODRM],
  [0xa4, 0xa4, MODRM | IMM8],
  [0xa5, 0xa5, MODRM],
  [0xa6, 0xa7, INVALID],
  [0xab, 0xab, MODRM],
  [0xac, 0xac, MODRM | IMM8],
  [0xad, 0xb9, MODRM],
  [0xba, 0xba, MODRM | IMM8],
  [0xbb, 0xc1, MODRM],
  [0xc2, 0xc2, MODRM | IMM8],
  [0xc3, 0xc3, MODRM],
  [0xc4, 0xc6, MODRM | IMM8],
  [0xc7, 0xc7, MODRM],
  [0xd0, 0xff, MODRM],
]);

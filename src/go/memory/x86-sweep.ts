import { ADDRESS_TAKEN, type CodeSink, LOADED, OTHER_USE, STORED, type Sweep } from './code-sink.ts';
import { i32At } from './little-endian.ts';
import { X86Decoder } from './x86-length.ts';

/** Conditional moves and extending loads of the two-byte map, which overwrite the register that ModRM.reg names. */
const LOADS_TWO_BYTE = new Set([0xaf, 0xb6, 0xb7, 0xbe, 0xbf, 0xbc, 0xbd, 0xb8]);

/**
 * A sweep of amd64 code in Go's register calling convention (from Go 1.17): the first argument, a method's receiver, is in RAX.
 * The object keeps its tables from one function to the next. Source: Go src/cmd/compile/abi-internal.md.
 */
export function x86Sweep(): Sweep {
  const decoder = new X86Decoder();
  /** The fixed address each general register holds; 0 for anything else. */
  const held = new Float64Array(16);
  return (bytes, start, end, address, sink) => {
    held.fill(0);
    for (let at = start; at < end; ) {
      const length = decoder.decode(bytes, at, end);
      if (length === 0) {
        at += 1;
        held.fill(0);
        continue;
      }
      const next = address + (at - start) + length;
      if (decoder.map === 0 && decoder.opcode === 0xe8) {
        sink.call(next + i32At(bytes, at + length - 4), held[0] ?? 0);
        held.fill(0);
      } else {
        if (decoder.ripRelative) touch(decoder, next + decoder.displacement, sink);
        if (!decoder.vector) follow(decoder, next, held);
      }
      at += length;
    }
  };
}

function touch(decoder: X86Decoder, address: number, sink: CodeSink): void {
  const { opcode, map } = decoder;
  const size = decoder.vector ? 16 : decoder.wide ? 8 : decoder.operandSizePrefix ? 2 : 4;
  if (map === 0) {
    if (opcode === 0x8d) sink.touch(address, 0, ADDRESS_TAKEN);
    else if (opcode === 0x8b) sink.touch(address, size, LOADED);
    else if (opcode === 0x89 || opcode === 0xc7) sink.touch(address, size, STORED);
    else if (opcode === 0x87) sink.touch(address, size, LOADED | STORED);
    else if (opcode === 0x83 || opcode === 0x81 || opcode === 0x39 || opcode === 0x3b)
      sink.touch(address, size, OTHER_USE);
    else sink.touch(address, (opcode & 1) === 0 ? 1 : size, OTHER_USE);
  } else if (map === 1 && (opcode === 0xb6 || opcode === 0xbe)) sink.touch(address, 1, OTHER_USE);
  else if (map === 1 && opcode >= 0x10 && opcode <= 0x7f) sink.touch(address, 16, OTHER_USE);
  else sink.touch(address, size, OTHER_USE);
}

/** Keeps `held` true: what an instruction overwrites no longer holds a fixed address. */
function follow(decoder: X86Decoder, next: number, held: Float64Array): void {
  const { opcode, map, reg, rm } = decoder;
  if (map === 0) {
    if (opcode === 0x8d) held[reg] = decoder.ripRelative ? next + decoder.displacement : 0;
    else if (opcode === 0x8b) held[reg] = rm >= 0 && decoder.wide ? (held[rm] ?? 0) : 0;
    else if (opcode === 0x89) {
      if (rm >= 0) held[rm] = decoder.wide ? (held[reg] ?? 0) : 0;
    } else if (opcode < 0x40) {
      // Arithmetic; compares (38 to 3D) write nothing.
      if (opcode >= 0x38) return;
      const form = opcode & 7;
      if (form <= 1) clear(held, rm);
      else if (form <= 3) clear(held, reg);
      else held[0] = 0;
    } else if (opcode === 0x63 || opcode === 0x69 || opcode === 0x6b) clear(held, reg);
    else if (opcode === 0x80 || opcode === 0x81 || opcode === 0x83) {
      if ((reg & 7) !== 7) clear(held, rm);
    } else if (opcode === 0x87) {
      clear(held, reg);
      clear(held, rm);
    } else if (
      opcode === 0xc6 ||
      opcode === 0xc7 ||
      opcode === 0xc0 ||
      opcode === 0xc1 ||
      (opcode >= 0xd0 && opcode <= 0xd3) ||
      opcode === 0xf7 ||
      opcode === 0xff ||
      opcode === 0x8f
    )
      clear(held, rm);
    else if ((opcode >= 0xb8 && opcode <= 0xbf) || (opcode >= 0x58 && opcode <= 0x5f) || opcode === 0x98) {
      // The register is in the opcode and its REX bit is not kept: both it could be are cleared.
      held[opcode & 7] = 0;
      held[(opcode & 7) + 8] = 0;
    }
  } else if (map === 1) {
    if ((opcode >= 0x40 && opcode <= 0x4f) || LOADS_TWO_BYTE.has(opcode)) clear(held, reg);
    else if (opcode === 0xb1) held[0] = 0;
    else if (opcode === 0xc1) {
      clear(held, reg);
      clear(held, rm);
    } else if (opcode === 0x7e) clear(held, rm);
  }
}

function clear(held: Float64Array, register: number): void {
  if (register >= 0) held[register] = 0;
}

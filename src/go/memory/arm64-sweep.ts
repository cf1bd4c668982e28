import { ADDRESS_TAKEN, LOADED, STORED, type Sweep } from './code-sink.ts';
import { u32At } from './little-endian.ts';

const PAGE = 4096;

/** The assembler makes addresses in R27 on its own account: the code takes none of them. */
const SCRATCH = 27;
/** The first argument on the stack, above the return address: up to Go 1.17. */
const ARGUMENT_SLOT = 8;

/**
 * A sweep of arm64 code. The first argument is in R0 from Go 1.18, and on the stack before. Fixed addresses are made of ADRP and an
 * addition, or a load or store with an offset. Source: Arm ARM C6.2, Go src/cmd/compile/abi-internal.md, doc/asm.html.
 */
export function arm64Sweep(argumentsOnStack = false): Sweep {
  /** The fixed address each register holds; 0 for anything else. */
  const held = new Float64Array(32);
  /** 1: what the register holds is a page of ADRP, not yet an address that the code means. */
  const partial = new Uint8Array(32);
  return (bytes, start, end, address, sink) => {
    held.fill(0);
    let argument = 0;
    for (let at = start; at + 4 <= end; at += 4) {
      const word = u32At(bytes, at);
      const pc = address + (at - start);
      const target = word & 31;
      const source = (word >>> 5) & 31;
      if ((word & 0x9f000000) >>> 0 === 0x90000000) {
        const pages = (((word << 8) >> 13) << 2) | ((word >>> 29) & 3);
        held[target] = pc - (pc % PAGE) + pages * PAGE;
        partial[target] = 1;
      } else if ((word & 0xff800000) >>> 0 === 0x91000000) {
        // ADD of an immediate, 64 bits; bit 22 shifts it by 12.
        const immediate = ((word >>> 10) & 0xfff) * ((word & 0x400000) === 0 ? 1 : PAGE);
        const base = held[source] ?? 0;
        held[target] = base === 0 ? 0 : base + immediate;
        partial[target] = 0;
        if (base !== 0 && target !== SCRATCH) sink.touch(base + immediate, 0, ADDRESS_TAKEN);
      } else if ((word & 0x3b000000) === 0x39000000) {
        // LDR and STR with an unsigned offset; bit 26 says vector register.
        const size = 1 << (word >>> 30);
        const base = held[source] ?? 0;
        const load = (word & 0xc00000) !== 0;
        const offset = ((word >>> 10) & 0xfff) * size;
        if (base !== 0) sink.touch(base + offset, size, load ? LOADED : STORED);
        else if (source === 31 && !load && offset === ARGUMENT_SLOT) argument = held[target] ?? 0;
        if (load && (word & 0x04000000) === 0) held[target] = 0;
      } else if ((word & 0x3a000000) === 0x28000000) {
        // LDP and STP: two registers side by side. Only the 64-bit form with an offset tells an address.
        const base = held[source] ?? 0;
        const load = (word & 0x400000) !== 0;
        if (base !== 0 && word >>> 30 === 2 && (word & 0x05800000) === 0x01000000) {
          const place = base + (((word << 10) >> 25) << 3);
          sink.touch(place, 8, load ? LOADED : STORED);
          sink.touch(place + 8, 8, load ? LOADED : STORED);
        }
        if (load && (word & 0x04000000) === 0) {
          held[target] = 0;
          held[(word >>> 10) & 31] = 0;
        }
      } else if ((word & 0xffe0ffe0) >>> 0 === 0xaa0003e0) {
        // MOV between registers.
        const from = (word >>> 16) & 31;
        held[target] = partial[from] === 1 ? 0 : (held[from] ?? 0);
        partial[target] = 0;
      } else if ((word & 0xfc000000) >>> 0 === 0x94000000) {
        const first = partial[0] === 1 ? 0 : (held[0] ?? 0);
        sink.call(pc + ((word << 6) >> 6) * 4, argumentsOnStack ? argument : first);
        held.fill(0);
        argument = 0;
      } else if (writesRegister(word)) held[target] = 0;
      held[31] = 0;
    }
  };
}

/** Data processing, other loads and moves: the low five bits name what they overwrite. Branches and stores do not. */
function writesRegister(word: number): boolean {
  const group = (word >>> 25) & 15;
  // 100x: immediates; x101: registers. The compares among them name register 31.
  if ((group & 14) === 8 || (group & 7) === 5) return true;
  // x1x0: loads and stores, whose bit 22 or 23 says load.
  return (group & 5) === 4 && (word & 0x00c00000) !== 0 && (word & 0x04000000) === 0;
}

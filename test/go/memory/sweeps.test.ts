import { describe, expect, it } from 'vitest';
import { arm64Sweep } from '../../../src/go/memory/arm64-sweep.ts';
import { ADDRESS_TAKEN, LOADED, OTHER_USE, STORED, type Sweep } from '../../../src/go/memory/code-sink.ts';
import { x86Sweep } from '../../../src/go/memory/x86-sweep.ts';
import { X86Code } from './go-image.ts';

const HERE = 0x401000;
const GLOBAL = 0x600100;
const METHOD = 0x402000;

function run(sweep: Sweep, code: Buffer, address = HERE) {
  const calls: [target: number, receiver: number][] = [];
  const touches: [address: number, size: number, use: number][] = [];
  sweep(code, 0, code.length, address, {
    call: (...seen) => calls.push(seen),
    touch: (...seen) => touches.push(seen),
  });
  return { calls, touches };
}

describe('x86Sweep', () => {
  const receiverAfter = (...middle: number[]): number | undefined => {
    const code = new X86Code(HERE)
      .lea(GLOBAL)
      .raw(...middle)
      .call(METHOD);
    return run(x86Sweep(), code.bytes()).calls[0]?.[1];
  };

  it.each([
    [[], 'nothing'],
    [[0x48, 0x89, 0xc3], 'mov rbx, rax'],
    [[0x48, 0x8b, 0x5c, 0x24, 0x10], 'mov rbx, [rsp+16]'],
    [[0x48, 0x3b, 0xc1], 'cmp rax, rcx'],
    [[0x83, 0xf8, 0x01], 'cmp eax, 1'],
    [[0x48, 0x85, 0xc0], 'test rax, rax'],
    [[0x0f, 0x10, 0x00], 'movups xmm0, [rax]'],
    [[0x89, 0x08], 'mov [rax], ecx'],
  ])('sees the receiver through %j (%s)', (middle) => {
    expect(receiverAfter(...middle)).toBe(GLOBAL);
  });

  it.each([
    [[0x48, 0x89, 0xd8], 'mov rax, rbx'],
    [[0x48, 0x8b, 0x44, 0x24, 0x10], 'mov rax, [rsp+16]'],
    [[0x31, 0xc0], 'xor eax, eax'],
    [[0xb8, 1, 0, 0, 0], 'mov eax, 1'],
    [[0x48, 0x83, 0xc0, 0x08], 'add rax, 8'],
    [[0x48, 0x05, 8, 0, 0, 0], 'add rax, 8 (short form)'],
    [[0x48, 0x8d, 0x40, 0x08], 'lea rax, [rax+8]'],
    [[0x58], 'pop rax'],
    [[0x0f, 0xb6, 0xc1], 'movzx eax, cl'],
    [[0x48, 0x0f, 0x44, 0xc1], 'cmove rax, rcx'],
    [[0x48, 0xc1, 0xe0, 0x03], 'shl rax, 3'],
    [[0x48, 0xff, 0xc0], 'inc rax'],
    [[0x48, 0x87, 0xc1], 'xchg rcx, rax'],
    [[0x48, 0xf7, 0xd8], 'neg rax'],
  ])('forgets it after %j (%s)', (middle) => {
    expect(receiverAfter(...middle)).toBe(0);
  });

  it('follows an address from register to register, and forgets all at a call', () => {
    const code = new X86Code(HERE).leaRcx(GLOBAL).raw(0x48, 0x89, 0xc8).call(METHOD).call(METHOD);
    expect(run(x86Sweep(), code.bytes()).calls).toEqual([
      [METHOD, GLOBAL],
      [METHOD, 0],
    ]);
  });

  it('tells how an address is used', () => {
    const code = new X86Code(HERE)
      .lea(GLOBAL)
      .load32(GLOBAL)
      .load64(GLOBAL)
      .store32(GLOBAL)
      .store64(GLOBAL)
      .compare64(GLOBAL);
    expect(run(x86Sweep(), code.bytes()).touches).toEqual([
      [GLOBAL, 0, ADDRESS_TAKEN],
      [GLOBAL, 4, LOADED],
      [GLOBAL, 8, LOADED],
      [GLOBAL, 4, STORED],
      [GLOBAL, 8, STORED],
      [GLOBAL, 8, OTHER_USE],
    ]);
  });

  it('goes on behind bytes that are no instruction', () => {
    const code = new X86Code(HERE).raw(0x06, 0x07).lea(GLOBAL).call(METHOD);
    expect(run(x86Sweep(), code.bytes()).calls).toEqual([[METHOD, GLOBAL]]);
  });
});

/** Little-endian words. */
const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value >>> 0, 4 * index);
  });
  return bytes;
};
/** ADRP Xd: 0x600 pages and none or more; the code is at 0x401000. */
const adrp = (register: number, page: number): number => {
  const pages = (page - HERE) / 4096;
  return (0x90000000 | ((pages & 3) << 29) | (((pages >> 2) & 0x7ffff) << 5) | register) >>> 0;
};
const addImmediate = (to: number, from: number, value: number): number => 0x91000000 | (value << 10) | (from << 5) | to;
/** BL, when the instruction is the `index`th. */
const branchLink = (index: number): number => 0x94000000 | ((METHOD - HERE - 4 * index) / 4);

describe('arm64Sweep', () => {
  it('makes the receiver of ADRP and ADD', () => {
    const code = words(adrp(0, 0x600000), addImmediate(0, 0, 0x100), branchLink(2), branchLink(3));
    const seen = run(arm64Sweep(), code);
    expect(seen.calls).toEqual([
      [METHOD, GLOBAL],
      [METHOD, 0],
    ]);
    expect(seen.touches).toEqual([[GLOBAL, 0, ADDRESS_TAKEN]]);
  });

  it('follows a move, knows pages below, and a page alone is no receiver', () => {
    // MOV X0, X3
    const moved = words(adrp(3, 0x600000), addImmediate(3, 3, 0x100), 0xaa0303e0, branchLink(3));
    expect(run(arm64Sweep(), moved).calls).toEqual([[METHOD, GLOBAL]]);
    const below = words(adrp(0, 0x3ff000), addImmediate(0, 0, 8), branchLink(2));
    expect(run(arm64Sweep(), below).calls).toEqual([[METHOD, 0x3ff008]]);
    expect(run(arm64Sweep(), words(adrp(0, 0x600000), branchLink(1))).calls).toEqual([[METHOD, 0]]);
  });

  it.each([
    [0xf94003e0, 'ldr x0, [sp]'],
    [0xd2800020, 'mov x0, #1'],
    [0x8b010000, 'add x0, x0, x1'],
    [0xa94007e0, 'ldp x0, x1, [sp]'],
    [0xf8408400, 'ldr x0, [x0], #8'],
    [0x9a811000, 'csel x0, x0, x1, ne'],
  ])('forgets the receiver after %x (%s)', (word) => {
    const code = words(adrp(0, 0x600000), addImmediate(0, 0, 0x100), word, branchLink(3));
    expect(run(arm64Sweep(), code).calls).toEqual([[METHOD, 0]]);
  });

  it.each([
    [0xf90003e0, 'str x0, [sp]'],
    [0xeb01001f, 'cmp x0, x1'],
    [0xb5000040, 'cbnz x0, .+8'],
  ])('keeps it after %x (%s)', (word) => {
    const code = words(adrp(0, 0x600000), addImmediate(0, 0, 0x100), word, branchLink(3));
    expect(run(arm64Sweep(), code).calls).toEqual([[METHOD, GLOBAL]]);
  });

  it('tells loads and stores with an offset, also through the scratch register', () => {
    const code = words(
      adrp(27, 0x600000),
      // LDR W1, [X27, #0x100]; STR X1, [X27, #0x108]; LDP X1, X2, [X27, #0x10]
      0xb9410361,
      0xf9008761,
      0xa9410b61,
      // The address is made for the load behind it: ADD X27, X27, #0x104; LDRB W1, [X27]
      addImmediate(27, 27, 0x104),
      0x39400361,
    );
    expect(run(arm64Sweep(), code).touches).toEqual([
      [0x600100, 4, LOADED],
      [0x600108, 8, STORED],
      [0x600010, 8, LOADED],
      [0x600018, 8, LOADED],
      [0x600104, 1, LOADED],
    ]);
  });

  it('takes the receiver from the stack where Go 1.17 puts it', () => {
    // STR X3, [SP, #8]
    const code = words(adrp(3, 0x600000), addImmediate(3, 3, 0x100), 0xf90007e3, branchLink(3), branchLink(4));
    expect(run(arm64Sweep(true), code).calls).toEqual([
      [METHOD, GLOBAL],
      [METHOD, 0],
    ]);
    expect(run(arm64Sweep(), code).calls[0]).toEqual([METHOD, 0]);
  });
});

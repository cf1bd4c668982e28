import { describe, expect, it } from 'vitest';
import { X86Decoder } from '../../../src/go/memory/x86-length.ts';

const decode = (hex: string) => {
  const decoder = new X86Decoder();
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return { length: decoder.decode(bytes, 0, bytes.length), decoder };
};

describe('X86Decoder', () => {
  // The bytes are one whole instruction, so the length is theirs.
  it.each([
    ['c3', 'ret'],
    ['90', 'nop'],
    ['55', 'push rbp'],
    ['4154', 'push r12'],
    ['488bec', 'mov rbp, rsp'],
    ['48 8b 05 78563412', 'mov rax, [rip+0x12345678]'],
    ['4c 8d 3d fcffffff', 'lea r15, [rip-4]'],
    ['8b 44 24 10', 'mov eax, [rsp+0x10]'],
    ['8b 84 24 00010000', 'mov eax, [rsp+0x100]'],
    ['8b 04 25 00000010', 'mov eax, [0x10000000]'],
    ['8b 04 8d 00000010', 'mov eax, [rcx*4+0x10000000]'],
    ['8b 04 88', 'mov eax, [rax+rcx*4]'],
    ['48 83 ec 18', 'sub rsp, 0x18'],
    ['48 81 ec 00010000', 'sub rsp, 0x100'],
    ['66 81 c1 3412', 'add cx, 0x1234'],
    ['83 3d 00000000 00', 'cmp dword [rip], 0'],
    ['80 3d 00000000 01', 'cmp byte [rip], 1'],
    ['c7 05 00000000 10270000', 'mov dword [rip], 10000'],
    ['48 c7 05 00000000 07000000', 'mov qword [rip], 7'],
    ['66 c7 00 0100', 'mov word [rax], 1'],
    ['b8 01000000', 'mov eax, 1'],
    ['48 b8 0102030405060708', 'mov rax, imm64'],
    ['66 b8 0100', 'mov ax, 1'],
    ['a1 0102030405060708', 'mov eax, [moffs64]'],
    ['f6 c1 01', 'test cl, 1'],
    ['f7 c1 01000000', 'test ecx, 1'],
    ['f6 d1', 'not cl'],
    ['48 f7 f1', 'div rcx'],
    ['e8 00000000', 'call'],
    ['eb fe', 'jmp short'],
    ['0f 84 00000000', 'je near'],
    ['74 05', 'je short'],
    ['ff 15 00000000', 'call [rip]'],
    ['c2 0800', 'ret 8'],
    ['c8 1000 01', 'enter'],
    ['64 48 8b 0c 25 f8ffffff', 'mov rcx, fs:[-8]'],
    ['f0 48 0f b1 0d 00000000', 'lock cmpxchg [rip], rcx'],
    ['87 05 00000000', 'xchg [rip], eax'],
    ['0f b6 05 00000000', 'movzx eax, byte [rip]'],
    ['f3 0f 10 05 00000000', 'movss xmm0, [rip]'],
    ['66 0f 3a 0f c1 08', 'palignr xmm0, xmm1, 8'],
    ['66 0f 38 00 c1', 'pshufb xmm0, xmm1'],
    ['0f c6 c0 e4', 'shufps'],
    ['0f ba e0 03', 'bt eax, 3'],
    ['0f 1f 84 00 00000000', 'nop dword [rax+rax]'],
    ['66 2e 0f 1f 84 00 00000000', 'long nop'],
    ['f2 48 0f 38 f1 c1', 'crc32 rax, rcx'],
    ['c5 f8 77', 'vzeroupper'],
    ['c5 fe 6f 06', 'vmovdqu ymm0, [rsi]'],
    ['c4 e2 7d 58 c0', 'vpbroadcastd ymm0, xmm0'],
    ['c4 e3 7d 39 c1 01', 'vextracti128 xmm1, ymm0, 1'],
    ['62 f1 fe 48 6f 06', 'vmovdqu64 zmm0, [rsi]'],
    ['62 f1 fe 48 6f 46 01', 'vmovdqu64 zmm0, [rsi+64]'],
    ['62 f3 fd 48 3b c1 01', 'vextracti64x4 ymm1, zmm0, 1'],
  ])('measures %s (%s)', (hex) => {
    const { length } = decode(hex);
    expect(length).toBe(hex.replaceAll(' ', '').length / 2);
    // The bytes that follow change nothing, and one byte less is no instruction.
    expect(decode(`${hex}cccc`).length).toBe(length);
    expect(decode(hex.slice(0, -2)).length).toBe(0);
  });

  it.each(['06', '27', '60', '82', '9a', 'ce', 'd4', 'ea', '0f04', '0f0a', '0f26', '0f3b', '0fa7'])(
    'refuses %s, which is no instruction in 64-bit mode',
    (hex) => {
      expect(decode(`${hex}0000000000000000`).length).toBe(0);
    },
  );

  it('refuses more than 15 bytes', () => {
    expect(decode(`${'66'.repeat(14)}90`).length).toBe(15);
    expect(decode(`${'66'.repeat(15)}90`).length).toBe(0);
  });

  it('tells the operands that addresses are followed by', () => {
    const lea = decode('4c 8d 0d f0ffffff').decoder;
    expect(lea).toMatchObject({
      opcode: 0x8d,
      map: 0,
      reg: 9,
      rm: -1,
      wide: true,
      ripRelative: true,
      displacement: -16,
    });
    const move = decode('4d 89 c8').decoder;
    expect(move).toMatchObject({ opcode: 0x89, reg: 9, rm: 8, wide: true, ripRelative: false });
    // A REX prefix that is not directly before the opcode counts for nothing.
    expect(decode('48 66 8b c1').decoder).toMatchObject({ wide: false, operandSizePrefix: true });
    // The address size prefix makes it EIP-relative, which no Go code is.
    expect(decode('67 8b 05 00000000').decoder.ripRelative).toBe(false);
  });
});

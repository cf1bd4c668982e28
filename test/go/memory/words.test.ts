import { describe, expect, it } from 'vitest';
import { counter, int64, pointer, uint64, uint64OrInfinity, unixMs } from '../../../src/go/memory/words.ts';

function word(value: bigint): Buffer {
  const bytes = Buffer.alloc(16, 0xee);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8);
  return bytes;
}

const LARGEST = 2n ** 53n - 1n;

describe('words of memory', () => {
  it('takes numbers that a double holds, and no others', () => {
    expect(uint64(word(0n), 8)).toBe(0);
    expect(uint64(word(LARGEST), 8)).toBe(Number.MAX_SAFE_INTEGER);
    expect(uint64(word(LARGEST + 1n), 8)).toBeUndefined();
    expect(uint64(word(-1n), 8)).toBeUndefined();
    expect(uint64OrInfinity(word(LARGEST), 8)).toBe(Number.MAX_SAFE_INTEGER);
    expect(uint64OrInfinity(word(-1n), 8)).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes signed numbers either side of zero', () => {
    expect(int64(word(-1n), 8)).toBe(-1);
    expect(int64(word(-5_000_000_000n), 8)).toBe(-5_000_000_000);
    expect(int64(word(LARGEST), 8)).toBe(Number.MAX_SAFE_INTEGER);
    expect(int64(word(LARGEST + 1n), 8)).toBeUndefined();
    expect(int64(word(-LARGEST - 1n), 8)).toBeUndefined();
  });

  it('gives counters as the nearest double', () => {
    expect(counter(word(-7n), 8)).toBe(-7);
    expect(counter(word(2n ** 60n + 1n), 8)).toBe(2 ** 60);
  });

  it('takes pointers into user space only', () => {
    expect(pointer(word(0n), 8)).toBeUndefined();
    expect(pointer(word(4095n), 8)).toBeUndefined();
    expect(pointer(word(4096n), 8)).toBe(4096);
    expect(pointer(word(0xc0_0000_0000n), 8)).toBe(0xc0_0000_0000);
    expect(pointer(word(2n ** 47n), 8)).toBeUndefined();
  });

  it('gives exact milliseconds of nanoseconds that no double holds', () => {
    expect(unixMs(word(0n), 8)).toBeUndefined();
    expect(unixMs(word(1n), 8)).toBe(0);
    expect(unixMs(word(1_700_000_000_002_000_000n), 8)).toBe(1_700_000_000_002);
    expect(unixMs(word(1_700_000_000_001_999_999n), 8)).toBe(1_700_000_000_001);
  });
});

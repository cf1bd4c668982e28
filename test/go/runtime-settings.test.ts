import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatGomemlimit,
  parseGodebug,
  parseGogc,
  parseGomaxprocsEnv,
  parseGomemlimit,
} from '../../src/go/runtime-settings.ts';

describe('parseGogc', () => {
  it.each([
    [undefined, 100],
    ['', 100],
    ['100', 100],
    ['0', 0],
    ['50', 50],
    ['off', 'off'],
    ['-1', 'off'],
    ['OFF', 100],
    ['50%', 100],
    ['1.5', 100],
    [' 50', 100],
    ['2147483647', 2147483647],
    ['2147483648', 100],
  ] as const)('takes %j as %j', (variable, expected) => {
    expect(parseGogc(variable)).toBe(expected);
  });
});

describe('parseGomemlimit', () => {
  it.each([
    [undefined, 'off'],
    ['', 'off'],
    ['off', 'off'],
    ['0', 0],
    ['1024', 1024],
    ['1024B', 1024],
    ['3KiB', 3072],
    ['460MiB', 482_344_960],
    ['2GiB', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
    ['9223372036854775807', 'off'],
  ] as const)('takes %j as %j', (variable, value) => {
    expect(parseGomemlimit(variable)).toEqual({ ok: true, value });
  });

  it.each([
    '512Mi',
    '1800m',
    '1G',
    '1.5GiB',
    '-1',
    'B',
    'MiB',
    '1 GiB',
    '1gib',
    'Off',
    '9223372036854775808',
    '8388608TiB',
    '1iB',
    '9'.repeat(99),
  ])('says that the runtime would die of %j', (variable) => {
    expect(parseGomemlimit(variable)).toEqual({ ok: false });
  });

  it('accepts what formatGomemlimit writes, at most one MiB below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        const parsed = parseGomemlimit(formatGomemlimit(bytes));
        if (!parsed.ok || parsed.value === 'off') throw new Error('not accepted');
        expect(parsed.value).toBeLessThanOrEqual(bytes);
        expect(bytes - parsed.value).toBeLessThan(1024 * 1024);
      }),
    );
  });
});

describe('formatGomemlimit', () => {
  it('rounds down to whole MiB, and to KiB or bytes below one MiB', () => {
    expect(formatGomemlimit(482_344_960)).toBe('460MiB');
    expect(formatGomemlimit(482_344_959)).toBe('459MiB');
    expect(formatGomemlimit(4096.9)).toBe('4KiB');
    expect(formatGomemlimit(7)).toBe('7B');
  });
});

describe('parseGomaxprocsEnv', () => {
  it.each([
    ['4', 4],
    ['004', 4],
    ['0', undefined],
    ['-2', undefined],
    ['1.5', undefined],
    ['2000m', undefined],
    ['', undefined],
    [undefined, undefined],
    ['2147483648', undefined],
  ] as const)('takes %j as %j', (variable, expected) => {
    expect(parseGomaxprocsEnv(variable)).toBe(expected);
  });
});

describe('parseGodebug', () => {
  it('keeps the later of two settings and passes over fields without a value', () => {
    const settings = parseGodebug('containermaxprocs=1,gctrace,,containermaxprocs=0,x=a=b');
    expect([...settings]).toEqual([
      ['containermaxprocs', '0'],
      ['x', 'a=b'],
    ]);
    expect(parseGodebug(undefined).size).toBe(0);
  });
});

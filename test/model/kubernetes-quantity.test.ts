import { describe, expect, it } from 'vitest';
import { parseBytes, parseCores, parseQuantity } from '../../src/model/kubernetes-quantity.ts';

const GIB = 1_073_741_824;

describe('a Kubernetes quantity', () => {
  it.each([
    ['100m', 0.1],
    ['1.5', 1.5],
    ['2', 2],
    ['0', 0],
    ['.5', 0.5],
    ['2.', 2],
    ['+3', 3],
    ['1Gi', GIB],
    ['1.5Gi', 1.5 * GIB],
    ['128Mi', 134_217_728],
    ['128974848', 128_974_848],
    ['129M', 129_000_000],
    ['129e6', 129_000_000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E-2', 0.01],
    ['1E', 1e18],
    ['2k', 2000],
    ['123Ki', 125_952],
    ['250u', 0.00025],
    ['5n', 5e-9],
  ])('%s is %d', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 12);
  });

  it.each([
    '',
    'm',
    'Gi',
    '1 Gi',
    '1gi',
    '1K',
    '1GiB',
    '-1',
    '1.2.3',
    '0x10',
    '1e',
    '1e999',
    'NaN',
    'Infinity',
    '1'.repeat(65),
  ])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe('what the kubelet makes of a quantity', () => {
  it('is whole bytes, rounded up', () => {
    // 1500m is 1.5 bytes.
    expect(parseBytes('1500m')).toBe(2);
    expect(parseBytes('1Gi')).toBe(GIB);
    expect(parseBytes('half')).toBeUndefined();
  });

  it('is whole thousandths of a core, rounded up, but not by the noise of floating point', () => {
    expect(['100m', '1.5', '0.0001', '2.007', '1.001', '1250m'].map(parseCores)).toEqual([
      0.1, 1.5, 0.001, 2.007, 1.001, 1.25,
    ]);
    expect(parseCores('two')).toBeUndefined();
  });
});

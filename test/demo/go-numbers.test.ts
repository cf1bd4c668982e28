import { describe, expect, it } from 'vitest';
import { goFloat, goGoalText, gogcMetric, limitMetric } from '../../src/demo/go-numbers.ts';

describe('goFloat', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [35, '35'],
    [819_200, '819200'],
    [999_999, '999999'],
    [1_000_000, '1e+06'],
    [2_629_632, '2.629632e+06'],
    [5.41, '5.41'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.000012, '1.2e-05'],
    [1.7952110496866205e9, '1.7952110496866205e+09'],
    [-2_000_000, '-2e+06'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => {
    expect(goFloat(value)).toBe(text);
  });

  it('writes the values that stand for off as client_golang does', () => {
    expect(goFloat(limitMetric('off'))).toBe('9.223372036854776e+18');
    expect(goFloat(gogcMetric('off'))).toBe('1.8446744073709552e+19');
    expect(gogcMetric(50)).toBe(50);
    expect(limitMetric(1024)).toBe(1024);
  });

  it('writes an unbounded heap goal above 2^62', () => {
    expect(BigInt(goGoalText('off')) > 2n ** 62n).toBe(true);
    expect(goGoalText(4_194_304.4)).toBe('4194304');
  });
});

import { expect, test } from 'vitest';
import { parseSize } from '../../src/config/sizes.ts';

test.each([
  ['0', 0],
  ['1048576', 1_048_576],
  ['512KiB', 524_288],
  ['16MiB', 16_777_216],
  ['1GiB', 1_073_741_824],
  ['', undefined],
  ['MiB', undefined],
  ['16MB', undefined],
  ['16 MiB', undefined],
  ['1.5MiB', undefined],
  ['-1', undefined],
  ['1e6', undefined],
  ['999999999999999GiB', undefined],
])('%j is %j bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

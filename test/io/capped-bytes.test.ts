import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CappedBytes } from '../../src/io/capped-bytes.ts';

test('holds the chunks in order up to the cap and refuses what goes over it whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 0, max: 200 }), (chunks, cap) => {
      const bytes = new CappedBytes(cap);
      const expected: number[] = [];
      for (const chunk of chunks) {
        const fits = expected.length + chunk.length <= cap;
        expect(bytes.push(chunk)).toBe(fits);
        if (fits) expected.push(...chunk);
      }
      expect([...bytes.bytes()]).toEqual(expected);
    }),
  );
});

test('grows past its first buffer and keeps no view of a chunk', () => {
  const bytes = new CappedBytes(100_000);
  const chunk = Buffer.alloc(30_000, 'a');
  expect([bytes.push(chunk), bytes.push(chunk), bytes.push(chunk), bytes.push(chunk)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  chunk.fill('b');
  expect(bytes.bytes().equals(Buffer.alloc(90_000, 'a'))).toBe(true);
});

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gunzipCapped, gunzipCappedAsync, gunzipPieces } from '../../src/io/gunzip.ts';

const TEXT = Buffer.from('goroutine profile: total 3\n');

test('inflates up to exactly the cap, both ways', async () => {
  const packed = gzipSync(TEXT);
  expect(gunzipCapped(packed, TEXT.length)).toEqual({ ok: true, value: TEXT });
  expect(await gunzipCappedAsync(packed, TEXT.length)).toEqual({ ok: true, value: TEXT });
  const over = {
    ok: false,
    miss: { kind: 'failed', reader: 'pprof', source: 'url', detail: 'inflates to over 26 bytes' },
  };
  expect(gunzipCapped(packed, TEXT.length - 1, 'pprof', 'url')).toEqual(over);
  expect(await gunzipCappedAsync(packed, TEXT.length - 1, 'pprof', 'url')).toEqual(over);
});

test('a bomb stops at the cap', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect(await gunzipCappedAsync(bomb, 100_000)).toMatchObject({ ok: false, miss: { kind: 'failed' } });
});

test('members one after another are one body', () => {
  const packed = Buffer.concat([gzipSync('one '), gzipSync('two')]);
  expect(gunzipCapped(packed, 100)).toEqual({ ok: true, value: Buffer.from('one two') });
});

test('every cut of a good stream is malformed, and so is a wrong checksum', () => {
  const packed = gzipSync(TEXT);
  for (let length = 1; length < packed.length; length += 1) {
    expect(gunzipCapped(packed.subarray(0, length), 1000)).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
  }
  const wrong = Buffer.from(packed);
  wrong[wrong.length - 8]! ^= 1;
  expect(gunzipCapped(wrong, 1000)).toMatchObject({ ok: false, miss: { kind: 'malformed' } });
});

test('never throws on arbitrary bytes, and gives back what gzip took', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const arbitrary = gunzipCapped(bytes, 1000);
      expect(
        arbitrary.ok ? arbitrary.value.length <= 1000 : ['failed', 'malformed'].includes(arbitrary.miss.kind),
      ).toBe(true);
      expect(gunzipCapped(gzipSync(bytes), 300)).toEqual({ ok: true, value: Buffer.from(bytes) });
    }),
    { numRuns: 100 },
  );
});

test('incompressible data over the chunk size comes back whole', async () => {
  const bytes = randomBytes(200_000);
  expect(await gunzipCappedAsync(gzipSync(bytes), 200_000)).toEqual({ ok: true, value: bytes });
});

test('hands pieces over in order, none of them large, up to exactly the cap', async () => {
  const bytes = randomBytes(300_000);
  const pieces: Buffer[] = [];
  const take = (piece: Uint8Array): boolean => pieces.push(Buffer.from(piece)) > 0;
  expect(await gunzipPieces(gzipSync(bytes), bytes.length, take)).toEqual({ ok: true, value: true });
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(64 * 1024);
  expect(await gunzipPieces(gzipSync(bytes), bytes.length - 1, take, 'pprof', 'url')).toEqual({
    ok: false,
    miss: { kind: 'failed', reader: 'pprof', source: 'url', detail: 'inflates to over 299999 bytes' },
  });
});

test('stops inflating when told to, or when the taker throws', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  let pieces = 0;
  expect(await gunzipPieces(bomb, 1 << 30, () => ++pieces < 3)).toEqual({ ok: true, value: false });
  expect(pieces).toBe(3);
  const thrower = (): boolean => {
    throw new Error('a bug');
  };
  await expect(gunzipPieces(bomb, 1 << 30, thrower)).rejects.toThrow('a bug');
});

test('every cut of a stream in pieces is malformed, and members one after another are one body', async () => {
  const packed = gzipSync(TEXT);
  for (let length = 1; length < packed.length; length += 1)
    expect(await gunzipPieces(packed.subarray(0, length), 1000, () => true)).toMatchObject({
      ok: false,
      miss: { kind: 'malformed' },
    });
  let text = '';
  const take = (piece: Uint8Array): boolean => (text += Buffer.from(piece).toString()) !== '';
  expect(await gunzipPieces(Buffer.concat([gzipSync('one '), gzipSync('two')]), 100, take)).toEqual({
    ok: true,
    value: true,
  });
  expect(text).toBe('one two');
});

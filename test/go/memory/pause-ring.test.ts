import { describe, expect, it } from 'vitest';
import { layoutNamed } from '../../../src/go/memory/layout.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import { PauseRing } from '../../../src/go/memory/pause-ring.ts';

const layout = layoutNamed('1.27', RUNTIME_OFFSETS)!;
const { numgc, pause_ns: lengths, pause_end: ends } = layout.offsets.memstats;

/** memstats after so many collections: collection n (from 1) took n ns and ended n ms after a fixed time. */
function after(collections: number): Buffer {
  const memstats = Buffer.alloc(layout.lengths.memstats);
  memstats.writeUInt32LE(collections, numgc[0]);
  for (let gc = Math.max(1, collections - 255); gc <= collections; gc++) {
    const index = ((gc - 1) % 256) * 8;
    memstats.writeBigUInt64LE(BigInt(gc), lengths[0] + index);
    memstats.writeBigUInt64LE(1_700_000_000_000_000_000n + BigInt(gc) * 1_000_000n, ends[0] + index);
  }
  return memstats;
}

const lengthsOf = (ring: PauseRing, collections: number): number[] =>
  ring.read(after(collections)).map(({ pauseNs }) => pauseNs);

describe('PauseRing', () => {
  it('is empty before the first collection', () => {
    expect(new PauseRing(layout).read(after(0))).toEqual([]);
  });

  it('gives the last 256, newest first, wherever the ring begins', () => {
    const pauses = new PauseRing(layout).read(after(700));
    expect(pauses).toHaveLength(256);
    expect(pauses[0]).toEqual({ pauseNs: 700, endUnixMs: 1_700_000_000_700 });
    expect(pauses[255]).toEqual({ pauseNs: 445, endUnixMs: 1_700_000_000_445 });
  });

  it('goes on from what it has seen, also across the end of the ring', () => {
    const ring = new PauseRing(layout);
    expect(lengthsOf(ring, 254)).toHaveLength(254);
    expect(lengthsOf(ring, 258).slice(0, 6)).toEqual([258, 257, 256, 255, 254, 253]);
    expect(lengthsOf(ring, 258)).toHaveLength(256);
    expect(lengthsOf(ring, 258).at(-1)).toBe(3);
    expect(lengthsOf(ring, 2000).slice(0, 2)).toEqual([2000, 1999]);
    expect(lengthsOf(ring, 2000).at(-1)).toBe(1745);
  });

  it('starts again when the count went back', () => {
    const ring = new PauseRing(layout);
    lengthsOf(ring, 100);
    expect(lengthsOf(ring, 2)).toEqual([2, 1]);
  });

  it('leaves out pauses that no double holds, and those that never ended', () => {
    const memstats = after(3);
    memstats.writeBigUInt64LE(2n ** 63n, lengths[0] + 8);
    memstats.writeBigUInt64LE(0n, ends[0]);
    expect(new PauseRing(layout).read(memstats)).toEqual([{ pauseNs: 3, endUnixMs: 1_700_000_000_003 }]);
  });

  it('is not misled by a count of 2^32 - 1', () => {
    const memstats = after(3);
    memstats.writeUInt32LE(0xffff_ffff, numgc[0]);
    expect(new PauseRing(layout).read(memstats)).toHaveLength(3);
  });
});

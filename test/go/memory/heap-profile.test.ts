import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/base/reading.ts';
import { type HeapProfileOptions, heapProfile } from '../../../src/go/memory/heap-profile.ts';
import { layoutNamed } from '../../../src/go/memory/layout.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import type { HeapProfile } from '../../../src/go/memory/types.ts';
import { FakeMemory } from './fake-memory.ts';

const HEAD = 0x60_0000;
const BUCKETS = 0x7f00_0000_0000;

interface FakeBucket {
  readonly size: number;
  readonly stack: readonly number[];
  /** Allocations and frees published, and of the three collections to come. */
  readonly counts: readonly (readonly [allocs: number, frees: number])[];
}

/** Published: 3 of 5 objects of 100 bytes in use; 1 of 1 of 4096; none of 2 of 50 with a deep stack. */
const THREE: readonly FakeBucket[] = [
  { size: 100, stack: [0x401, 0x402], counts: [[5, 2]] },
  {
    size: 4096,
    stack: [0x403],
    counts: [
      [1, 0],
      [9, 9],
    ],
  },
  { size: 50, stack: Array.from({ length: 120 }, (_, frame) => 0x500 + frame), counts: [[2, 2]] },
];

function memoryOf(buckets: readonly FakeBucket[], version: string): FakeMemory {
  const memory = new FakeMemory();
  const { bucket, memRecord, memRecordCycle } = RUNTIME_OFFSETS[version]!;
  const word = (address: number, value: number): void => {
    memory.at(address).writeBigUInt64LE(BigInt(value));
  };
  memory.map(HEAD, 4096);
  memory.map(BUCKETS, buckets.length * 4096);
  // Nothing is mapped behind the last bucket's record, as at the end of a chunk.
  buckets.forEach((fake, index) => {
    const address = BUCKETS + index * 4096;
    word(address + bucket.allnext[0], index + 1 < buckets.length ? address + 4096 : 0);
    word(address + bucket.typ[0], 1);
    word(address + bucket.size[0], fake.size);
    word(address + bucket.nstk[0], fake.stack.length);
    fake.stack.forEach((pc, frame) => {
      // Real addresses of code lie above the first page.
      word(address + 48 + frame * 8, 0x40_0000 + pc);
    });
    fake.counts.forEach(([allocs, frees], cycle) => {
      const at = address + 48 + fake.stack.length * 8 + cycle * memRecordCycle.byteSize.amd64 + memRecord.active[0];
      word(at, allocs);
      word(at + 8, frees);
      if (memRecordCycle.alloc_bytes !== undefined) word(at + 16, allocs * fake.size);
    });
  });
  if (buckets.length > 0) word(HEAD, BUCKETS);
  return memory;
}

function profile(
  memory: FakeMemory,
  version = '1.27',
  options: Partial<HeapProfileOptions> = {},
  candidates: readonly number[] = [HEAD],
): Reading<HeapProfile> {
  const work = heapProfile(memory, layoutNamed(version, RUNTIME_OFFSETS)!, candidates, '/proc/7/mem', {
    nameAt: (pc) => ({ function: `f${(pc - 0x40_0000).toString(16)}`, file: '', line: 0 }),
    nowMs: () => 0,
    ...options,
  });
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function missOf(reading: Reading<HeapProfile>): string {
  return reading.ok ? '' : `${reading.miss.kind}: ${reading.miss.detail}`;
}

describe('heapProfile', () => {
  it.each(['1.17', '1.26', '1.27'])('adds up the published counts of Go %s', (version) => {
    const reading = profile(memoryOf(THREE, version), version);
    // In use: 3 x 100 + 1 x 4096. Ever: 5 x 100 + 1 x 4096 + 2 x 50.
    expect(reading.ok && reading.value).toEqual({
      inUseObjects: 4,
      inUseBytes: 4396,
      allocObjects: 8,
      allocBytes: 4696,
      sites: [
        {
          inUseObjects: 1,
          inUseBytes: 4096,
          allocObjects: 1,
          allocBytes: 4096,
          // A return address less one.
          stack: [{ function: 'f402', file: '', line: 0 }],
        },
        {
          inUseObjects: 3,
          inUseBytes: 300,
          allocObjects: 5,
          allocBytes: 500,
          stack: [
            { function: 'f400', file: '', line: 0 },
            { function: 'f401', file: '', line: 0 },
          ],
        },
      ],
    });
  });

  it.each(['1.26', '1.27'])('adds what is to come while nothing is published in Go %s', (version) => {
    const fresh: FakeBucket = {
      size: 10,
      stack: [0x401],
      counts: [
        [0, 0],
        [1, 0],
        [4, 2],
        [8, 0],
      ],
    };
    const reading = profile(memoryOf([fresh, { ...fresh, counts: [] }], version), version);
    expect(reading.ok && reading.value).toMatchObject({ inUseObjects: 11, inUseBytes: 110, allocBytes: 130 });
  });

  it('keeps the largest sites and the innermost frames', () => {
    const buckets = Array.from(
      { length: 40 },
      (_, index): FakeBucket => ({
        size: 1 + ((index * 7) % 40),
        stack: [0x401, 0x402, 0x403],
        counts: [[1, 0]],
      }),
    );
    const reading = profile(memoryOf(buckets, '1.27'), '1.27', { maxSites: 3, maxStack: 1 });
    // Sizes 1 to 40, each once.
    expect(reading.ok && reading.value.inUseBytes).toBe(820);
    expect(reading.ok && reading.value.sites.map((site) => [site.inUseBytes, site.stack.length])).toEqual([
      [40, 1],
      [39, 1],
      [38, 1],
    ]);
  });

  it('is empty when nothing was sampled yet, and unsupported when the program keeps none', () => {
    const reading = profile(memoryOf([], '1.27'));
    expect(reading.ok && reading.value).toEqual({
      inUseObjects: 0,
      inUseBytes: 0,
      allocObjects: 0,
      allocBytes: 0,
      sites: [],
    });
    expect(missOf(profile(memoryOf([], '1.27'), '1.27', {}, []))).toBe(
      'unsupported: the program keeps no memory profile',
    );
  });

  it('takes the candidate whose list is one', () => {
    const memory = memoryOf(THREE, '1.27');
    memory.map(0x61_0000, 16).writeBigUInt64LE(BigInt(HEAD));
    expect(profile(memory, '1.27', {}, [0x62_0000, 0x61_0000, 0x61_0008, HEAD]).ok).toBe(true);
    expect(missOf(profile(memory, '1.27', {}, [0x61_0000]))).toBe('failed: no list of memory profile buckets');
  });

  it('refuses a list that goes round in circles', () => {
    const memory = memoryOf(THREE, '1.27');
    memory.at(BUCKETS + 2 * 4096 + 8).writeBigUInt64LE(BigInt(BUCKETS));
    memory.reads = 0;
    expect(missOf(profile(memory, '1.27', { maxBuckets: 500 }))).toBe('failed: more than 500 memory profile buckets');
    expect(memory.reads).toBeLessThan(1100);
  });

  it.each([
    ['a bucket of another profile', 16, 2n],
    ['a stack of 2^40 frames', 40, 2n ** 40n],
    ['objects of 2^60 bytes', 32, 2n ** 60n],
    ['a next bucket in the kernel', 8, 0xffff_8000_0000_0000n],
    ['a next bucket nowhere', 8, 0x7e00_0000_0000n],
    ['more objects than a double can count', 48 + 16, 2n ** 60n],
  ])('refuses %s', (_, at, value) => {
    const memory = memoryOf(THREE, '1.27');
    // The head is settled already, so the second bucket's turn comes.
    memory.at(BUCKETS + (at === 48 + 16 ? 0 : 4096) + at).writeBigUInt64LE(value);
    expect(missOf(profile(memory))).toMatch(/^failed: (the list of memory profile buckets leads nowhere|no list)/);
  });

  it('refuses byte counts that are not objects times their size', () => {
    const memory = memoryOf(THREE, '1.26');
    memory.at(BUCKETS + 4096 + 48 + 8 + 16).writeBigUInt64LE(4097n);
    expect(missOf(profile(memory, '1.26'))).toBe('failed: the list of memory profile buckets leads nowhere');
  });

  it('is absent when the process goes on the way', () => {
    const memory = memoryOf(THREE, '1.27');
    memory.readsLeft = 2;
    expect(missOf(profile(memory))).toBe('absent: the process has gone');
  });

  it('pauses every 2 ms of its clock', () => {
    const memory = memoryOf(
      Array.from({ length: 200 }, () => THREE[0]!),
      '1.27',
    );
    let now = 0;
    const work = heapProfile(memory, layoutNamed('1.27', RUNTIME_OFFSETS)!, [HEAD], '', {
      nameAt: () => undefined,
      nowMs: () => (now += 3),
    });
    let steps = 0;
    while (work.next().done !== true) steps += 1;
    expect(steps).toBe(4);
  });
});

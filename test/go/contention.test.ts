import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ContentionProfile, contentionProfileReader } from '../../src/go/contention-profile.ts';
import { contentionBetween } from '../../src/go/contention-window.ts';
import { endpoint } from './fixtures.ts';
import { at, type Sample, writeProfile } from './pprof-writer.ts';

const TYPES = ['contentions', 'delay'];

function read(bytes: Uint8Array, maxStacks = 100): ContentionProfile | undefined {
  const reader = contentionProfileReader(maxStacks);
  return reader.write(bytes) ? reader.end() : undefined;
}

/** Stacks by their innermost function, with events and delay in milliseconds. */
function contention(stacks: Readonly<Record<string, readonly [number, number]>>, maxStacks = 100): ContentionProfile {
  const samples = Object.entries(stacks).map(
    ([name, [events, ms]]): Sample => ({ values: [events, ms * 1e6], stack: at(name, 'main.main') }),
  );
  return read(writeProfile(samples, TYPES), maxStacks)!;
}

describe('contentionProfileReader', () => {
  it.each(['1.17', '1.27'])('reads what Go %s recorded', (version) => {
    const block = read(endpoint(`waits-${version}/block-a.pb.gz`))!;
    const mutex = read(endpoint(`waits-${version}/mutex-a.pb.gz`))!;
    expect(block.stacks[0]).toMatchObject({
      site: { function: 'main.main.func5', line: 154 },
      stack: ['sync.(*Mutex).Lock', 'main.main.func5'],
    });
    expect(mutex.stacks).toHaveLength(1);
    expect(mutex).toMatchObject({
      events: mutex.stacks[0]!.events,
      delayNs: mutex.stacks[0]!.delayNs,
      other: { events: 0 },
    });
    const delays = block.stacks.map(({ delayNs }) => delayNs);
    expect(delays).toEqual(delays.toSorted((one, other) => other - one));
  });

  it('keeps the stacks with the largest delay and sums up the rest', () => {
    expect(contention({ 'main.a': [1, 5], 'main.b': [2, 50], 'main.c': [3, 7] }, 1)).toMatchObject({
      events: 6,
      delayNs: 62e6,
      stacks: [{ events: 2, delayNs: 50e6, site: { function: 'main.b' } }],
      other: { events: 4, delayNs: 12e6 },
    });
  });

  it('tells nothing recorded from no profile at all', () => {
    expect(read(writeProfile([], TYPES))).toEqual({
      events: 0,
      delayNs: 0,
      stacks: [],
      other: { events: 0, delayNs: 0 },
    });
    expect(read(writeProfile([], ['goroutine']))).toBeUndefined();
    expect(read(endpoint('1.26/heap.pb.gz'))).toBeUndefined();
    expect(read(Uint8Array.of())).toBeUndefined();
  });

  it('passes over values that cannot be, and never throws', () => {
    const samples = [
      { values: [-1, 5], stack: at('main.a') },
      { values: [1, -5], stack: at('main.b') },
      { values: [2], stack: at('main.c') },
    ];
    expect(read(writeProfile(samples, TYPES))).toMatchObject({ events: 2, delayNs: 0 });
    const whole = endpoint('waits-1.27/block-a.pb.gz');
    for (let length = 0; length < whole.length; length += 1)
      expect(() => read(whole.subarray(0, length))).not.toThrow();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (edits) => {
        const damaged = Uint8Array.from(whole);
        for (const [index, byte] of edits) damaged[index] = byte;
        expect(() => read(damaged)).not.toThrow();
      }),
    );
  });
});

describe('contentionBetween', () => {
  it('finds the lock that four goroutines took turns on', () => {
    const [before, after] = ['a', 'b'].map((moment) => read(endpoint(`waits-1.27/block-${moment}.pb.gz`))!) as [
      ContentionProfile,
      ContentionProfile,
    ];
    const window = contentionBetween(before, after, 2, 5)!;
    expect(window.sites[0]).toMatchObject({ site: { function: 'main.main.func5', line: 154 } });
    // Each holds it for 2 ms and some, so the three others wait three times that, for most of the two seconds.
    expect(window.sites[0]!.meanDelaySeconds).toBeGreaterThan(0.006);
    expect(window.sites[0]!.meanDelaySeconds).toBeLessThan(0.009);
    expect(window.delaySeconds).toBeGreaterThan(5);
    expect(window.delayWeightedP99OfMeansSeconds).toBe(window.sites[0]!.meanDelaySeconds);
  });

  it('subtracts stack by stack and puts stacks of one place together', () => {
    const before = contention({ 'main.a': [10, 100], 'main.b': [5, 50] });
    const after = contention({ 'main.a': [12, 180], 'main.b': [5, 50], 'main.c': [4, 20] });
    const window = contentionBetween(before, after, 300, 10)!;
    // a: 2 events, 80 ms; b: none; c is new: 4 events, 20 ms.
    expect(window).toMatchObject({ seconds: 300, events: 6, otherDelaySeconds: 0 });
    expect(window.delaySeconds).toBeCloseTo(0.1, 9);
    expect(
      window.sites.map(({ site, events, meanDelaySeconds }) => [site?.function, events, meanDelaySeconds]),
    ).toEqual([
      ['main.a', 2, 0.04],
      ['main.c', 4, 0.005],
    ]);
    const cut = contentionBetween(before, after, 300, 1)!;
    expect(cut.sites).toHaveLength(1);
    expect(cut.otherDelaySeconds).toBeCloseTo(0.02, 9);
  });

  it('weighs the mean of each stack by its delay', () => {
    const none = contention({});
    // In order of their means: 98 events of 1 ms, 1 of 2 ms, 1 of 400 ms: 500 ms in all, of which 99 % is 495.
    const after = contention({ 'main.a': [98, 98], 'main.b': [1, 2], 'main.c': [1, 400] });
    expect(contentionBetween(none, after, 60, 10)!.delayWeightedP99OfMeansSeconds).toBeCloseTo(0.4, 9);
    // 99 % of 10,000 ms is reached with the stack of short waits.
    const short = contention({ 'main.a': [9950, 9950], 'main.c': [1, 50] });
    expect(contentionBetween(none, short, 60, 10)!.delayWeightedP99OfMeansSeconds).toBeCloseTo(0.001, 9);
    expect(contentionBetween(after, after, 60, 10)).toMatchObject({
      events: 0,
      delaySeconds: 0,
      sites: [],
      delayWeightedP99OfMeansSeconds: undefined,
    });
  });

  it('begins anew when counts went back or a stack vanished', () => {
    const before = contention({ 'main.a': [10, 100], 'main.b': [5, 50] });
    expect(contentionBetween(before, contention({ 'main.a': [9, 200], 'main.b': [9, 90] }), 60, 10)).toBeUndefined();
    expect(contentionBetween(before, contention({ 'main.a': [50, 500] }), 60, 10)).toBeUndefined();
    expect(contentionBetween(before, contention({}), 60, 10)).toBeUndefined();
  });

  it('does not count as new what the reading before did not list', () => {
    const before = contention({ 'main.a': [10, 100], 'main.b': [5, 50] }, 1);
    const after = contention({ 'main.a': [10, 100], 'main.b': [9, 950] }, 1);
    const window = contentionBetween(before, after, 60, 10)!;
    expect(window).toMatchObject({ events: 4, sites: [] });
    expect(window.delaySeconds).toBeCloseTo(0.9, 9);
    expect(window.otherDelaySeconds).toBeCloseTo(0.9, 9);
  });
});

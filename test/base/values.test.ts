import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { groupBy } from '../../src/base/group.ts';
import { type Limit, tighter } from '../../src/base/limit.ts';
import { found, MISS_KINDS, missed } from '../../src/base/reading.ts';

describe('tighter', () => {
  it.each<[Limit, Limit, Limit]>([
    [1, 2, 1],
    [2, 1, 1],
    [0, 'max', 0],
    ['max', 5, 5],
    ['max', 'max', 'max'],
  ])('of %s and %s is %s', (a, b, expected) => {
    expect(tighter(a, b)).toBe(expected);
  });

  it('does not depend on order, and never gives more than either', () => {
    const limit = fc.oneof(fc.constant('max' as const), fc.nat());
    fc.assert(
      fc.property(limit, limit, (a, b) => {
        const result = tighter(a, b);
        expect(result).toBe(tighter(b, a));
        for (const one of [a, b])
          if (one !== 'max') expect(result === 'max' ? Infinity : result).toBeLessThanOrEqual(one);
      }),
    );
  });
});

describe('groupBy', () => {
  it('keeps the order of first appearance of keys, and of items in a group', () => {
    const groups = groupBy(['bee', 'ant', 'bat', 'asp', 'bug'], (word) => word[0]);
    expect([...groups]).toEqual([
      ['b', ['bee', 'bat', 'bug']],
      ['a', ['ant', 'asp']],
    ]);
  });

  it('takes undefined for a key like any other, and anything that can be walked once', () => {
    const once = function* () {
      yield 1;
      yield 2;
    };
    expect([...groupBy(once(), () => undefined)]).toEqual([[undefined, [1, 2]]]);
    expect(groupBy([], String).size).toBe(0);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (items) => {
        const groups = groupBy(items, (item) => item % 3);
        expect([...groups.values()].flat().sort()).toEqual([...items].sort());
        for (const [key, group] of groups) expect(group.every((item) => item % 3 === key)).toBe(true);
      }),
    );
  });
});

describe('readings', () => {
  it('wrap a value, also one that looks like none', () => {
    expect(found(0)).toEqual({ ok: true, value: 0 });
    expect(found(undefined)).toEqual({ ok: true, value: undefined });
  });

  it('wrap the reason there is no value', () => {
    expect(missed('denied', 'environ', '/proc/7/environ', 'EACCES')).toEqual({
      ok: false,
      miss: { kind: 'denied', reader: 'environ', source: '/proc/7/environ', detail: 'EACCES' },
    });
  });

  it('know five kinds of miss, each once', () => {
    expect([...MISS_KINDS].sort()).toEqual(['absent', 'denied', 'failed', 'malformed', 'unsupported']);
  });
});

describe('the system clock', () => {
  it('tells both times in milliseconds, and the monotonic one does not go back', () => {
    const first = systemClock.now();
    const second = systemClock.now();
    expect(second.monotonicMs).toBeGreaterThanOrEqual(first.monotonicMs);
    // 2020-01-01 in milliseconds: seconds or microseconds would be far off.
    expect(first.wallMs).toBeGreaterThan(1_577_836_800_000);
    expect(first.wallMs).toBeLessThan(1_577_836_800_000 * 10);
  });
});

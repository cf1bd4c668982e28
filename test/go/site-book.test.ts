import { describe, expect, it } from 'vitest';
import { SiteBook } from '../../src/go/site-book.ts';
import type { GoroutineGroup, GoroutineProfile } from '../../src/go/types.ts';

const MINUTE = 60_000;
const at = (minutes: number) => ({ wallMs: minutes * MINUTE, monotonicMs: minutes * MINUTE });

function group(name: string, count: number, over: Partial<GoroutineGroup> = {}): GoroutineGroup {
  const place = { function: `main.${name}`, file: '/src/main.go', line: 1 };
  return {
    count,
    stack: ['runtime.gopark', place.function],
    site: place,
    entry: place,
    cause: 'select',
    labels: {},
    ...over,
  };
}

function profile(groups: readonly GoroutineGroup[], otherGoroutines = 0): GoroutineProfile {
  const total = groups.reduce((sum, { count }) => sum + count, otherGoroutines);
  return { total, groups: groups.toSorted((one, other) => other.count - one.count), otherGoroutines };
}

const name = ({ site }: { site: GoroutineGroup['site'] }) => site?.function.slice('main.'.length);

describe('SiteBook', () => {
  it('knows no growth on the first profile', () => {
    const account = new SiteBook().take(profile([group('a', 5), group('b', 7)], 3), at(0));
    expect(account.sites.map((site) => [name(site), site.count, site.growth])).toEqual([
      ['b', 7, undefined],
      ['a', 5, undefined],
    ]);
    expect([account.otherGoroutines, account.since]).toEqual([3, undefined]);
  });

  it('keeps a small site that grows beside steady large ones, and sums up the rest', () => {
    const book = new SiteBook({ bySize: 2, byGrowth: 1 });
    const steady = [group('big', 1000), group('large', 900), group('medium', 500), group('small', 100)];
    book.take(profile([...steady, group('leak', 1)]), at(0));
    const account = book.take(profile([...steady, group('leak', 40), group('slower', 10)]), at(5));
    expect(account.sites.map((site) => [name(site), site.count, site.growth])).toEqual([
      ['big', 1000, 0],
      ['large', 900, 0],
      ['leak', 40, 39],
    ]);
    // medium, small and slower.
    expect(account.otherGoroutines).toBe(500 + 100 + 10);
    expect(account.since).toEqual(at(0));
  });

  it('keeps twenty by size and ten by growth unless told otherwise', () => {
    const book = new SiteBook();
    const many = (plus: number) =>
      Array.from({ length: 100 }, (_, index) => group(`f${index}`, 1000 - index + (index >= 50 ? plus : 0)));
    book.take(profile(many(0)), at(0));
    const { sites } = book.take(profile(many(1)), at(5));
    expect(sites).toHaveLength(30);
    expect(sites.filter(({ growth }) => growth === 1)).toHaveLength(10);
    expect(sites.map(({ count }) => count)).toEqual(
      sites.map(({ count }) => count).toSorted((one, other) => other - one),
    );
  });

  it('adds up goroutines of one place whatever their labels, and keeps the labels all have', () => {
    const { sites } = new SiteBook().take(
      profile([
        group('a', 3, { labels: { team: 'blue', request: '1' } }),
        group('a', 4, { labels: { team: 'blue', request: '2' }, stack: ['runtime.gopark', 'main.deep', 'main.a'] }),
        group('a', 2, { cause: 'mutex' }),
      ]),
      at(0),
    );
    expect(sites.map(({ count, cause, labels }) => [count, cause, labels])).toEqual([
      [7, 'select', { team: 'blue' }],
      [2, 'mutex', {}],
    ]);
    // The stack is that of the larger group.
    expect(sites[0]!.stack).toContain('main.deep');
  });

  it('does not call new what the baseline may not have listed', () => {
    const book = new SiteBook();
    book.take(profile([group('a', 50)], 30), at(0));
    const { sites } = book.take(profile([group('a', 50), group('b', 45), group('c', 20)]), at(5));
    // b may have been all 30 of the others before: it grew by 15 at least. c may not have grown at all.
    expect(sites.map((site) => [name(site), site.growth])).toEqual([
      ['a', 0],
      ['b', 15],
      ['c', 0],
    ]);
  });

  it('counts growth from after the start, and from no more than six hours ago', () => {
    const book = new SiteBook();
    const take = (minutes: number, count: number) => {
      const { sites, since } = book.take(profile([group('a', count)]), at(minutes));
      return [sites[0]!.growth, since === undefined ? undefined : since.monotonicMs / MINUTE];
    };
    expect(take(0, 1)).toEqual([undefined, undefined]);
    expect(take(5, 80)).toEqual([79, 0]);
    // Ten minutes after the first profile the pools are filled: this is the new baseline.
    expect(take(10, 100)).toEqual([99, 0]);
    expect(take(15, 101)).toEqual([1, 10]);
    // Three hours later the next baseline is laid by, and three hours after that it takes over.
    expect(take(190, 200)).toEqual([100, 10]);
    expect(take(370, 300)).toEqual([200, 10]);
    expect(take(375, 301)).toEqual([101, 190]);
  });

  it('holds no more than 512 sites of a baseline', () => {
    const book = new SiteBook({ bySize: 1000, byGrowth: 0 });
    const groups = Array.from({ length: 600 }, (_, index) => group(`f${index}`, index < 512 ? 2 : 1));
    book.take(profile(groups), at(0));
    const { sites } = book.take(profile([...groups, group('new', 90)]), at(5));
    // 88 sites of one goroutine each are not listed: the new one may have been all of them, and grew by 2 at least.
    expect(sites.find((site) => name(site) === 'new')!.growth).toBe(90 - 88);
    expect(sites.filter(({ growth }) => growth !== 0)).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goroutineProfileReader, parseGoroutineProfile } from '../../src/go/goroutine-profile.ts';
import { endpoint } from './fixtures.ts';
import { at, type Sample, writeProfile } from './pprof-writer.ts';

const ALL = { maxGroups: 1000, maxStack: 64 };

/** The count in the header of a debug=1 text, and how many of those goroutines are profile handlers. */
function headerOf(text: string) {
  const total = Number(/^goroutine(?:leak)? profile: total (\d+)\n/.exec(text)?.[1]);
  const handlers = text.split('\n\n').filter((group) => group.includes('\tnet/http/pprof.Index+'));
  return { total, handlers: handlers.reduce((sum, group) => sum + Number(/^(?:.*\n)?(\d+) @/.exec(group)?.[1]), 0) };
}

/** Writes a profile of stacks without labels. */
function profile(stacks: readonly (readonly [number, Sample['stack']])[], { packed = true, type = 'goroutine' } = {}) {
  return writeProfile(
    stacks.map(([count, stack]) => ({ values: [count], stack })),
    [type],
    packed,
  );
}

const labelled = (count: number, stack: Sample['stack'], labels: Record<string, string>) => ({
  values: [count],
  stack,
  labels,
});

describe('parseGoroutineProfile on recordings', () => {
  it.each(['1.19', '1.21', '1.23', '1.25', '1.26'])(
    'counts what the text of Go %s counts, without the handler',
    (version) => {
      const got = parseGoroutineProfile(endpoint(`${version}/goroutine.pb.gz`), ALL)!;
      const text = headerOf(endpoint(`${version}/goroutine.txt`).toString());
      expect(text).toEqual({ total: 20, handlers: 1 });
      expect(got.total).toBe(text.total - text.handlers);
      expect(got.otherGoroutines).toBe(0);
      // Five without labels and three with, at one place.
      expect(got.groups.slice(0, 3).map(({ count }) => count)).toEqual([5, 4, 3]);
      expect(got.groups[0]!.labels).toEqual({});
      expect(got.groups[2]).toMatchObject({ site: got.groups[0]!.site, labels: { handler: 'a]: "b" {}', z: '2' } });
      expect(got.groups[0]).toMatchObject({
        count: 5,
        cause: 'chan receive',
        stack: ['runtime.gopark', 'runtime.chanrecv', 'runtime.chanrecv1', 'main.blockedRecv'],
        site: { function: 'main.blockedRecv', file: '/srv/app0/hello/main.go', line: 18 },
      });
      expect(got.groups[1]).toMatchObject({ count: 4, site: { function: 'main.leaky.func1', line: 27 } });
      expect(got.groups.some((group) => group.stack.some((name) => name.startsWith('net/http/pprof.')))).toBe(false);
    },
  );

  it.each(['1.19', '1.24', '1.27'])('counts a thousand goroutines of Go %s', (version) => {
    const text = headerOf(endpoint(`${version}-1k/goroutine.txt.gz`).toString());
    const bytes = endpoint(`${version}-1k/goroutine.pb.gz`);
    const got = parseGoroutineProfile(bytes, { maxGroups: 5, maxStack: 2 })!;
    expect(got.total).toBe(text.total - text.handlers);
    expect(got.total).toBe(1002);
    expect(got.groups.map((group) => group.count)).toEqual([32, 32, 32, 32, 32]);
    expect(got.otherGoroutines).toBe(1002 - 5 * 32);
    expect(got.groups.every((group) => group.stack.length === 2)).toBe(true);
    expect(got.groups[0]!.site!.function).toBe('main.(*OrderService).waitRecv');
    const counts = parseGoroutineProfile(bytes, ALL)!.groups.map((group) => group.count);
    expect(counts).toEqual(counts.toSorted((one, other) => other - one));
  });

  it('shows inlined calls innermost first', () => {
    const { groups } = parseGoroutineProfile(endpoint('1.26/goroutine.pb.gz'), ALL)!;
    const mutex = groups.find((group) => group.site?.function === 'main.main.func3');
    expect(mutex?.stack.slice(-3)).toEqual(['internal/sync.(*Mutex).Lock', 'sync.(*Mutex).Lock', 'main.main.func3']);
  });

  it('reads goroutineleak profiles and refuses other profiles', () => {
    const leaks = parseGoroutineProfile(endpoint('1.26/goroutineleak.pb.gz'), ALL)!;
    expect(leaks.total).toBe(headerOf(endpoint('1.26/goroutineleak.txt').toString()).total);
    expect(parseGoroutineProfile(endpoint('1.27-1k/goroutineleak.pb.gz'), ALL)?.total).toBe(50);
    expect(parseGoroutineProfile(endpoint('1.26/heap.pb.gz'), ALL)).toBeUndefined();
  });
});

describe('parseGoroutineProfile', () => {
  it('names the first frame outside the standard library, else outside runtime, internal and sync', () => {
    const stacks = [
      [
        9,
        at(
          'runtime.gopark',
          'internal/poll.(*FD).Read',
          'net.(*conn).Read',
          'example.com/app/db.(*Pool[...]).take',
          'main.main',
        ),
      ],
      [8, at('runtime.gopark', 'internal/poll.(*FD).Read', 'net.(*conn).Read', 'net/http.(*conn).serve')],
      [7, at('runtime.gopark', 'sync.(*WaitGroup).Wait')],
      [6, at('netx/queue.Take')],
      [5, []],
    ] as const;
    const { groups, total } = parseGoroutineProfile(profile(stacks), ALL)!;
    expect(total).toBe(35);
    expect(groups.map((group) => group.site?.function)).toEqual([
      'example.com/app/db.(*Pool[...]).take',
      'net.(*conn).Read',
      undefined,
      'netx/queue.Take',
      undefined,
    ]);
    expect(groups[0]!.site).toEqual({
      function: 'example.com/app/db.(*Pool[...]).take',
      file: '/src/example.com/app/db.(*Pool[...]).take.go',
      line: 1,
    });
  });

  it('leaves out profile handlers but not work under runtime/pprof.Do', () => {
    const stacks = [
      [1, at('runtime/pprof.writeGoroutine', 'main.debug')],
      [2, at('time.Sleep', 'net/http/pprof.Profile')],
      [4, at('main.work', 'runtime/pprof.Do', 'main.main')],
    ] as const;
    expect(parseGoroutineProfile(profile(stacks), ALL)).toMatchObject({ total: 4, groups: [{ count: 4 }] });
  });

  it('reads lists that are not packed, and passes over counts of a delta that are not above 0', () => {
    const stacks = [
      [3, at('main.a', 'main.b')],
      [-2, at('main.c')],
      [0, at('main.d')],
    ] as const;
    expect(parseGoroutineProfile(profile(stacks, { packed: false }), ALL)).toMatchObject({
      total: 3,
      groups: [{ count: 3, stack: ['main.a', 'main.b'] }],
    });
  });

  it('tells where the work starts: the last frame outside the standard library', () => {
    const stacks = [
      [4, at('runtime.gopark', 'main.(*Queue).take', 'main.worker', 'golang.org/x/sync/errgroup.(*Group).Go.func1')],
      [3, at('runtime.gopark', 'main.handle', 'net/http.HandlerFunc.ServeHTTP', 'net/http.(*conn).serve')],
      [2, at('runtime.gopark', 'internal/poll.(*FD).Read', 'net.(*conn).Read', 'net/http.(*conn).serve')],
      [1, at('runtime.gopark', 'runtime.main')],
    ] as const;
    expect(parseGoroutineProfile(profile(stacks), ALL)!.groups.map((group) => group.entry?.function)).toEqual([
      'golang.org/x/sync/errgroup.(*Group).Go.func1',
      'main.handle',
      'net/http.(*conn).serve',
      undefined,
    ]);
  });

  it('keeps goroutines with other labels apart, and adds up those alike', () => {
    const stack = at('main.work');
    const { groups } = parseGoroutineProfile(
      writeProfile([
        labelled(1, stack, { team: 'blue' }),
        labelled(5, stack, {}),
        labelled(2, stack, { team: 'blue' }),
        labelled(4, stack, { team: 'red', __proto__x: 'y', ['__proto__']: 'z' }),
      ]),
      ALL,
    )!;
    expect(groups.map(({ count, labels }) => [count, Object.entries(labels)])).toEqual([
      [5, []],
      [
        4,
        [
          ['team', 'red'],
          ['__proto__x', 'y'],
          ['__proto__', 'z'],
        ],
      ],
      [3, [['team', 'blue']]],
    ]);
  });

  it('is not blown up by labels', () => {
    const stack = at('main.handle');
    // A label a request: 8 sets are told apart, the 92 goroutines of the others are one group with those that have none.
    const requests = Array.from({ length: 100 }, (_, request) => labelled(1, stack, { request: `${request}` }));
    const bomb = parseGoroutineProfile(writeProfile([...requests, labelled(3, stack, {})]), ALL)!;
    expect(bomb.total).toBe(103);
    expect(bomb.groups.map(({ count }) => count)).toEqual([95, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(bomb.groups[0]!.labels).toEqual({});
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`key${index}${'k'.repeat(500)}`, 'v'.repeat(900)]),
    );
    const { labels } = parseGoroutineProfile(writeProfile([labelled(1, stack, many)]), ALL)!.groups[0]!;
    expect(Object.keys(labels)).toHaveLength(8);
    expect(Object.entries(labels).map(([key, value]) => [key.length, value.length])).toEqual(Array(8).fill([64, 128]));
  });

  it('refuses counts that no memory could hold', () => {
    expect(parseGoroutineProfile(profile([[2 ** 33, at('main.a')]]), ALL)).toBeUndefined();
    expect(parseGoroutineProfile(profile([[2 ** 53, at('main.a')]]), ALL)).toBeUndefined();
  });

  it('reads a profile in pieces as it does in one', () => {
    const whole = endpoint('waits-1.27/goroutine.pb.gz');
    const want = parseGoroutineProfile(whole, ALL);
    expect(want!.total).toBeGreaterThan(30);
    for (const size of [1, 2, 7, 100, 4096]) {
      const reader = goroutineProfileReader(ALL);
      for (let start = 0; start < whole.length; start += size)
        expect(reader.write(whole.subarray(start, start + size))).toBe(true);
      expect(reader.end()).toEqual(want);
    }
  });

  it('keeps at most 64 frames and 1 KiB of a name', () => {
    const deep = at(...Array.from({ length: 200 }, (_, index) => `main.f${index}`), 'main.last');
    expect(
      parseGoroutineProfile(profile([[1, deep]]), { maxGroups: 1, maxStack: 5000 })?.groups[0]?.stack,
    ).toHaveLength(64);
    const long = parseGoroutineProfile(profile([[1, at(`main.${'x'.repeat(50_000)}`)]]), ALL)!;
    expect(long.groups[0]!.stack[0]).toHaveLength(1024);
    expect(parseGoroutineProfile(profile([[1, deep]]), { maxGroups: 0, maxStack: 0 })).toEqual({
      total: 1,
      groups: [],
      otherGoroutines: 1,
    });
  });

  it('passes over ids that lead nowhere and refuses strings outside the table', () => {
    const sampleType = [0x0a, 2, 0x08, 1];
    const strings = [0x32, 0, 0x32, 9, ...Buffer.from('goroutine')];
    const sample = [0x12, 7, 0x0a, 3, 0xff, 0xff, 0x03, 0x10, 5];
    expect(parseGoroutineProfile(Uint8Array.from([...sampleType, ...sample, ...strings]), ALL)).toEqual({
      total: 5,
      groups: [{ count: 5, stack: [], site: undefined, entry: undefined, cause: 'other', labels: {} }],
      otherGoroutines: 0,
    });
    expect(parseGoroutineProfile(Uint8Array.from([0x0a, 3, 0x08, 0xff, 0x7f, ...strings]), ALL)).toBeUndefined();
    // A sample without a count.
    expect(parseGoroutineProfile(Uint8Array.from([...sampleType, 0x12, 2, 0x08, 1, ...strings]), ALL)).toBeUndefined();
  });

  it.each([
    ['nothing', []],
    ['a varint without an end', Array<number>(64).fill(0xff)],
    ['a length beyond the end', [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a length of 2^63', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
    ['a group wire type', [0x0b, 0x0b, 0x0b]],
    ['field number 0', [0, 0, 0]],
    [
      'one sample over and over',
      [
        ...[0x0a, 2, 0x08, 1, 0x32, 0, 0x32, 9, ...Buffer.from('goroutine')],
        ...Array.from({ length: 500_000 }, () => [0x12, 2, 0x10, 1]).flat(),
      ],
    ],
    [
      'more samples than any program has stacks',
      Array<number>(700_000)
        .fill(0)
        .map((_, index) => (index % 2 === 0 ? 0x12 : 0)),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(parseGoroutineProfile(Uint8Array.from(bytes), ALL)).toBeUndefined();
  });

  it('refuses more stacks than there is room for', () => {
    const stack = (index: number) =>
      Array.from({ length: 200 }, (_, depth) => 100_000 + ((index * 7 + depth * (1 + (index % 97))) % 80_000));
    // 16,000 stacks of 200 ids with 6 digits and a comma are 22 million characters, over 16 MiB.
    const varint = (id: number) => [(id & 0x7f) | 0x80, ((id >> 7) & 0x7f) | 0x80, id >> 14];
    const sample = (index: number) => {
      const ids = stack(index).flatMap(varint);
      return [
        0x12,
        ((ids.length + 5) & 0x7f) | 0x80,
        (ids.length + 5) >> 7,
        0x0a,
        (ids.length & 0x7f) | 0x80,
        ids.length >> 7,
        ...ids,
        0x10,
        1,
      ];
    };
    const head = Buffer.from([0x0a, 2, 0x08, 1, 0x32, 0, 0x32, 9, ...Buffer.from('goroutine')]);
    const read = (samples: number) =>
      parseGoroutineProfile(
        Buffer.concat([head, ...Array.from({ length: samples }, (_, index) => Buffer.from(sample(index)))]),
        ALL,
      );
    expect(read(100)?.total).toBe(100);
    expect(read(16_000)).toBeUndefined();
  });

  it('refuses a location with hundreds of inlined calls', () => {
    const calls = (count: number) => [Array.from({ length: count }, () => ({ name: 'main.f' }))];
    expect(parseGoroutineProfile(profile([[1, calls(100)]]), ALL)?.groups[0]?.stack).toHaveLength(32);
    expect(parseGoroutineProfile(profile([[1, calls(1000)]]), ALL)).toBeUndefined();
  });

  it('refuses a profile cut off anywhere, or gives no more goroutines than it had', () => {
    const whole = endpoint('1.26/goroutine.pb.gz');
    for (let length = 0; length < whole.length; length += 1) {
      const got = parseGoroutineProfile(whole.subarray(0, length), ALL);
      expect(got === undefined || got.total <= 19).toBe(true);
    }
  });

  it('refuses ids out of range, and more text than it keeps', () => {
    const strings = [0x32, 0, 0x32, 9, ...Buffer.from('goroutine')];
    const start = [0x0a, 2, 0x08, 1, ...strings, 0x12, 4, 0x08, 1, 0x10, 5];
    const read = (...more: number[]) => parseGoroutineProfile(Uint8Array.from([...start, ...more]), ALL);
    expect(read()?.total).toBe(5);
    // Location and function 4294967295.
    expect(read(0x22, 6, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBeUndefined();
    expect(read(0x2a, 6, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBeUndefined();
    // A line of function 4294967295 leads nowhere.
    expect(read(0x22, 10, 0x08, 1, 0x22, 6, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f)?.groups[0]?.stack).toEqual(['']);
    // A string of 100,000 bytes is cut; 9,000 of 1 KiB are over 8 MiB.
    const long = (length: number) => [
      0x32,
      (length & 0x7f) | 0x80,
      ((length >> 7) & 0x7f) | 0x80,
      length >> 14,
      ...new Uint8Array(length),
    ];
    expect(read(...long(100_000))?.total).toBe(5);
    const flood = Buffer.concat(Array<Buffer>(9000).fill(Buffer.from(long(1024))));
    expect(parseGoroutineProfile(Buffer.concat([Buffer.from(start), flood]), ALL)).toBeUndefined();
  });

  it('never throws on damaged profiles or on arbitrary bytes', () => {
    const whole = endpoint('1.26/goroutine.pb.gz');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (edits) => {
          const damaged = Uint8Array.from(whole);
          for (const [index, byte] of edits) damaged[index] = byte;
          expect(() => parseGoroutineProfile(damaged, ALL)).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseGoroutineProfile(bytes, ALL)).not.toThrow();
      }),
    );
  });

  it('gives back the counts it was given', () => {
    const stack = fc.tuple(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(fc.stringMatching(/^main\.[a-z]{1,5}$/), { maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(stack, { minLength: 1, maxLength: 10 }), (stacks) => {
        const got = parseGoroutineProfile(
          profile(stacks.map(([count, names]) => [count, at(...names)] as const)),
          ALL,
        )!;
        expect(got.total).toBe(stacks.reduce((sum, [count]) => sum + count, 0));
        expect(got.groups.reduce((sum, group) => sum + group.count, 0)).toBe(got.total);
      }),
    );
  });
});

import fc from 'fast-check';
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { parseGoroutineProfile } from '../../src/go/goroutine-profile.ts';
import { endpoint } from './fixtures.ts';

const ALL = { maxGroups: 1000, maxStack: 64 };

/** The count in the header of a debug=1 text, and how many of those goroutines are profile handlers. */
function headerOf(text: string) {
  const total = Number(/^goroutine(?:leak)? profile: total (\d+)\n/.exec(text)?.[1]);
  const handlers = text.split('\n\n').filter((group) => group.includes('\tnet/http/pprof.Index+'));
  return { total, handlers: handlers.reduce((sum, group) => sum + Number(/^(?:.*\n)?(\d+) @/.exec(group)?.[1]), 0) };
}

interface Call {
  readonly name: string;
  readonly line?: number;
}

/** Writes a profile; each stack is a list of locations, each a list of calls, innermost first. */
function profile(
  stacks: readonly (readonly [number, readonly (readonly Call[])[]])[],
  { packed = true, type = 'goroutine' } = {},
) {
  const strings = ['', type, 'count'];
  const intern = (text: string) => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  const writer = new PbfWriter();
  const message = (field: number, fill: (inner: PbfWriter) => void) => {
    writer.writeMessage(
      field,
      (_: null, inner) => {
        fill(inner);
      },
      null,
    );
  };
  message(1, (inner) => {
    inner.writeVarintField(1, 1);
    inner.writeVarintField(2, 2);
  });
  let id = 0;
  for (const [count, locations] of stacks) {
    const ids = locations.map(() => ++id);
    message(2, (inner) => {
      if (packed) inner.writePackedVarint(1, ids);
      else for (const location of ids) inner.writeVarintField(1, location);
      if (packed) inner.writePackedVarint(2, [count]);
      else inner.writeVarintField(2, count);
    });
    locations.forEach((calls, index) => {
      message(4, (inner) => {
        inner.writeVarintField(1, ids[index]!);
        for (const call of calls)
          inner.writeMessage(
            4,
            (_: null, line) => {
              line.writeVarintField(1, intern(call.name));
              line.writeVarintField(2, call.line ?? 1);
            },
            null,
          );
      });
    });
  }
  const files = strings.length;
  for (let index = 3; index < files; index++)
    message(5, (inner) => {
      inner.writeVarintField(1, index);
      inner.writeVarintField(2, index);
      inner.writeVarintField(4, index + files);
    });
  for (const text of strings) writer.writeStringField(6, text);
  for (const text of strings) writer.writeStringField(6, `/src/${text}.go`);
  return writer.finish();
}

const at = (...names: string[]) => names.map((name) => [{ name }]);

describe('parseGoroutineProfile on recordings', () => {
  it.each(['1.19', '1.21', '1.23', '1.25', '1.26'])(
    'counts what the text of Go %s counts, without the handler',
    (version) => {
      const got = parseGoroutineProfile(endpoint(`${version}/goroutine.pb.gz`), ALL)!;
      const text = headerOf(endpoint(`${version}/goroutine.txt`).toString());
      expect(text).toEqual({ total: 20, handlers: 1 });
      expect(got.total).toBe(text.total - text.handlers);
      expect(got.otherGoroutines).toBe(0);
      // Five without labels and three with: one group.
      expect(got.groups[0]).toMatchObject({
        count: 8,
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
      groups: [{ count: 5, stack: [], site: undefined }],
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
      'more samples than any program has stacks',
      Array<number>(700_000)
        .fill(0)
        .map((_, index) => (index % 2 === 0 ? 0x12 : 0)),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(parseGoroutineProfile(Uint8Array.from(bytes), ALL)).toBeUndefined();
  });

  it('refuses a location with hundreds of inlined calls', () => {
    const calls = (count: number) => [Array.from({ length: count }, () => ({ name: 'main.f' }))];
    expect(parseGoroutineProfile(profile([[1, calls(100)]]), ALL)?.groups[0]?.stack).toHaveLength(32);
    expect(parseGoroutineProfile(profile([[1, calls(1000)]]), ALL)).toBeUndefined();
  });

  it('refuses a profile cut off anywhere, or gives no more goroutines than it had', () => {
    const whole = endpoint('1.26/goroutine.pb.gz');
    for (let length = 0; length < whole.length; length += 7) {
      const got = parseGoroutineProfile(whole.subarray(0, length), ALL);
      expect(got === undefined || got.total <= 19).toBe(true);
    }
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

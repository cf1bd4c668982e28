import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../src/record/decode.ts';
import { encodeLine, MAX_DEPTH } from '../../src/record/encode.ts';

const written = (value: unknown): string => {
  const line = encodeLine(value);
  if (!line.ok) throw new Error(line.miss.detail);
  return line.value;
};
const readBack = (line: string): unknown => {
  const value = decodeLine(line);
  if (!value.ok) throw new Error(value.miss.detail);
  return value.value;
};
const refusal = (line: string): string => {
  const value = decodeLine(line);
  return value.ok ? `taken: ${inspect(value.value)}` : `${value.miss.kind}: ${value.miss.detail}`;
};

describe('encodeLine', () => {
  it.each([
    [{ a: 1, b: 'x', c: null, d: [true, 1.5] }, '{"a":1,"b":"x","c":null,"d":[true,1.5]}'],
    [
      new Map<unknown, unknown>([
        [101, 'a'],
        ['k', undefined],
      ]),
      '{"$m":[[101,"a"],["k",{"$v":"undefined"}]]}',
    ],
    [new Set([1, 2]), '{"$s":[1,2]}'],
    [{ bounds: [0.5, Number.POSITIVE_INFINITY] }, '{"bounds":[0.5,{"$v":"Infinity"}]}'],
    [[Number.NaN, -0, Number.NEGATIVE_INFINITY], '[{"$v":"NaN"},{"$v":"-0"},{"$v":"-Infinity"}]'],
    [{ capEff: 0x1fffffffffffn }, '{"capEff":{"$b":"35184372088831"}}'],
    [{ a: undefined, b: 1, c: undefined }, '{"b":1,"$u":["a","c"]}'],
    [{ $m: 1, $$: 2 }, '{"$$m":1,"$$$":2}'],
    [JSON.parse('{"__proto__":"x","b":1}'), '{"$o":[["__proto__","x"],["b",1]]}'],
    ['two\nlines', '"two\\nlines"'],
  ])('%o', (value, line) => {
    expect(written(value)).toBe(line);
    expect(readBack(line)).toStrictEqual(value);
  });

  it('says where it met what is no data', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(encodeLine({ go: new Map([[7, { read: () => 1 }]]) })).toMatchObject({
      ok: false,
      miss: { kind: 'unsupported', source: 'go.7.read', detail: 'a function is no data' },
    });
    expect(encodeLine({ at: new Date(0) })).toMatchObject({
      miss: { source: 'at', detail: expect.stringContaining('class') as string },
    });
    expect(encodeLine(Buffer.from('x'))).toMatchObject({ ok: false });
    expect(encodeLine(new Map([[{}, 1]]))).toMatchObject({ miss: { detail: 'a Map with a key of type object' } });
    expect(encodeLine(cycle)).toMatchObject({ miss: { detail: `nested deeper than ${MAX_DEPTH}` } });
  });

  it('takes what is as deep as it may be, and gives it back', () => {
    let deep: unknown = 1;
    for (let level = 0; level < MAX_DEPTH; level += 1)
      deep = level % 2 === 0 ? new Map([['k', deep]]) : new Set([deep]);
    expect(isDeepStrictEqual(readBack(written(deep)), deep)).toBe(true);
    expect(encodeLine([deep])).toMatchObject({ ok: false });
  });

  it('writes what a field is replaced by', () => {
    const replace = (key: string, value: unknown) => (key === 'labels' ? {} : value);
    expect(encodeLine({ labels: { user: 'ann' }, n: 1 }, { replace })).toEqual({
      ok: true,
      value: '{"labels":{},"n":1}',
    });
  });
});

describe('any plain data', () => {
  const data = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(undefined),
      fc.constant(null),
      fc.array(tie('node')),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '$m', '$u', '$v')), tie('node'), {
        noNullPrototype: true,
      }),
      fc.array(fc.tuple(fc.oneof(fc.string(), fc.integer()), tie('node'))).map((pairs) => new Map(pairs)),
    ),
  })).node;

  it('comes back as it was', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(isDeepStrictEqual(readBack(written(value)), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('decodeLine', () => {
  it.each([
    ['not JSON', 'malformed: a line that is not JSON'],
    ['{"$x":1}', 'malformed: an unknown or wrong tag "$x"'],
    ['{"$v":"null"}', 'malformed: an unknown or wrong tag "$v"'],
    ['{"$b":"0x10"}', 'malformed: an unknown or wrong tag "$b"'],
    [`{"$b":"${'9'.repeat(81)}"}`, 'malformed: an unknown or wrong tag "$b"'],
    ['{"$m":{"length":1}}', 'malformed: a Map that is no list'],
    ['{"$m":[["a",1,2]]}', 'malformed: a Map whose entry is no pair'],
    ['{"$m":[["a",1],["a",2]]}', 'malformed: a Map with a key that is twice there, or neither text nor number'],
    ['{"$m":[[{},1]]}', 'malformed: a Map with a key that is twice there, or neither text nor number'],
    ['{"$u":["a"],"a":1}', 'malformed: a field that is there and undefined'],
    ['{"$u":["__proto__"]}', 'malformed: a field that is there and undefined'],
    ['{"$u":7,"a":1}', 'malformed: a wrong $u'],
    ['{"a":1,"$m":[]}', 'malformed: a key "$m" that no writer makes'],
    ['{"__proto__":{"polluted":1}}', 'malformed: a key "__proto__" that no writer makes'],
    ['{"a":{"constructor":{"prototype":{}}}}', 'malformed: a key "constructor" that no writer makes'],
    [`${'['.repeat(200)}${']'.repeat(200)}`, 'malformed: a line that is nested too deep'],
    [`${'{"$s":['.repeat(200)}${']}'.repeat(200)}`, 'malformed: a line that is nested too deep'],
  ])('refuses %s', (line, expected) => {
    expect(refusal(line)).toBe(expected);
  });

  it('changes no prototype', () => {
    const value = readBack('{"$o":[["__proto__",{"polluted":1}]]}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps to its limits', () => {
    const limits = { maxLength: 20, maxValues: 4 };
    // A list and three numbers, then a list and four.
    expect(decodeLine('[1,2,3]', limits)).toEqual({ ok: true, value: [1, 2, 3] });
    expect(decodeLine('[1,2,3,4]', limits)).toMatchObject({ miss: { detail: 'a line with too many values' } });
    // The object, and four fields that are undefined.
    expect(decodeLine('{"$u":["a","b","c","d"]}', { ...limits, maxLength: 40 })).toMatchObject({ ok: false });
    expect(decodeLine(`"${'x'.repeat(19)}"`, limits)).toMatchObject({ miss: { kind: 'failed' } });
  });
});

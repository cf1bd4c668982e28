import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExposition, WantedNames } from '../../src/go/exposition.ts';

function read(text: string, names: readonly string[] = ['up']) {
  const got: [string, Record<string, string> | undefined, number][] = [];
  const counts = parseExposition(Buffer.from(text), new WantedNames(names), (name, labels, value) => {
    const parsed = labels();
    got.push([name, parsed && Object.fromEntries(parsed), value]);
  });
  return { got, ...counts };
}

describe('parseExposition', () => {
  it('reads names, labels, escapes, values, timestamps, exemplars and both line ends', () => {
    const text = [
      '# HELP up one',
      '# TYPE up gauge',
      'up 1',
      'up{} 2 1395066363000',
      'up{a="x",b="q\\"u\\\\o\\nte, }"} 3\r',
      '  up\t{ a = "1" , } +Inf',
      'up{a="é"} NaN # {trace_id="abc"} 0.67 1.5',
      'up_total 9',
      'uq 9',
      'up -1.5e-3',
    ].join('\n');
    expect(read(text)).toEqual({
      got: [
        ['up', {}, 1],
        ['up', {}, 2],
        ['up', { a: 'x', b: 'q"u\\o\nte, }' }, 3],
        ['up', { a: '1' }, Number.POSITIVE_INFINITY],
        ['up', { a: 'é' }, Number.NaN],
        ['up', {}, -0.0015],
      ],
      samples: 6,
      malformed: 0,
    });
  });

  it('reads metric and label names in quotes', () => {
    expect(read('{"go.g"} 5\n{"up" , "my.label"="v"} 6\n{"other"} 7\n', ['go.g', 'up']).got).toEqual([
      ['go.g', {}, 5],
      ['up', { 'my.label': 'v' }, 6],
    ]);
  });

  it('ends at the end mark of OpenMetrics', () => {
    expect(read('up 1\n# EOF\nup 2\n').samples).toBe(1);
    expect(read('up 1\n# EOFX\nup 2\n').samples).toBe(2);
  });

  it('counts lines of wanted metrics that cannot be read, and goes on', () => {
    const text = 'up\nup one\nup{a="1" 2\nup{a="1\nup 0x10\nup 1_000\n{"up 1\n{\n}\nup{a=1} 4\nup 5\n';
    expect(read(text)).toEqual({
      got: [
        ['up', undefined, 4],
        ['up', {}, 5],
      ],
      samples: 2,
      malformed: 6,
    });
  });

  it('leaves out lines over 64 KiB', () => {
    expect(read(`up{a="${'x'.repeat(70_000)}"} 1\nup 2\n`).got).toEqual([['up', {}, 2]]);
    expect(read(`up{a="${'\\\\'.repeat(30_000)}"} 1\n`).got).toEqual([['up', { a: '\\'.repeat(30_000) }, 1]]);
  });

  it('reads back what a writer of the format wrote', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Number.NaN));
    const labels = fc.dictionary(
      fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
      fc.string({ unit: 'binary', maxLength: 20 }),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    );
    const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    const print = (number: number) =>
      Number.isFinite(number) || Number.isNaN(number) ? String(number) : number > 0 ? '+Inf' : '-Inf';
    fc.assert(
      fc.property(fc.array(fc.tuple(labels, value)), (samples) => {
        const lines = samples.map(([pairs, number]) => {
          const inside = Object.entries(pairs).map(([name, text]) => `${name}="${escape(text)}"`);
          return `up{${inside.join(',')}} ${print(number)}\n`;
        });
        expect(read(lines.join('')).got).toEqual(
          samples.map(([pairs, number]) => ['up', pairs, Object.is(number, -0) ? 0 : number]),
        );
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('up', '{', '}', '"', '\\', ' ', ',', '=', 'a', '1', '#', '\n', '\r', 'é')),
        (pieces) => {
          expect(() => read(pieces.join(''))).not.toThrow();
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => parseExposition(bytes, new WantedNames(['up']), () => undefined)).not.toThrow();
      }),
    );
  });
});

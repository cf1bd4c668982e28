import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGoQuoted } from '../../src/go/go-quoted.ts';
import { parseModuleInfo } from '../../src/go/module-info.ts';

describe('parseModuleInfo', () => {
  it('reads every kind of line', () => {
    const info = parseModuleInfo(
      [
        'path\texample.com/app/cmd/server',
        'mod\texample.com/app\t(devel)\t',
        'dep\tgo.uber.org/automaxprocs\tv1.6.0\th1:abc=',
        'dep\texample.com/old\tv1.0.0',
        '=>\texample.com/new\tv2.0.0\th1:def=',
        'dep\texample.com/last\tv0.1.0\th1:x=',
        'build\t-compiler=gc',
        'build\t-ldflags="-s -w -X \\"main.a=b\\""',
        'build\tCGO_CFLAGS=',
        'build\t"odd key"=`raw \\n`',
        'build\tvcs.modified=true',
        '',
      ].join('\n'),
    );
    expect(info).toEqual({
      path: 'example.com/app/cmd/server',
      main: { path: 'example.com/app', version: '(devel)', replacedBy: undefined },
      deps: [
        { path: 'go.uber.org/automaxprocs', version: 'v1.6.0', replacedBy: undefined },
        { path: 'example.com/old', version: 'v1.0.0', replacedBy: { path: 'example.com/new', version: 'v2.0.0' } },
        { path: 'example.com/last', version: 'v0.1.0', replacedBy: undefined },
      ],
      settings: new Map([
        ['-compiler', 'gc'],
        ['-ldflags', '-s -w -X "main.a=b"'],
        ['CGO_CFLAGS', ''],
        ['odd key', 'raw \\n'],
        ['vcs.modified', 'true'],
      ]),
    });
  });

  it('leaves out what is broken', () => {
    const info = parseModuleInfo(
      '=>\tx\ty\nbuild\nbuild\t=1\nbuild\tnothing\nbuild\ta="b\nbuild\tc="d"e\nbuild\t"k"v\nwhat\tis\tthis\ndep\t\n\n',
    );
    expect(info).toEqual({ path: undefined, main: undefined, deps: [], settings: new Map() });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom('path\t', 'mod\t', 'dep\t', '=>\t', 'build\t', 'build\t"', 'build\ta="'),
            fc.string(),
          ),
        ),
        (lines) => {
          expect(() => parseModuleInfo(lines.map(([kind, rest]) => kind + rest).join('\n'))).not.toThrow();
        },
      ),
    );
  });
});

describe('readGoQuoted', () => {
  it.each([
    ['"a b" rest', 'a b', 5],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\x07\b\f\n\r\t\v\\"', 20],
    ['"\\x41\\101\\u00e9\\U0001F600"', 'AAé😀', 26],
    ['"\\xc3\\xa9é"', 'éé', 11],
    ['`a\\n`', 'a\\n', 5],
    ['""', '', 2],
  ])('reads %s', (text, value, length) => {
    expect(readGoQuoted(text)).toEqual({ value, length });
  });

  it.each([
    '',
    'a',
    '"',
    '"a',
    '`a',
    '"\\"',
    '"\\q"',
    '"\\x4"',
    '"\\400"',
    '"\\08"',
    '"\\uD800"',
    '"\\U00110000"',
    '"a\nb"',
  ])('refuses %j', (text) => {
    expect(readGoQuoted(text)).toBeUndefined();
  });

  it('undoes JSON strings, whose escapes Go shares', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const quoted = JSON.stringify(text).replaceAll('\\/', '/');
        expect(readGoQuoted(`${quoted}tail`)).toEqual({ value: text, length: quoted.length });
      }),
    );
  });
});

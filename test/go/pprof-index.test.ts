import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePprofIndex } from '../../src/go/pprof-index.ts';
import { endpoint } from './fixtures.ts';

const row = (count: number | string, name: string) =>
  `<tr><td>${count}</td><td><a href='${name}?debug=1'>${name}</a></td></tr>\n`;

describe('parsePprofIndex', () => {
  it.each(['1.19', '1.21', '1.23', '1.25', '1.26'])('reads the page of Go %s', (version) => {
    const index = parsePprofIndex(endpoint(`${version}/index.html`).toString())!;
    expect(index.goroutines).toBe(20);
    expect(index.threads).toBe(7);
    expect(index.profiles.has('goroutineleak')).toBe(version === '1.26');
  });

  it('reads the page of Go 1.27, which always has goroutineleak', () => {
    const index = parsePprofIndex(endpoint('1.27-1k/index.html.gz').toString())!;
    expect(index.goroutines).toBe(1003);
    expect(index.profiles.get('goroutineleak')).toBe(50);
    expect(index.profiles.size).toBe(11);
  });

  it('leaves out what is not there, and undoes HTML escapes of custom names', () => {
    const index = parsePprofIndex(row(3, 'a&amp;b &#34;c&#34;'))!;
    expect(index).toEqual({ goroutines: undefined, threads: undefined, profiles: new Map([['a&b "c"', 3]]) });
  });

  it.each([
    '',
    'Unknown profile\n',
    '<html></html>',
    row('-1', 'goroutine'),
    row('9'.repeat(30), 'goroutine'),
    row(1, '').repeat(3),
  ])('is not fooled by %j', (text) => {
    expect(parsePprofIndex(text)).toBeUndefined();
  });

  it('stops at 256 rows and 256 KiB', () => {
    const many = Array.from({ length: 1000 }, (_, index) => row(index, `p${index}`)).join('');
    expect(parsePprofIndex(many)?.profiles.size).toBe(256);
    expect(parsePprofIndex(' '.repeat(300 * 1024) + row(1, 'goroutine'))).toBeUndefined();
  });

  it('reads back any rows, and never throws', () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9./_-]{0,30}$/);
    fc.assert(
      fc.property(fc.dictionary(names, fc.nat(), { minKeys: 1, maxKeys: 20 }), (profiles) => {
        const html = Object.entries(profiles).map(([name, count]) => row(count, name));
        expect(parsePprofIndex(html.join(''))?.profiles).toEqual(new Map(Object.entries(profiles)));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => parsePprofIndex(text)).not.toThrow();
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPages, type PageInputs, pageInputs } from './all-pages.ts';
import { anyText } from './any-text.ts';
import { poisoned } from './poisoned.ts';
import { expectStrictHtml } from './strict-html.ts';

const inputs = pageInputs();
const pagesWith = (evil: string): ReadonlyMap<string, string> => allPages(poisoned<PageInputs>(inputs, evil));

describe('names of other people on every page', () => {
  it('are text, wherever they stand', () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='y'> javascript:alert(2) \u202e\u0000\`</style></title>&lt;`;
    for (const [name, document] of pagesWith(evil)) {
      expectStrictHtml(document);
      // Each page but those of rules has names on it; the test would say nothing if none had come through.
      if (name !== 'rule') expect(document.split('&lt;script&gt;alert(1)').length, name).toBeGreaterThan(2);
    }
  });

  it('never make an address of another kind', () => {
    for (const evil of [
      'javascript:alert(1)',
      '//evil.example/',
      'https://evil.example/',
      'data:text/html,x',
      '/../../x',
    ]) {
      for (const document of pagesWith(evil).values()) expectStrictHtml(document);
    }
  });

  it('may be anything at all', () => {
    fc.assert(
      fc.property(anyText, (evil) => {
        for (const document of pagesWith(evil).values()) expectStrictHtml(document);
      }),
      { numRuns: 15 },
    );
  });

  it('may be of any length, and the page stays bounded', () => {
    for (const document of pagesWith('x'.repeat(100_000)).values()) expect(document.length).toBeLessThan(2_000_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounded, escapeLabel, LabelCache, labelText } from '../../src/export/labels.ts';

describe('label text', () => {
  it('escapes backslash, quote and line feed, and nothing else', () => {
    expect(escapeLabel('a\\b"c\nd\té')).toBe('a\\\\b\\"c\\nd\té');
    expect(labelText(['a', 'b'], ['1', '"'])).toBe('a="1",b="\\""');
    expect(labelText(['a'], [])).toBe('a=""');
  });

  it('can be read back, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const escaped = escapeLabel(value);
        expect(escaped).not.toMatch(/\n|(?<!\\)(?:\\\\)*"/);
        expect(escaped.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))).toBe(value);
      }),
    );
  });

  it('bounds a value to 256 characters', () => {
    expect(bounded('x'.repeat(256))).toHaveLength(256);
    expect(bounded('x'.repeat(257))).toBe(`${'x'.repeat(255)}…`);
  });
});

describe('LabelCache', () => {
  it('keeps the bytes of a subject, makes them anew for new names, and forgets who was not asked for', () => {
    const cache = new LabelCache(['pod']);
    const first = cache.bytes('k', ['a']);
    expect(first.toString()).toBe('pod="a"');
    expect(cache.bytes('k', ['a'])).toBe(first);
    cache.sweep();
    const renamed = cache.bytes('k', ['b']);
    expect(renamed.toString()).toBe('pod="b"');
    cache.bytes('other', ['c']);
    expect(cache.size).toBe(2);
    cache.sweep();
    expect(cache.bytes('k', ['b'])).toBe(renamed);
    cache.sweep();
    expect(cache.size).toBe(1);
    cache.sweep();
    expect(cache.size).toBe(0);
  });
});

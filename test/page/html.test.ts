import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, Html, html, nothing } from '../../src/page/html.ts';
import { anyText } from './any-text.ts';

describe('text as HTML', () => {
  it('escapes what would be read as markup, between tags and between quotes', () => {
    expect(escapeHtml(`<a href="b">'\`&amp;`)).toBe('&lt;a href=&quot;b&quot;&gt;&#39;&#96;&amp;amp;');
    expect(html`<p title="${'"><script>'}">${'<b>'}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;</p>',
    );
  });

  it('replaces control characters and those that turn the direction of text', () => {
    expect(escapeHtml('a\u0000b\u202ec\u2066d\nE')).toBe('a?b?c?d?E');
  });

  it('takes numbers, lists and what is HTML already', () => {
    const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
    expect(html`${1.5}${nothing}<ul>${items}</ul>${['x', '&']}`.text).toBe('1.5<ul><li>a</li><li>&lt;</li></ul>x&amp;');
    expect(html`plain`).toBeInstanceOf(Html);
  });

  it('lets no text through that a browser could take for markup', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`\u0000-\u001f]|&(?!(amp|lt|gt|quot|#39|#96);)/);
      }),
    );
  });
});

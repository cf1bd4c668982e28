import { expect } from 'vitest';
import { STYLE } from '../../src/page/style.ts';

const TAGS = new Set(
  `html head meta title link style body a header nav p ul li span div main section h1 h2 h3 h4 article dl dt dd small details summary
  table caption thead tbody tr th td svg rect line path figure figcaption form label select option input button footer time b pre code
  wbr`.split(/\s+/),
);
const VOID = new Set(['meta', 'link', 'input', 'wbr']);
const ATTRIBUTES = new Set(
  `lang charset name content http-equiv rel href type class id aria-label aria-labelledby aria-current role height width x y rx x1 x2 y1
  y2 d overflow viewBox preserveAspectRatio scope colspan method action value selected download open`.split(/\s+/),
);
/** A path of the agent, a query or a place on the page: nothing with a scheme or a host. */
const ADDRESS = /^(?:\.\/|\.\.\/|\?|#)(?!\/)[^\s"'<>\\]*$/;
/** The one place outside, whose base is a constant. */
const RUNBOOK = /^https:\/\/github\.com\/cgopher\/cgopher\/blob\/main\/docs\/runbooks\/[\w.%!-]+$/;
const STYLE_ELEMENT = `<style>${STYLE}</style>`;

/** An ampersand that begins no escape of ours. */
const BARE = '&(?!(?:amp|lt|gt|quot|#39|#96);)';
const NOT_TEXT = new RegExp(`[>"'\`]|${BARE}`);
const NOT_VALUE = new RegExp(`['\`]|${BARE}`);
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:-]*(?:="[^"<>]*")?)*)\s*(\/?)>/y;

/**
 * Reads a document as strictly as can be: known tags, known attributes in double quotes, everything closed, addresses of the agent only.
 * Throws with the place. (An `expect` for each piece would take seconds a page.)
 */
export function expectStrictHtml(document: string): void {
  expect(document.split(STYLE_ELEMENT)).toHaveLength(2);
  const text = document.replace(STYLE_ELEMENT, '').replace('<!doctype html>', '');
  const must = (holds: boolean, at: number): void => {
    if (!holds) throw new Error(`not strict: ${text.slice(Math.max(0, at - 60), at + 200)}`);
  };
  const open: string[] = [];
  let at = 0;
  for (;;) {
    const from = text.indexOf('<', at);
    must(!NOT_TEXT.test(text.slice(at, from === -1 ? text.length : from)), at);
    if (from === -1) break;
    TAG.lastIndex = from;
    const tag = TAG.exec(text);
    const [whole = '', slash, name = '', attributes = '', closed] = tag ?? [];
    must(tag !== null && TAGS.has(name), from);
    if (slash === '/') must(open.pop() === name, from);
    else if (closed === '' && !VOID.has(name)) open.push(name);
    for (const [, attribute = '', value = ''] of attributes.matchAll(/\s+([A-Za-z][\w:-]*)(?:="([^"]*)")?/g)) {
      must(ATTRIBUTES.has(attribute) && !NOT_VALUE.test(value), from);
      must((attribute !== 'href' && attribute !== 'action') || ADDRESS.test(value) || RUNBOOK.test(value), from);
    }
    at = from + whole.length;
  }
  expect(open).toEqual([]);
}

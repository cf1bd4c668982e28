import { plain } from '../export/terminal.ts';

/** Text that is HTML already. Only {@link html} makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Never undefined: what is not known is said, not left blank. */
export type Part = Html | string | number | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** No text of a page is longer. What others call their things may be of any length. */
const MAX_TEXT = 2000;

/** Where there is nothing to show on purpose. */
export const nothing = new Html('');

/** Text as HTML text or as the value of a quoted attribute. Control characters, those of direction included, become `?`, and long text is cut. */
export function escapeHtml(text: string): string {
  const short = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} ...`;
  return plain(short).replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? character);
}

function partText(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeHtml(part);
  let text = '';
  for (const one of part) text += partText(one);
  return text;
}

/**
 * HTML with every string escaped. Parts may stand in text and between the quotes of an attribute; names of tags and attributes, style and
 * script are not places for them. Addresses are made in `links.ts` only.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    text += (part === undefined ? '' : partText(part)) + (strings[index + 1] ?? '');
  }
  return new Html(text);
}

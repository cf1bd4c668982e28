import { NOT_KNOWN } from './figures.ts';
import { type Html, html } from './html.ts';

/** What is drawn how: each kind is one stretch or mark of a bar, and the small sign in front of its value. */
export type Sign = 'live' | 'goal' | 'gomemlimit' | 'current' | 'high' | 'max' | 'usage' | 'procs' | 'throttled';

/** The values of a bar as text, each with the sign it has in the bar. */
export function values(entries: readonly (readonly [sign: Sign, name: string, value: string])[]): Html {
  return html`<dl class="values">${entries.map(
    ([sign, name, value]) =>
      html`<div class="s-${sign}"><dt>${name}</dt><dd${value === NOT_KNOWN ? html` class="unknown"` : ''}>${value}</dd></div>`,
  )}</dl>`;
}

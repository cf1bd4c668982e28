import { type Html, html, nothing } from './html.ts';

/** One page of a longer list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly number: number;
  readonly pages: number;
  /** Place of the first item, from 0. */
  readonly from: number;
  readonly total: number;
}

/** The page of that number, or the last there is. */
export function pageOf<T>(all: readonly T[], number: number, size: number): ListPage<T> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const at = Math.min(Math.max(1, number), pages);
  const from = (at - 1) * size;
  return { items: all.slice(from, from + size), number: at, pages, from, total: all.length };
}

/** Links to the pages next to this one; nothing where there is only one. */
export function pager(
  label: string,
  { items, number, pages, from, total }: ListPage<unknown>,
  link: (page: number) => string,
): Html {
  if (pages === 1) return nothing;
  const before =
    number > 1 ? html`<a href="${link(number - 1)}" rel="prev">Previous</a>` : html`<span class="off">Previous</span>`;
  const after =
    number < pages ? html`<a href="${link(number + 1)}" rel="next">Next</a>` : html`<span class="off">Next</span>`;
  return html`<nav class="pager" aria-label="${label}">${before}<span>${from + 1} to ${from + items.length} of ${total}</span>${after}</nav>`;
}

import { ROW_ORDERS, type RowOrder } from '../workload-order.ts';
import type { TopLook } from './top-look.ts';
import { cursor, scrolled, type TopView, visible } from './view.ts';

/** A key: a printable character as it is, others by name. */
export type Key =
  | { readonly character: string }
  | {
      readonly name:
        | 'up'
        | 'down'
        | 'pageup'
        | 'pagedown'
        | 'home'
        | 'end'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'clear'
        | 'interrupt';
    };

/** What is on the screen when the key is pressed. */
export interface Shown {
  readonly look: TopLook | undefined;
  /** Rows of workloads, and lines of a page, that fit. */
  readonly listHeight: number;
  readonly pageHeight: number;
  /** Lines of the page of details or help that is open. */
  readonly pageLines: number;
}

const MAX_FILTER = 100;
const ORDER_OF: Readonly<Record<string, RowOrder>> = { c: 'cpu', m: 'memory', g: 'goroutines', w: 'worst' };

/** What a key makes of the view; `quit` ends it. */
export function pressed(view: TopView, key: Key, shown: Shown): TopView | 'quit' {
  if ('name' in key && key.name === 'interrupt') return 'quit';
  if (view.typing !== undefined) return typed(view, view.typing, key);
  if ('character' in key && key.character === 'q') return 'quit';
  return view.screen === 'list' ? onList(view, key, shown) : onPage(view, key, shown);
}

function typed(view: TopView, typing: string, key: Key): TopView {
  if ('character' in key) return { ...view, typing: (typing + key.character).slice(0, MAX_FILTER), listTop: 0 };
  switch (key.name) {
    case 'enter':
      return { ...view, filter: typing.trim(), typing: undefined };
    case 'escape':
      return { ...view, typing: undefined };
    case 'clear':
      return { ...view, typing: '' };
    case 'backspace':
      // With nothing left to take away, it takes away the question.
      return typing === ''
        ? { ...view, filter: '', typing: undefined }
        : { ...view, typing: Array.from(typing).slice(0, -1).join('') };
    default:
      return view;
  }
}

function onList(view: TopView, key: Key, shown: Shown): TopView {
  if ('name' in key) {
    if (key.name === 'enter') return details(view, shown);
    if (key.name === 'escape') return { ...view, filter: '', listTop: 0 };
    return moved(view, key.name, shown);
  }
  const { character } = key;
  const order = ORDER_OF[character];
  if (order !== undefined) return { ...view, order, listTop: 0 };
  switch (character) {
    case 's': {
      const next = ROW_ORDERS[(ROW_ORDERS.indexOf(view.order) + 1) % ROW_ORDERS.length];
      return { ...view, order: next ?? view.order, listTop: 0 };
    }
    case '/':
      return { ...view, typing: view.filter };
    case 'd':
      return details(view, shown);
    case '?':
      return { ...view, screen: 'help', pageTop: 0 };
    case 'k':
      return moved(view, 'up', shown);
    case 'j':
      return moved(view, 'down', shown);
    default:
      return view;
  }
}

function details(view: TopView, { look }: Shown): TopView {
  const rows = look === undefined ? [] : visible(look, view);
  const selected = rows[cursor(rows, view)]?.row.key;
  return selected === undefined ? view : { ...view, screen: 'details', selected, pageTop: 0 };
}

function moved(view: TopView, name: string, { look, listHeight }: Shown): TopView {
  const rows = look === undefined ? [] : visible(look, view);
  const to = target(name, cursor(rows, view), listHeight, rows.length);
  const selected = rows[to]?.row.key;
  return selected === undefined
    ? view
    : { ...view, selected, listTop: scrolled(view.listTop, to, listHeight, rows.length) };
}

function onPage(view: TopView, key: Key, { pageHeight, pageLines }: Shown): TopView {
  const back: TopView = { ...view, screen: 'list', pageTop: 0 };
  if ('character' in key) {
    if (key.character === '?') return view.screen === 'help' ? back : { ...view, screen: 'help', pageTop: 0 };
    if (key.character === 'd') return back;
    if (key.character !== 'j' && key.character !== 'k') return view;
  } else if (key.name === 'escape' || key.name === 'enter' || key.name === 'backspace') return back;
  const name = 'name' in key ? key.name : key.character === 'k' ? 'up' : 'down';
  // The last line may be at the bottom, not above it.
  return { ...view, pageTop: target(name, view.pageTop, pageHeight, Math.max(1, pageLines - pageHeight + 1)) };
}

/** Where a key leads from `at` among `count` places; a page keeps one line of the last. */
function target(name: string, at: number, height: number, count: number): number {
  const page = Math.max(1, height - 1);
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -page,
    pagedown: page,
    home: -at,
    end: count,
  };
  return Math.max(0, Math.min(count - 1, at + (steps[name] ?? 0)));
}

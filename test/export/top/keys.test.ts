import { describe, expect, it } from 'vitest';
import { type Key, pressed, type Shown } from '../../../src/export/top/keys.ts';
import { FIRST_VIEW, scrolled, type TopView, visible } from '../../../src/export/top/view.ts';
import { ROW_ORDERS } from '../../../src/export/workload-order.ts';
import { manyLook, smallLook } from './looks.ts';

const shown: Shown = { look: manyLook(), listHeight: 10, pageHeight: 10, pageLines: 25 };
const by = (key: string): Key => (key.length === 1 ? { character: key } : ({ name: key } as Key));

/** The view after these keys. */
function after(keys: readonly string[], view: TopView = FIRST_VIEW, on: Shown = shown): TopView {
  let now = view;
  for (const key of keys) {
    const next = pressed(now, by(key), on);
    if (next === 'quit') throw new Error(`${key} quits`);
    now = next;
  }
  return now;
}

describe('keys on the list', () => {
  it('quit', () => {
    expect(pressed(FIRST_VIEW, by('q'), shown)).toBe('quit');
    expect(pressed(FIRST_VIEW, by('interrupt'), shown)).toBe('quit');
    expect(pressed({ ...FIRST_VIEW, screen: 'help' }, by('q'), shown)).toBe('quit');
  });

  it('sort by what they stand for, s by one after the other', () => {
    expect(['c', 'm', 'g', 'w'].map((key) => after([key]).order)).toEqual(['cpu', 'memory', 'goroutines', 'worst']);
    const orders = ROW_ORDERS.map((_, index) => after(Array.from({ length: index + 1 }, () => 's')).order);
    expect(orders).toEqual([...ROW_ORDERS.slice(1), ROW_ORDERS[0]]);
  });

  it('move the cursor and scroll with it', () => {
    expect(after(['down']).selected).toBe('w01');
    expect(after(['down', 'j', 'up', 'k', 'up']).selected).toBe('w00');
    // A page of ten rows moves by nine, so that one row stays in sight.
    expect(after(['pagedown'])).toMatchObject({ selected: 'w09', listTop: 0 });
    expect(after(['pagedown', 'down'])).toMatchObject({ selected: 'w10', listTop: 1 });
    expect(after(['end'])).toMatchObject({ selected: 'w29', listTop: 20 });
    expect(after(['end', 'pageup'])).toMatchObject({ selected: 'w20', listTop: 20 });
    expect(after(['end', 'home'])).toMatchObject({ selected: 'w00', listTop: 0 });
    expect(after(['end', 'down', 'pagedown']).selected).toBe('w29');
  });

  it('start from the first row when what was selected has gone', () => {
    expect(after(['down'], { ...FIRST_VIEW, selected: 'gone' }).selected).toBe('w01');
  });

  it('do nothing where there is nothing', () => {
    const nothing = { ...shown, look: undefined };
    expect(after(['down', 'enter', 'x', 'end'], FIRST_VIEW, nothing)).toEqual(FIRST_VIEW);
  });
});

describe('the filter', () => {
  it('is typed, kept with Enter, dropped with Escape', () => {
    expect(after(['/', 'w', '0', '5'])).toMatchObject({ typing: 'w05', filter: '' });
    expect(after(['/', 'w', '0', '5', 'enter'])).toMatchObject({ typing: undefined, filter: 'w05' });
    expect(after(['/', 'w', 'escape'])).toMatchObject({ typing: undefined, filter: '' });
    expect(after(['/', 'w', 'enter', '/', 'x', 'escape']).filter).toBe('w');
    expect(after(['/', 'w', 'enter', 'escape']).filter).toBe('');
  });

  it('takes q, s and ? as letters while it is typed, but Ctrl-C as Ctrl-C', () => {
    expect(after(['/', 'q', 's', '?'])).toMatchObject({ typing: 'qs?', order: 'worst', screen: 'list' });
    expect(pressed(after(['/', 'q']), by('interrupt'), shown)).toBe('quit');
  });

  it('is mended with Backspace and Ctrl-U', () => {
    expect(after(['/', 'a', '夜', 'backspace']).typing).toBe('a');
    expect(after(['/', 'a', 'b', 'clear']).typing).toBe('');
    expect(after(['/', 'a', 'backspace', 'backspace'])).toMatchObject({ typing: undefined, filter: '' });
    expect(after(['/', ...Array.from({ length: 200 }, () => 'a')]).typing).toHaveLength(100);
  });

  it.each([
    ['shop', 1],
    ['APP-0', 1],
    ['silent.service', 1],
    ['gomaxprocsabove', 1],
    ['shop gomaxprocs', 1],
    ['shop silent', 0],
    ['', 2],
    ['nodesysctls', 0],
  ])('finds by any name and by rule: %j', (filter, count) => {
    expect(visible(smallLook, { ...FIRST_VIEW, filter })).toHaveLength(count);
  });
});

describe('pages', () => {
  it('open and close', () => {
    expect(after(['down', 'enter'])).toMatchObject({ screen: 'details', selected: 'w01' });
    expect(after(['d'])).toMatchObject({ screen: 'details', selected: 'w00' });
    expect(after(['d', 'd']).screen).toBe('list');
    expect(after(['?']).screen).toBe('help');
    expect(after(['?', '?']).screen).toBe('list');
    expect(after(['?', 'escape']).screen).toBe('list');
    expect(after(['d', '?', 'enter']).screen).toBe('list');
    expect(after(['d', 'x']).screen).toBe('details');
  });

  it('scroll to their last line and no further', () => {
    // 25 lines in 10: the last page begins 15 lines down.
    expect(after(['?', 'end']).pageTop).toBe(15);
    expect(after(['?', 'pagedown', 'pagedown']).pageTop).toBe(15);
    expect(after(['?', 'pagedown', 'up', 'k', 'j']).pageTop).toBe(8);
    expect(after(['?', 'down', 'home', 'up']).pageTop).toBe(0);
    expect(after(['?', 'end'], FIRST_VIEW, { ...shown, pageLines: 3 }).pageTop).toBe(0);
  });
});

it('the cursor stays in sight, and the last page is full', () => {
  expect(scrolled(0, 5, 10, 30)).toBe(0);
  expect(scrolled(0, 12, 10, 30)).toBe(3);
  expect(scrolled(20, 12, 10, 30)).toBe(12);
  // Rows went away below the first line shown.
  expect(scrolled(20, 0, 10, 5)).toBe(0);
});

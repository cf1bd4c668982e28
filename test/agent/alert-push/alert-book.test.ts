import { expect, test } from 'vitest';
import { AlertBook } from '../../../src/agent/alert-push/alert-book.ts';
import { alertOf } from './alerts.ts';

const MINUTE = 60_000;
const names = (book: AlertBook): string[] => [...book.entries.keys()];

test('an alert begins once, stays, ends once, and may begin again', () => {
  const book = new AlertBook(10);
  expect(book.note([alertOf('a')], 0)).toEqual({ keys: ['a'], crowdedOut: 0 });
  const first = book.entries.get('a')?.revision;
  expect(book.note([alertOf('a')], 1000)).toEqual({ keys: [], crowdedOut: 0 });
  expect(book.entries.get('a')?.revision).toBe(first);
  expect(book.note([], 2000)).toEqual({ keys: ['a'], crowdedOut: 0 });
  expect(book.entries.get('a')).toMatchObject({ endedMs: 2000 });
  expect(book.note([], 3000).keys).toEqual([]);
  expect(book.entries.get('a')).toMatchObject({ endedMs: 2000 });
  expect(book.note([alertOf('a')], 4000).keys).toEqual(['a']);
  expect(book.entries.get('a')?.endedMs).toBeUndefined();
  expect(book.entries.get('a')?.revision).toBeGreaterThan(first!);
  expect(book.notedMs).toBe(4000);
});

test('while it lasts it has its earliest beginning and its latest text', () => {
  const book = new AlertBook(10);
  book.note([alertOf('a', 500)], 0);
  book.note([{ ...alertOf('a', 900), others: 3 }], 1000);
  expect(book.entries.get('a')).toMatchObject({ sinceUnixMs: 500, alert: { others: 3 } });
});

test('what ended is kept for 15 minutes', () => {
  const book = new AlertBook(10);
  book.note([alertOf('a')], 0);
  book.note([], 1000);
  book.note([], 1000 + 15 * MINUTE);
  expect(names(book)).toEqual(['a']);
  expect(book.note([], 1001 + 15 * MINUTE).keys).toEqual([]);
  expect(names(book)).toEqual([]);
});

test('a full book takes nothing new, and what is in it does not end for want of room', () => {
  const book = new AlertBook(2);
  book.note([alertOf('old')], 0);
  expect(book.note([alertOf('grave'), alertOf('new'), alertOf('old')], 1)).toEqual({ keys: ['grave'], crowdedOut: 1 });
  // The same one is told once.
  expect(book.note([alertOf('grave'), alertOf('new'), alertOf('old')], 2)).toEqual({ keys: [], crowdedOut: 0 });
  // When one ends there is room.
  expect(book.note([alertOf('grave'), alertOf('new')], 3)).toEqual({ keys: ['old', 'new'], crowdedOut: 0 });
  expect(names(book)).toEqual(['grave', 'old', 'new']);
});

test('however many come and go, it holds twice its capacity', () => {
  const book = new AlertBook(3);
  for (let round = 0; round < 50; round += 1)
    book.note(
      [0, 1, 2].map((index) => alertOf(`${round}-${index}`)),
      round,
    );
  expect(book.entries.size).toBe(6);
  // Of those that ended the latest are kept.
  expect(names(book).sort()).toEqual(['48-0', '48-1', '48-2', '49-0', '49-1', '49-2']);
});

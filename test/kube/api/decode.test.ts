import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/kube/api/backoff.ts';
import { EventLines } from '../../../src/kube/api/event-lines.ts';
import { ListItems } from '../../../src/kube/api/list-items.ts';

/** Items and metadata of a text that comes in pieces of these sizes, the last one repeated. */
function decode(text: string, sizes: readonly number[] = [1 << 20], maxItemBytes = 1 << 20) {
  const items: string[] = [];
  const list = new ListItems({ maxItemBytes, onItem: (json) => items.push(json.toString('utf8')) });
  const bytes = Buffer.from(text);
  let taken = true;
  for (let at = 0, turn = 0; at < bytes.length && taken; turn += 1) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? 1;
    taken = list.take(bytes.subarray(at, at + size));
    at += size;
  }
  return { items, metadata: list.metadata?.toString('utf8'), complete: list.complete, taken };
}

describe('a list that comes in pieces', () => {
  it('gives its items and its metadata, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 }),
        fc.dictionary(fc.constantFrom('resourceVersion', 'continue'), fc.string()),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (items, metadata, sizes) => {
          const got = decode(JSON.stringify({ kind: 'PodList', metadata, items, tail: [{ no: 'item' }] }), sizes);
          expect(got.items.map((item): unknown => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(items)));
          expect(JSON.parse(got.metadata ?? '')).toEqual(metadata);
          expect(got.complete).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is not misled by names and brackets within texts', () => {
    const text =
      '{"note":"\\"items\\":[{}]","x":{"items":[{"no":1}]},"metadata":{"a":"}"},"items":[{"b":"]}\\\\"},{}]}';
    expect(decode(text)).toMatchObject({ items: ['{"b":"]}\\\\"}', '{}'], metadata: '{"a":"}"}', complete: true });
  });

  it.each(['', '{}', '[]', '{"items":[', '{"items":[{}', '{"items":[{}]', '{"items":null}', 'text', '{"items":["'])(
    '%j is not a whole list',
    (text) => {
      expect(decode(text).complete).toBe(false);
    },
  );

  it('ends at an item that is too large', () => {
    const text = `{"items":[{"a":"${'x'.repeat(100)}"}]}`;
    expect(decode(text, [7], 50)).toMatchObject({ items: [], taken: false });
    expect(decode(text, [7], 108)).toMatchObject({ taken: true, complete: true });
  });
});

describe('events that come in pieces', () => {
  it('are handed over line by line, wherever they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }).map((text) => JSON.stringify(text))),
        fc.integer({ min: 1, max: 9 }),
        (lines, size) => {
          const got: string[] = [];
          const events = new EventLines(1 << 20, (json) => got.push(json.toString('utf8')));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          for (let at = 0; at < bytes.length; at += size) expect(events.take(bytes.subarray(at, at + size))).toBe(true);
          expect(got).toEqual(lines);
          expect(events.partial).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('may be empty lines, and not longer than allowed', () => {
    const got: string[] = [];
    const events = new EventLines(4, (json) => got.push(json.toString('utf8')));
    expect(events.take(Buffer.from('\n\nab\ncd'))).toBe(true);
    expect([got, events.partial]).toEqual([['ab'], true]);
    expect(events.take(Buffer.from('efg'))).toBe(false);
  });
});

it('waits double, with full jitter, up to a bound, and not less than the server asks for', () => {
  const draws = [1, 0.5, 0, 1, 1];
  const backoff = new Backoff({ firstMs: 100, maxMs: 300, random: () => draws.shift() ?? 1 });
  // 100 x 1, 200 x 0.5, 300 x 0 and 50 besides, 300 x 1.
  expect([backoff.next(), backoff.next(), backoff.next(50), backoff.next()]).toEqual([100, 100, 50, 300]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

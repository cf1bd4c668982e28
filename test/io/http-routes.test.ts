import { describe, expect, it } from 'vitest';
import { routeTable } from '../../src/io/http-routes.ts';
import type { HttpHandler } from '../../src/io/http-server.ts';

const answering =
  (body: string): HttpHandler =>
  () => ({ status: 200, contentType: 'text/plain', body });
const root = answering('root');
const metrics = answering('metrics');
const item = answering('item');
const later = answering('later');

describe('a route table', () => {
  const table = routeTable(
    [
      ['/', root],
      ['/item/special', root],
      ['/', metrics],
    ],
    [
      { prefix: '/item/', rest: /^[a-z]{1,7}$/, handler: item },
      { prefix: '/item/', rest: /^[a-z]+$/, handler: later },
    ],
  );
  it('takes the last of two handlers for one path', () => {
    expect(table.get('/')).toBe(metrics);
  });
  it('takes an exact path before a prefix, and the first prefix whose rest fits', () => {
    expect(table.get('/item/special')).toBe(root);
    expect(table.get('/item/plain')).toBe(item);
    expect(table.get('/item/abcdefgh')).toBe(later);
  });
  it('has nobody for other paths', () => {
    for (const path of ['/item', '/item/', '/item/a/b', '/item/..', '/item/A', '/items/a', ''])
      expect(table.get(path), path).toBeUndefined();
  });
});

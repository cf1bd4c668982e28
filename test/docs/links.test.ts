import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pages, ROOT, read } from './pages.ts';

/** The anchor a Markdown viewer gives a heading: lower case, blanks to dashes, punctuation dropped. */
function anchor(heading: string): string {
  return heading
    .replaceAll('`', '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchors(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    anchor(heading),
  );
}

interface Link {
  readonly from: string;
  readonly target: string;
}

const links: Link[] = pages().flatMap(({ path, text }) => {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)];
  return found.map(([, markdown, html]) => ({ from: path, target: markdown ?? html ?? '' }));
});

test('links are found at all', () => {
  expect(links.length).toBeGreaterThan(10);
});

test.each(links.filter(({ target }) => !/^[a-z]+:/.test(target)))(
  '$from: $target leads somewhere',
  ({ from, target }) => {
    const [file = '', fragment] = target.split('#', 2);
    const path = file === '' ? from : join(dirname(from), file);
    expect(existsSync(ROOT + path), path).toBe(true);
    if (fragment !== undefined) expect(anchors(read(path))).toContain(fragment);
  },
);

test('docs/architecture.md names every folder of src, and no other', () => {
  const named = [...read('docs/architecture.md').matchAll(/^\| `src\/(\w+)\/` \|/gm)].map(([, room]) => room);
  const folders = readdirSync(`${ROOT}src`, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  expect(named.sort()).toEqual(folders.sort());
});

test('pages, Dockerfile and pictures name no folder of a developer machine', () => {
  const texts = [...pages(), ...['Dockerfile', 'docs/check.svg'].map((path) => ({ path, text: read(path) }))];
  for (const { path, text } of texts)
    expect(text.match(/(?<![\w.])\/(?:home|root|Users)\/\w+|cgopher-demo-\w+/g), path).toBeNull();
});

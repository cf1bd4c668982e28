import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** The project's folder, with a slash at its end. */
export const ROOT = new URL('../../', import.meta.url).pathname;

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** A written page. */
export interface Page {
  /** Relative to the project's folder: `docs/rules.md`. */
  readonly path: string;
  readonly text: string;
}

function markdownIn(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return markdownIn(`${folder}${entry.name}/`);
    return entry.name.endsWith('.md') ? [folder + entry.name] : [];
  });
}

/** Reads a file of the project. */
export function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** Every Markdown page of the project. */
export function pages(): Page[] {
  return markdownIn('').map((path) => ({ path, text: read(path) }));
}

/** The fenced blocks of a language, without their fences. Line continuations are joined. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, name, body]) =>
    name === language && body !== undefined ? [body.replaceAll('\\\n', ' ')] : [],
  );
}

/** A row of a Markdown table. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/**
 * Compares the part of a page between `<!-- generated: NAME -->` and `<!-- end: NAME -->` with what the code says.
 * `UPDATE_DOCS=1` writes it instead.
 */
export function expectGenerated(path: string, name: string, content: string): void {
  const begin = `<!-- generated: ${name} -->\n`;
  const end = `<!-- end: ${name} -->`;
  const text = read(path);
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  expect(from, `${path} has no ${begin.trim()}`).toBeGreaterThanOrEqual(0);
  expect(to, `${path} has no ${end}`).toBeGreaterThan(from);
  const wanted = `${text.slice(0, from + begin.length)}\n${content.trim()}\n\n${text.slice(to)}`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(ROOT + path, wanted);
  else
    expect(text, 'out of date: run `UPDATE_DOCS=1 npx vitest run --config .config/vitest.config.ts test/docs`').toBe(
      wanted,
    );
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';

/** The project's folder, with a slash at its end. */
export const ROOT = new URL('../../', import.meta.url).pathname;

/** Compares a committed file with what its generator says. `UPDATE_DEPLOY=1` writes it instead. */
export function expectCommitted(path: string, wanted: string): void {
  if (process.env['UPDATE_DEPLOY'] === '1') {
    mkdirSync(dirname(ROOT + path), { recursive: true });
    writeFileSync(ROOT + path, wanted);
  }
  expect(existsSync(ROOT + path), `${path} is not there: run with UPDATE_DEPLOY=1`).toBe(true);
  expect(
    readFileSync(ROOT + path, 'utf8'),
    `${path} is out of date: run \`UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy\``,
  ).toBe(wanted);
}

/** The same for the part of a page between `<!-- generated: NAME -->` and `<!-- end: NAME -->`. */
export function expectCommittedPart(path: string, name: string, content: string): void {
  const begin = `<!-- generated: ${name} -->\n`;
  const text = readFileSync(ROOT + path, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(`<!-- end: ${name} -->`);
  expect(from, `${path} has no ${begin.trim()}`).toBeGreaterThanOrEqual(0);
  expect(to, `${path} has no end of ${name}`).toBeGreaterThan(from);
  expectCommitted(path, `${text.slice(0, from + begin.length)}\n${content.trim()}\n\n${text.slice(to)}`);
}

import { readFileSync, writeFileSync } from 'node:fs';
import type { Comparison } from './comparison.ts';

const PAGE = new URL('../../docs/runtime-memory.md', import.meta.url);
const BEGIN = '<!-- versions: generated -->';
const END = '<!-- /versions -->';

/** One line a version: in each variant how many comparisons held of how many, and what the version or the method does not tell. */
export function tableOf(results: ReadonlyMap<string, readonly Comparison[]>, variants: readonly string[]): string {
  const versions = [...new Set([...results.keys()].map((key) => key.split(' ')[0] ?? ''))];
  const lines = versions.map((version) => {
    const cells = variants.map((variant) => {
      const made = results.get(`${version} ${variant}`) ?? [];
      const told = made.filter(({ outcome }) => outcome !== 'not told');
      const equal = told.filter(({ outcome }) => outcome === 'equal').length;
      return told.length === 0 ? '-' : `${equal} of ${told.length}`;
    });
    const all = variants.flatMap((variant) => results.get(`${version} ${variant}`) ?? []);
    const quantities = [...new Set(all.map(({ quantity }) => quantity))];
    const never = quantities.filter((name) =>
      all.every(({ quantity, outcome }) => quantity !== name || outcome === 'not told'),
    );
    return `| ${[version, ...cells, never.join(', ')].join(' | ')} |`;
  });
  return [
    `| ${['Go', ...variants, 'not compared'].join(' | ')} |`,
    `|${' --- |'.repeat(variants.length + 2)}`,
    ...lines,
  ].join('\n');
}

/** Prints the table, and with UPDATE_DOCS=1 puts it into the page. */
export function keepTable(results: ReadonlyMap<string, readonly Comparison[]>, variants: readonly string[]): void {
  const table = tableOf(results, variants);
  process.stdout.write(`\n${table}\n`);
  if (process.env['UPDATE_DOCS'] !== '1') return;
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`no place for the table in ${PAGE.pathname}`);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}

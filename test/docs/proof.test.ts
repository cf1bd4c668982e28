import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULE_IDS } from '../../src/rules/types.ts';
import { NOT_PROVOKED } from '../zoo/not-provoked.ts';
import { KEPT, readResults, type ZooResults } from '../zoo/results.ts';
import { casesTable, killsTable, nudgesTable, openTable } from '../zoo/table.ts';

const PAGE = join(import.meta.dirname, '../../docs/proof.md');

/** Replaces what stands between the two marks of a table. */
function withTable(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/proof.md has no place for ${name}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

function kept(): ZooResults {
  const results = readResults(KEPT);
  if (results === undefined) throw new Error('no results are kept');
  return results;
}

describe('docs/proof.md', () => {
  it('shows what the runs of the zoo saw that are kept', () => {
    const results = kept();
    const page = readFileSync(PAGE, 'utf8');
    let wanted = withTable(page, 'faults', casesTable(results));
    wanted = withTable(wanted, 'kills', killsTable(results.kills ?? []));
    wanted = withTable(wanted, 'nudges', nudgesTable(results.nudged ?? []));
    wanted = withTable(wanted, 'not provoked', openTable(RULE_IDS, results, NOT_PROVOKED));
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, wanted);
    else expect(page).toBe(wanted);
  });

  it('each rule was provoked, or it is said why not, and not both', () => {
    const fired = new Set(
      kept()
        .cases.filter((one) => one.firedAfterSeconds !== undefined)
        .map(({ rule }) => rule),
    );
    expect(RULE_IDS.filter((id) => !fired.has(id) && NOT_PROVOKED[id] === undefined)).toEqual([]);
    expect(Object.keys(NOT_PROVOKED).filter((id) => fired.has(id))).toEqual([]);
  });

  it('who was asked for collections outlived who was not', () => {
    const { nudged = [] } = kept();
    expect(nudged.length).toBeGreaterThan(0);
    expect(nudged.filter(({ asked, left }) => !left.killed || asked.killed)).toEqual([]);
  });

  it('no healthy twin fired, and every change that was applied made the finding clear', () => {
    const { cases } = kept();
    expect(cases.filter(({ rule, twinFires }) => twinFires?.includes(rule)).map(({ rule }) => rule)).toEqual([]);
    const tried = cases.filter(({ remedy }) => remedy?.patch !== undefined);
    expect(tried.length).toBeGreaterThan(10);
    expect(
      tried.filter((one) => one.clearedAfterSeconds === undefined || one.cameBack === true).map(({ rule }) => rule),
    ).toEqual([]);
  });
});

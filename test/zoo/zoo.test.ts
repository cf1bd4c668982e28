import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEPT, readResults, type ZooResults } from './results.ts';
import { casesTable, killsTable, nudgesTable } from './table.ts';

/*
 * Every fault on a real kernel, with its healthy twin, and with the change that the finding names made to it. Takes most of an hour where the
 * guest is emulated, so CI judges what the last whole run left (test/docs/proof.test.ts). ZOO_CASES=Rule,Rule takes only those;
 * ZOO_RESULTS=FOLDER judges an earlier run; UPDATE_DOCS=1 keeps the results of a whole run.
 */
const CANNOT_RUN_HERE = 77;
const earlier = process.env['ZOO_RESULTS'];
const folder = earlier ?? mkdtempSync(join(tmpdir(), 'cgopher-zoo.'));
let results: ZooResults;

beforeAll(() => {
  if (earlier === undefined) {
    const { status } = spawnSync(join(import.meta.dirname, 'run.sh'), [folder], { stdio: 'inherit' });
    expect(status, status === CANNOT_RUN_HERE ? 'this machine cannot run the guest' : 'the guest failed').toBe(0);
  }
  const read = readResults(join(folder, 'zoo.json'));
  if (read === undefined) throw new Error(`no results in ${folder}`);
  results = read;
  process.stdout.write(
    `\n${casesTable(results)}\n\n${killsTable(results.kills ?? [])}\n\n${nudgesTable(results.nudged ?? [])}\n\n`,
  );
  if (process.env['UPDATE_DOCS'] === '1' && process.env['ZOO_CASES'] === undefined)
    copyFileSync(join(folder, 'zoo.json'), KEPT);
});
afterAll(() => {
  if (earlier === undefined && existsSync(folder)) rmSync(folder, { recursive: true });
});

describe('the fault zoo', () => {
  test('every fault is found', () => {
    expect(results.cases.filter(({ firedAfterSeconds }) => firedAfterSeconds === undefined)).toEqual([]);
  });
  test('every healthy twin is silent', () => {
    expect(results.cases.filter(({ rule, twinFires }) => twinFires?.includes(rule)).map(({ rule }) => rule)).toEqual(
      [],
    );
  });
  test('every change that can be applied makes the finding clear, for good', () => {
    const tried = results.cases.filter(({ remedy }) => remedy?.patch !== undefined);
    expect(tried.filter((one) => one.clearedAfterSeconds === undefined || one.cameBack === true)).toEqual([]);
  });
  test('who is asked for collections outlives who is not', () => {
    expect((results.nudged ?? []).filter(({ asked, left }) => !left.killed || asked.killed)).toEqual([]);
  });
  test('kills are foretold', () => {
    expect((results.kills ?? []).filter(({ leadSeconds }) => leadSeconds === undefined)).toEqual([]);
  });
});

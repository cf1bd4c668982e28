import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptRenderings } from './kept-renderings.ts';

const TOOL = { name: 'fake-tool', source: 'example.com/fake-tool@v1.0.0', minimumGo: '1.0' };
const INPUTS = { paths: ['in'], words: { tier: 0 } };
const DASHBOARD = '{\n  "title": "x: {{ y }}"\n}\n';
const RULES = 'kind: PrometheusRule\nspec: { groups: [{ name: a }] }\n';
const SAID = [
  { kind: 'ConfigMap', metadata: { name: 'd' }, data: { 'd.json': DASHBOARD, 'own.json': '{}' } },
  { kind: 'PrometheusRule', metadata: { name: 'r' }, spec: { groups: [{ name: 'a' }] } },
  { kind: 'PrometheusRule', metadata: { name: 's' }, spec: { groups: [{ name: 'b' }] } },
];

let root: string;

beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), 'cgopher-kept-'))}/`;
  mkdirSync(`${root}in/more`, { recursive: true });
  mkdirSync(`${root}test/deploy`, { recursive: true });
  writeFileSync(`${root}in/more/d.json`, DASHBOARD);
  writeFileSync(`${root}in/prometheusrule.yaml`, RULES);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A fake tool that says these documents. */
const says =
  (...documents: readonly object[]) =>
  () =>
    Promise.resolve({ ok: true, err: '', out: documents.map((each) => JSON.stringify(each)).join('\n---\n') });
const keep = () => new KeptRenderings(TOOL, root, true).documents('one', INPUTS, says(...SAID));
const kept = () => new KeptRenderings(TOOL, root, false);
const path = () => `${root}test/deploy/rendered/fake-tool/one.yaml`;

describe('a rendering that is kept', () => {
  it('is read without the tool as the tool said it, and input files that are in it are kept by their names', async () => {
    expect(await keep()).toEqual(SAID);
    expect(await kept().documents('one', INPUTS, undefined)).toEqual(SAID);
    const text = readFileSync(path(), 'utf8');
    expect(text).toContain('whole-text-of: in/more/d.json');
    expect(text).toContain('whole-spec-of: in/prometheusrule.yaml');
    expect(text).not.toMatch(/title|name: a$/m);
    expect(text).toMatch(/own\.json: "\{\}"[\s\S]*name: b$/m);
  });

  it('is refused when it is not there', async () => {
    await expect(kept().documents('one', INPUTS, undefined)).rejects.toThrow(/one\.yaml is not there: run `UPDATE_/);
  });

  it.each([
    ['a file changed', 'in/prometheusrule.yaml', `${RULES}# changed\n`],
    ['a file was added', 'in/more/new', ''],
  ])('is refused when %s', async (_, name, text) => {
    await keep();
    writeFileSync(root + name, text);
    await expect(kept().documents('one', INPUTS, undefined)).rejects.toThrow(/was made of other files or values/);
  });

  it('is refused with other values, and for another version of the tool', async () => {
    await keep();
    const values = { ...INPUTS, words: { tier: 1 } };
    await expect(kept().documents('one', values, undefined)).rejects.toThrow(/was made of other files or values/);
    const newer = new KeptRenderings({ ...TOOL, source: 'example.com/fake-tool@v1.0.1' }, root, false);
    await expect(newer.documents('one', INPUTS, undefined)).rejects.toThrow(/another version of fake-tool/);
  });

  it('is refused when the tool says something else, or fails', async () => {
    await keep();
    await expect(kept().documents('one', INPUTS, says(...SAID.slice(1)))).rejects.toThrow(/fake-tool says now what/);
    const fails = () => Promise.resolve({ ok: false, out: '', err: 'broken template' });
    await expect(kept().documents('one', INPUTS, fails)).rejects.toThrow(/broken template/);
  });

  it('that no test asks for is told', async () => {
    await keep();
    const used = kept();
    await used.documents('one', INPUTS, undefined);
    used.expectNothingBesides();
    expect(() => {
      kept().expectNothingBesides();
    }).toThrow(/what no test asks for/);
  });
});

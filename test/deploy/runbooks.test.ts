import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { agentAlertTable } from '../../deploy/source/alerts/agent-alerts.ts';
import { alertGroups } from '../../deploy/source/alerts/rule-files.ts';
import { agent } from '../../deploy/source/runbooks/agent.ts';
import { runbookPages } from '../../deploy/source/runbooks/page.ts';
import { runbooks } from '../../deploy/source/runbooks/table.ts';
import { explain } from '../../src/cli/explain.ts';
import { RULE_IDS } from '../../src/rules/types.ts';
import { expectCommitted, ROOT } from './committed.ts';
import { knownNames, namesIn } from './known-metrics.ts';
import { promtool, run, withFile } from './promtool-check.ts';

const pages = Object.entries(runbookPages());
const written = pages.filter(([name]) => name !== 'README.md');

/** The queries of a page, as somebody would copy them. */
function queriesOf(text: string): string[] {
  return [...text.matchAll(/^ *```promql\n([\s\S]*?)^ *```$/gm)].map(([, query = '']) => query.trim());
}

describe('docs/runbooks', () => {
  it.each(pages)('%s is what the source says; UPDATE_DEPLOY=1 writes it', (name, text) => {
    expectCommitted(`docs/runbooks/${name}`, text);
  });

  it('has a page for each alert and no other', () => {
    const alerts = alertGroups().flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
    expect(readdirSync(`${ROOT}docs/runbooks`).sort()).toEqual(
      ['README.md', ...alerts.map((name) => `${name}.md`)].sort(),
    );
  });

  it.each(written)('%s has the four parts, in their order', (_, text) => {
    const heads = [...text.matchAll(/^## (.*)$/gm)].map(([, head]) => head);
    expect(heads).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'More']);
    expect(text).not.toContain('SUBJECT');
    expect(text).not.toMatch(/undefined|\[object/);
  });

  it.each(RULE_IDS)('Cgopher%s is linked with its rule both ways', (id) => {
    const page = readFileSync(`${ROOT}docs/runbooks/Cgopher${id}.md`, 'utf8');
    expect(page).toContain(`(../rules/${id}.md)`);
    expect(page).toContain(`--rule ${id}`);
    expect(readFileSync(`${ROOT}docs/rules/${id}.md`, 'utf8')).toContain(`(../runbooks/Cgopher${id}.md)`);
    expect(explain(id, { columns: 100, color: false })).toContain(`/docs/runbooks/Cgopher${id}.md`);
  });
});

describe('what a person wrote of each alert', () => {
  const entries = [...Object.entries(runbooks), ...Object.entries(agent)];

  it.each(entries)('%s says who notices, how to look and what to do', (_, { impact, diagnosis, mitigation }) => {
    expect(impact.length).toBeGreaterThan(60);
    expect(diagnosis.length).toBeGreaterThanOrEqual(2);
    expect(mitigation.length).toBeGreaterThanOrEqual(2);
    expect(diagnosis.some(({ promql, sh }) => promql !== undefined || sh !== undefined)).toBe(true);
    for (const { say } of [...diagnosis, ...mitigation]) expect(say).toMatch(/[.:?]$|\)\.?$/);
  });

  it('is of its own alert: no impact is said twice', () => {
    const impacts = entries.map(([, { impact }]) => impact);
    expect(new Set(impacts).size).toBe(impacts.length);
  });
});

describe('queries of the runbooks', () => {
  const queries = written.flatMap(([name, text]) => queriesOf(text).map((query) => ({ name, query })));

  it('are PromQL that asks only for what there is', async () => {
    const known = await knownNames();
    expect(queries.length).toBeGreaterThan(100);
    for (const { name, query } of queries) {
      const names = namesIn(query);
      expect(names.length, `${name}: ${query}`).toBeGreaterThan(0);
      for (const metric of names) expect([...known], `${name}: ${query}`).toContain(metric);
    }
  });

  it.skipIf(promtool === undefined)('are taken by Prometheus, types included', () => {
    const rules = queries.map(({ query }, index) => ({
      record: `query:${index}`.replace(/\d+/, (n) => `n${n}`),
      expr: query,
    }));
    const text = stringify({ groups: [{ name: 'runbooks', rules }] });
    const said = withFile('queries.yaml', text, (path) => run(promtool!, 'check', 'rules', path));
    expect(said.ok, said.text).toBe(true);
    expect(said.text).toContain(`${queries.length} rules found`);
  });

  it('would be found out', async () => {
    const known = await knownNames();
    expect(namesIn('sum(rate(cgopher_nonsense_total{pod="a"}[5m]))')).toEqual(['cgopher_nonsense_total']);
    expect(known.has('cgopher_nonsense_total')).toBe(false);
    expect(() => namesIn('sum(cgopher_finding{pod="a")')).toThrow('no PromQL');
  });
});

describe('expressions shown', () => {
  it.each(Object.entries(agentAlertTable))('%s are those of the alert', (name, { expr }) => {
    expect(existsSync(`${ROOT}docs/runbooks/${name}.md`)).toBe(true);
    expect(readFileSync(`${ROOT}docs/runbooks/${name}.md`, 'utf8').replaceAll('\n  ', '\n')).toContain(expr);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { agentAlertTable } from '../../deploy/source/alerts/agent-alerts.ts';
import { alertGroups } from '../../deploy/source/alerts/rule-files.ts';
import { daemonSet } from '../../deploy/source/manifests/daemon-set.ts';
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

/** The commands of a page's mitigation, in their order. */
function mitigationsOf(text: string): string[] {
  const part = text.slice(text.indexOf('## Mitigation'), text.indexOf('## More'));
  return [...part.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, command = '']) => command.trim());
}

describe('resizes in place', () => {
  const resizing = written.filter(([, text]) => text.includes('--subresource resize'));

  it('are there, and are JSON that patches a limit of a container', () => {
    expect(resizing.length).toBeGreaterThan(8);
    for (const [name, text] of resizing) {
      const patch = /--subresource resize --patch '([^']*)'/.exec(text)?.[1] ?? '';
      expect(JSON.parse(patch), name).toMatchObject({
        spec: { containers: [{ name: 'CONTAINER', resources: { limits: expect.anything() as unknown } }] },
      });
    }
  });

  it.each(resizing)('%s says what a Guaranteed pod needs, and what the next pod gets', (_, text) => {
    expect(text).toContain('Guaranteed takes it only with the same request');
    expect(text).toMatch(/limits? of (?:the|its) template/);
  });

  it.each(resizing)('%s rolls nothing before the limit is in the template', (_, text) => {
    const after = mitigationsOf(text);
    const next = after.slice(after.findIndex((command) => command.includes('--subresource resize')) + 1);
    const rolling = next.find((command) => /set env|set resources|rollout restart/.test(command));
    if (rolling !== undefined) expect(rolling).toMatch(/^kubectl -n NAMESPACE set resources .* --limits=/);
  });

  it.each(['StaleCpuLimit', 'StaleMemoryLimit'])('Cgopher%s restarts the container, not the workload', (id) => {
    const commands = mitigationsOf(readFileSync(`${ROOT}docs/runbooks/Cgopher${id}.md`, 'utf8'));
    expect(commands).toContain("kubectl -n NAMESPACE exec POD -c CONTAINER -- sh -c 'kill 1'");
    expect(commands.join('\n')).not.toContain('rollout restart');
  });
});

describe('commands that would undo something', () => {
  it('show GODEBUG before they set it', () => {
    const setting = written.filter(([, text]) => text.includes(' GODEBUG='));
    expect(setting.map(([name]) => name)).toEqual(['CgopherThpInflatesRss.md', 'CgopherThreadGrowth.md']);
    for (const [name, text] of setting) {
      const commands = mitigationsOf(text).filter((command) => command.includes('GODEBUG'));
      expect(commands[0], name).toContain('--list');
      expect(commands.at(-1), name).toContain(' GODEBUG=PRESENT,');
    }
  });

  it('give the agent more memory and the heap that fits it', () => {
    const page = readFileSync(`${ROOT}docs/runbooks/CgopherDown.md`, 'utf8');
    const patch = JSON.parse(/--type=json --patch='([^']*)'/.exec(page)?.[1] ?? '') as {
      path: string;
      value: string;
    }[];
    const now = patch.map(({ path }) =>
      path
        .split('/')
        .slice(1)
        .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], daemonSet()),
    );
    expect(now).toEqual(['256Mi', '--max-old-space-size=115']);
    // 512 MiB x 0.45 = 230.4
    expect(patch.map(({ value }) => value)).toEqual(['512Mi', '--max-old-space-size=230']);
    expect(page).toContain('--reuse-values --set resources.limits.memory=512Mi');
  });
});

describe('expressions shown', () => {
  it.each(Object.entries(agentAlertTable))('%s are those of the alert', (name, { expr }) => {
    expect(existsSync(`${ROOT}docs/runbooks/${name}.md`)).toBe(true);
    expect(readFileSync(`${ROOT}docs/runbooks/${name}.md`, 'utf8').replaceAll('\n  ', '\n')).toContain(expr);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { AGENT_ALERTS } from '../../deploy/source/alerts/agent-alerts.ts';
import { figures } from '../../deploy/source/alerts/figures.ts';
import { inhibitions } from '../../deploy/source/alerts/inhibitions.ts';
import { alertGroups, prometheusRule, recordingGroups, ruleFiles } from '../../deploy/source/alerts/rule-files.ts';
import { severitiesOf } from '../../deploy/source/alerts/severities.ts';
import { keepFiringFor, ruleOf } from '../../deploy/source/alerts/timing.ts';
import type { AlertRule } from '../../deploy/source/alerts/types.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { RULE_IDS } from '../../src/rules/types.ts';
import { expectCommitted, ROOT } from './committed.ts';
import { knownNames, namesIn, recordedNames } from './known-metrics.ts';
import { promtool, run } from './promtool-check.ts';

const groups = [...recordingGroups(), ...alertGroups()];
const alerts = groups.flatMap(({ rules }) => rules.filter((rule): rule is AlertRule => 'alert' in rule));
const promtest = readFileSync(`${ROOT}test/deploy/alerts.promtest.yaml`, 'utf8');

describe('the rule files of deploy/prometheus', () => {
  it.each(Object.entries(ruleFiles()))('%s is what the source says; UPDATE_DEPLOY=1 writes it', (name, text) => {
    expectCommitted(`deploy/prometheus/${name}`, text);
  });

  it('are all there is in the directory, and hold the same rules', () => {
    const names = Object.keys(ruleFiles());
    expect(readdirSync(`${ROOT}deploy/prometheus`).sort()).toEqual(names.sort());
    const read = (name: string) =>
      parse(readFileSync(`${ROOT}deploy/prometheus/${name}`, 'utf8')) as { groups: unknown[] };
    const operator = parse(readFileSync(`${ROOT}deploy/prometheus/prometheusrule.yaml`, 'utf8')) as { spec: unknown };
    expect(operator.spec).toEqual({
      groups: [...read('cgopher-recording.yaml').groups, ...read('cgopher-alerts.yaml').groups],
    });
  });

  it('are what the Prometheus operator takes', () => {
    expect(() => {
      new PrometheusRule(prometheusRule()).validate();
    }).not.toThrow();
    const wrong = { name: 'x', rules: [{ alert: 'X', expr: 'up', for: 'soon' }] };
    expect(() => {
      new PrometheusRule({ ...prometheusRule(), spec: { groups: [wrong] } }).validate();
    }).toThrow('for');
  });

  it.skipIf(promtool === undefined)('are what Prometheus takes', () => {
    const said = run(
      promtool!,
      'check',
      'rules',
      ...['cgopher-alerts.yaml', 'cgopher-recording.yaml'].map((name) => `${ROOT}deploy/prometheus/${name}`),
    );
    expect(said.text).not.toContain('duplicate');
    expect(said, said.text).toMatchObject({ ok: true });
  });
});

describe('alerts', () => {
  it('are one a rule and those of the agent', () => {
    expect(alerts.map(({ alert }) => alert)).toEqual([...RULE_IDS.map((id) => `Cgopher${id}`), ...AGENT_ALERTS]);
  });

  it('ask only for what there is', async () => {
    const known = await knownNames();
    const queries = [
      ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
      ...Object.values(figures).flatMap((list) => list.map(({ query }) => query.replaceAll('SUBJECT', 'pod="a"'))),
    ];
    for (const query of queries) {
      const names = namesIn(query);
      expect(names.length, query).toBeGreaterThan(0);
      for (const name of names) expect([...known], query).toContain(name);
    }
  });

  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s says what the conventions ask for',
    (name, rule) => {
      expect(Object.keys(rule.annotations)).toEqual(['summary', 'description', 'runbook_url']);
      expect(rule.annotations.summary).toMatch(/^[A-Z].*[^.]\.$/);
      expect(rule.annotations.summary).not.toContain('{{');
      // Nobody is there to be named.
      if (name !== 'CgopherAbsent') expect(rule.annotations.description).toContain('$labels');
      expect(rule.annotations.runbook_url).toMatch(new RegExp(`^https://.*/docs/runbooks/${name}\\.md$`));
      expect(rule.for).toMatch(/^\d+[smh]$/);
    },
    20_000,
  );

  it('have the runbooks of whoever runs them', () => {
    const own = alertGroups({ runbookBase: 'https://wiki.example.com/cgopher/' }).flatMap(({ rules }) =>
      rules.flatMap((rule) => ('alert' in rule ? [rule.annotations.runbook_url] : [])),
    );
    expect(own).toContain('https://wiki.example.com/cgopher/CgopherOomKilled.md');
    expect(own.every((url) => url.startsWith('https://wiki.example.com/cgopher/'))).toBe(true);
  });

  it('have a severity that their rule can have', () => {
    for (const rule of catalogue) expect(severitiesOf(rule).length, rule.id).toBeGreaterThan(0);
    expect(severitiesOf(ruleOf('PprofExposed'))).toEqual(['info']);
    expect(severitiesOf(ruleOf('OomKilled'))).toEqual(['warning', 'critical']);
    expect(severitiesOf(ruleOf('GomaxprocsAboveCpuLimit'))).toEqual(['info', 'warning', 'critical']);
  });

  it('are kept at least as long as what they hold back', () => {
    const minutes = (id: (typeof RULE_IDS)[number]): number => Number(keepFiringFor(ruleOf(id)).replace('m', ''));
    for (const { cause, symptoms } of inhibitions)
      for (const symptom of symptoms)
        expect(minutes(cause), `${cause} > ${symptom}`).toBeGreaterThanOrEqual(minutes(symptom));
    // By hand: an event, a hold of a minute, one that looks back, and one that holds back one that looks back.
    expect(minutes('OomKilled')).toBe(5);
    expect(minutes('FractionalCpuLimit')).toBe(5);
    expect(minutes('CpuThrottledByGc')).toBe(10);
    expect(minutes('GomaxprocsAboveCpuLimit')).toBe(10);
  });
});

describe('recording rules', () => {
  it('are named level:metric:operations, once each', () => {
    for (const name of recordedNames) expect(name).toMatch(/^[a-z_]+:cgopher_[a-z_]+:[a-z0-9_]+$/);
    expect(new Set(recordedNames).size).toBe(recordedNames.length);
  });

  it('are asked for by somebody', () => {
    const folder = (path: string): string =>
      readdirSync(ROOT + path)
        .map((name) => readFileSync(`${ROOT}${path}/${name}`, 'utf8'))
        .join('\n');
    const queries = groups.flatMap(({ rules }) =>
      rules.map((rule) => `${rule.expr}${'alert' in rule ? rule.annotations.description : ''}`),
    );
    const users = [
      ...queries,
      folder('docs/runbooks'),
      folder('deploy/grafana'),
      readFileSync(`${ROOT}docs/alerts.md`, 'utf8'),
    ].join('\n');
    const findings = /^(?:container|pod|node):cgopher_finding:max$/;
    for (const name of recordedNames) if (!findings.test(name)) expect(users).toContain(name);
  });
});

describe('the hand-written texts', () => {
  it.skipIf(promtool === undefined)(
    'are what Prometheus makes of the alerts',
    () => {
      const said = run(promtool!, 'test', 'rules', `${ROOT}test/deploy/alerts.promtest.yaml`);
      expect(said.ok, said.text).toBe(true);
    },
    120_000,
  );

  it('are of every alert about the agent and of a dozen about findings', () => {
    const tested = new Set([...promtest.matchAll(/alertname: (Cgopher\w+)/g)].map(([, name = '']) => name));
    for (const name of AGENT_ALERTS) expect([...tested]).toContain(name);
    expect(
      [...tested].filter((name) => name.replace('Cgopher', '') in Object.fromEntries(RULE_IDS.map((id) => [id, 1])))
        .length,
    ).toBeGreaterThanOrEqual(12);
  });
});

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleFiles } from '../../deploy/source/alerts/rule-files.ts';
import { VERSION } from '../../deploy/source/manifests/names.ts';
import { parseConfig } from '../../src/config/validate.ts';
import { chartValuesSchema } from './chart-values-schema.ts';
import { expectCommitted, ROOT } from './committed.ts';
import { dashboardFiles } from './dashboard-files.ts';

const CHART = 'deploy/helm/cgopher/';
const valuesText = readFileSync(`${ROOT}${CHART}values.yaml`, 'utf8');
const values = parse(valuesText) as Readonly<Record<string, unknown>>;
// strict would refuse the words of newer drafts, which a test of helm itself is better at.
const accepts = new Ajv({ allErrors: true, strict: false }).compile(chartValuesSchema());

describe('the files of the chart that come from elsewhere', () => {
  it('files/prometheusrule.yaml is that of deploy/prometheus', () => {
    expectCommitted(`${CHART}files/prometheusrule.yaml`, ruleFiles()['prometheusrule.yaml'] ?? '');
  });

  it.each(Object.entries(dashboardFiles()))('files/dashboards/%s is that of deploy/grafana', (name, text) => {
    expectCommitted(`${CHART}files/dashboards/${name}`, text);
  });

  it('values.schema.json is what the source says; UPDATE_DEPLOY=1 writes it', () => {
    const path = `${ROOT}${CHART}values.schema.json`;
    const wanted = JSON.stringify(chartValuesSchema());
    if (process.env['UPDATE_DEPLOY'] === '1') {
      writeFileSync(path, wanted);
      execFileSync(`${ROOT}node_modules/.bin/biome`, ['format', '--write', path], { cwd: ROOT });
    }
    // Not by toBe: the difference of two lines of 40,000 characters tells nobody anything.
    expect(
      JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) === wanted,
      'values.schema.json is out of date: run `UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy/chart.test.ts`',
    ).toBe(true);
  });

  it('has no file besides', () => {
    expect(readdirSync(`${ROOT}${CHART}files`).sort()).toEqual(['dashboards', 'prometheusrule.yaml']);
    expect(readdirSync(`${ROOT}${CHART}files/dashboards`).sort()).toEqual(Object.keys(dashboardFiles()));
  });

  it('has the version of the package', () => {
    expect(parse(readFileSync(`${ROOT}${CHART}Chart.yaml`, 'utf8'))).toMatchObject({
      version: VERSION,
      appVersion: VERSION,
    });
  });
});

describe('values.yaml', () => {
  it('is what its schema takes', () => {
    expect(accepts(values), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('has every key of the schema, so that a reader sees all there is', () => {
    const keysOf = (schema: unknown): string[] =>
      Object.keys((schema as { properties?: object }).properties ?? {}).filter((key) => key !== 'global');
    const { properties } = chartValuesSchema() as { properties: Readonly<Record<string, unknown>> };
    expect(keysOf(chartValuesSchema()).sort()).toEqual(Object.keys(values).sort());
    // Free inside: the settings have a page of their own, and Kubernetes says what resources and SELinux options are.
    const free = new Set(['config', 'resources']);
    for (const [key, schema] of Object.entries(properties))
      if (key !== 'global' && !free.has(key) && keysOf(schema).length > 0)
        expect(keysOf(schema).sort(), key).toEqual(Object.keys(values[key] as object).sort());
  });

  it('has a comment over every part that is not told by its name', () => {
    const unexplained = [...valuesText.matchAll(/(?<=^|\n)(?<!#.*\n)([a-z]\w*):/gi)].map(([, key = '']) => key);
    expect(unexplained).toEqual([
      'fullnameOverride',
      'image',
      'privilege',
      'rbac',
      'serviceAccount',
      'resources',
      'node',
      'web',
      'startupProbe',
      'livenessProbe',
      'readinessProbe',
      'terminationGracePeriodSeconds',
      'nodeSelector',
      'updateStrategy',
      'podLabels',
      'podAnnotations',
      'service',
      'serviceMonitor',
      'networkPolicy',
    ]);
  });

  it('shows a configuration that the agent takes', () => {
    const [, example = ''] = /^# config:\n((?:# .*\n)+)config: \{\}/m.exec(valuesText) ?? [];
    const config = parse(`config:\n${example.replaceAll(/^# /gm, '')}`) as { readonly config: object };
    expect(parseConfig(JSON.stringify(config.config), 'example').ok).toBe(true);
    expect(Object.keys(config.config)).toEqual(['interval', 'thresholds', 'rules', 'kubernetes']);
    expect(accepts({ ...values, ...config })).toBe(true);
  });

  it.each([
    ['a key nobody knows', { privilege: { tierr: 1 } }],
    ['a tier that is not offered', { privilege: { tier: 3 } }],
    ['a setting the agent would refuse', { config: { rules: { disabled: [] } } }],
    ['a threshold out of bounds', { config: { thresholds: { cpuThrottled: { warningRatio: 5 } } } }],
    ['a digest that is none', { image: { digest: 'latest' } }],
    ['a probe of another kind', { livenessProbe: { exec: {} } }],
  ])('is refused with %s', (_, wrong) => {
    expect(accepts({ ...values, ...wrong })).toBe(false);
  });
});

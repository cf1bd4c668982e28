import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExitCode, checkReport } from '../../src/export/check-report.ts';
import { checkReportJsonSchema, checkReportSchema } from '../../src/export/check-schema.ts';
import { type RunningDemo, runningDemo } from '../tools/running-demo.ts';
import { baseModel, evaluate, FINDING, named } from './base-model.ts';

const validate: ValidateFunction = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  checkReportJsonSchema() as object,
);
const problems = (report: unknown) => (validate(report) ? [] : (validate.errors ?? []));
const base = baseModel();
const NOTHING = { findings: [], unjudged: [] };

describe('the report of a check', () => {
  it('is what its schema says, for a small node', () => {
    const report = checkReport(base.model, evaluate(base.model), '1.2.3');
    expect(problems(report)).toEqual([]);
    expect(checkReportSchema.safeParse(report).error).toBeUndefined();
    expect(report).toMatchObject({
      schemaVersion: 1,
      cgopherVersion: '1.2.3',
      // The second sample is taken ten seconds after 1,795,000,000 s.
      takenAt: '2026-11-18T11:06:50.000Z',
      windowSeconds: 10,
    });
    expect(report.goProcesses[0]).toMatchObject({
      pid: 101,
      container: base.container.key,
      module: 'example.com/app',
      cpuSecondsTotal: 5,
    });
  });

  it('leaves out what was not read, and never says null', () => {
    const report = checkReport({ ...base.model, windowSeconds: undefined }, NOTHING, '1');
    expect(problems(report)).toEqual([]);
    const text = JSON.stringify(report);
    expect(text).not.toContain('null');
    expect(report).not.toHaveProperty('windowSeconds');
    expect(report.containers[0]?.pids).toEqual({});
    expect(report.containers[0]?.memory.maxBytes).toBe('max');
  });

  it('keeps hostile names as they are: JSON escapes them', () => {
    const evil = '"\n\u001b[31m</script>\u2028é';
    const container = named(base.container, { pod: evil, container: evil });
    const report = checkReport(
      { ...base.model, containers: [container], goProcesses: [{ ...base.process, name: evil }] },
      { findings: [{ ...FINDING, summary: evil }], unjudged: [] },
      '1',
    );
    expect(problems(report)).toEqual([]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.containers[0]?.identity.pod).toBe(evil);
  });

  it('refuses in its schema what it does not know', () => {
    const report = checkReport(base.model, NOTHING, '1');
    expect(problems({ ...report, extra: 1 })).not.toEqual([]);
    expect(problems({ ...report, schemaVersion: 2 })).not.toEqual([]);
    expect(problems({ ...report, takenAt: undefined, goProcesses: [{}] })).not.toEqual([]);
  });
});

describe('the report of the demo', () => {
  let demo: RunningDemo;
  beforeAll(async () => {
    demo = await runningDemo();
  }, 60_000);
  afterAll(() => demo.close());

  it('is what the schema says, findings and endpoints included', async () => {
    const text = await demo.until('/report', (now) => now.includes('"goroutineSites"') && now.includes('"firing"'));
    const report = JSON.parse(text) as { containers: unknown[]; goProcesses: unknown[]; findings: unknown[] };
    expect(problems(report)).toEqual([]);
    expect(report.containers.length).toBeGreaterThan(10);
    expect(report.goProcesses.length).toBeGreaterThan(8);
    expect(report.findings.length).toBeGreaterThan(3);
  });
});

describe('exit status', () => {
  it.each([
    ['nothing', [], 0],
    ['only information', [{ ...FINDING, severity: 'info' }], 0],
    ['a warning that fires', [FINDING], 1],
    ['a critical finding that fires', [{ ...FINDING, severity: 'critical' }], 1],
    ['a warning that is pending', [{ ...FINDING, state: 'pending' }], 0],
    ['a warning that is over', [{ ...FINDING, state: 'resolved' }], 0],
  ] as const)('of %s', (_, findings, status) => {
    expect(checkExitCode({ findings, unjudged: [] })).toBe(status);
  });
});

describe('docs/check.schema.json', () => {
  it('is generated from the schema; UPDATE_DOCS=1 writes it', () => {
    const file = fileURLToPath(new URL('../../docs/check.schema.json', import.meta.url));
    const text = `${JSON.stringify({ title: 'cgopher check --json', ...(checkReportJsonSchema() as object) }, undefined, 2)}\n`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
    expect(existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text));
  });
});

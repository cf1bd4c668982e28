import { describe, expect, it } from 'vitest';
import { checkTable, subjectName } from '../../src/export/check-table.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import type { Finding } from '../../src/rules/types.ts';
import { baseModel, FINDING, named } from './base-model.ts';

const base = baseModel();
const STYLE = { columns: 120, color: false };
const table = (model: NodeModel, findings: readonly Finding[] = [], style = STYLE) =>
  checkTable(model, { findings, unjudged: [] }, style);

describe('the table of a check', () => {
  it('has a line for the node, a row for each process and the legend of its marks', () => {
    const [node, blank, head, row, legend] = table(base.model).split('\n');
    expect(node).toBe('small: kernel ?, cgroup v2, 4 CPUs; 1 workloads, 1 Go processes');
    expect(blank).toBe('');
    expect(head).toMatch(/^WORKLOAD +PROCESS +GO +CPU +LIMIT +GOMAXPROCS/);
    // No limit, no endpoint, GOMEMLIMIT not set; four CPUs worked out, throttling cannot be.
    expect(row).toMatch(/^shop\/web-0\/web +app +1\.25\.1 /);
    expect(row).toContain('4 KiB');
    expect(legend).toBe('~ worked out, not told by the program; ? not known; - none');
    expect(table(base.model)).toContain('\nNo findings.\n');
  });

  it('sets head and rows under one another', () => {
    const second = { ...base.process, key: '2@2', name: 'a-much-longer-name' };
    const lines = table({ ...base.model, goProcesses: [base.process, second] })
      .split('\n')
      .slice(2, 5);
    const at = lines[0]!.indexOf('PROCESS');
    expect(lines[1]!.slice(at, at + 4)).toBe('app ');
    expect(lines[2]!.slice(at, at + 4)).toBe('a-mu');
  });

  it('shows findings by severity, with evidence, change and setting, and none that is over', () => {
    const text = table(base.model, [
      { ...FINDING, severity: 'info', rule: 'GomemlimitMissing' },
      { ...FINDING, severity: 'critical', rule: 'OomKilled' },
      { ...FINDING, state: 'resolved', rule: 'GcOffUnbounded' },
      FINDING,
    ]);
    const order = ['OomKilled', 'CpuThrottled', 'GomemlimitMissing'].map((rule) => text.indexOf(rule));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(text).not.toContain('GcOffUnbounded');
    expect(text).toContain('3 findings:');
    expect(text).toContain('WARNING   CpuThrottled  shop/web-0/web\n');
    expect(text).toContain('- throttled periods: 25 % (bound 5 %)  [cpu.stat]\n');
    expect(text).toContain('change: raise the limit\n');
    expect(text).toContain('set:    limits.cpu=2  (resources)');
  });

  it('neutralises control characters in every name that comes from others', () => {
    const evil = 'x\u001b[2J\r\n\u202e';
    const container = named(base.container, { namespace: evil, pod: evil, container: evil });
    const process = { ...base.process, name: evil, goVersion: `go1.25${evil}`, cgroupPath: evil };
    const loose = { ...process, key: '3@3', containerKey: undefined };
    const subject = { ...FINDING.subject, namespace: evil, pod: evil, container: evil, pid: 7, process: evil };
    const finding: Finding = {
      ...FINDING,
      subject,
      summary: evil,
      evidence: [{ signal: evil, value: evil, unit: '', source: evil }],
      remedy: { text: evil },
    };
    const model = {
      ...base.model,
      node: { ...base.model.node, hostname: evil, kernelRelease: evil },
      containers: [container],
      goProcesses: [process, loose],
      misses: [{ kind: 'failed', reader: 'metrics', source: evil, detail: evil } as const],
    };
    const text = checkTable(
      model,
      { findings: [finding], unjudged: [{ rule: 'OomKilled', subject, missing: [evil] }] },
      STYLE,
    );
    const control = text.replaceAll('\n', '').match(/[\p{Cc}\p{Cf}]/gu);
    expect(control).toBeNull();
    // As many lines as with harmless names: none was broken by one.
    const harmless = 'x';
    const clean = checkTable(
      {
        ...model,
        node: { ...model.node, hostname: harmless, kernelRelease: harmless },
        containers: [named(base.container, { namespace: harmless, pod: harmless, container: harmless })],
        goProcesses: [process, loose].map((one) => ({
          ...one,
          name: harmless,
          goVersion: 'go1.25',
          cgroupPath: harmless,
        })),
        misses: [{ kind: 'failed', reader: 'metrics', source: harmless, detail: harmless }],
      },
      {
        findings: [
          {
            ...finding,
            subject: FINDING.subject,
            summary: harmless,
            evidence: [{ signal: harmless, value: harmless, unit: '', source: harmless }],
            remedy: { text: harmless },
          },
        ],
        unjudged: [{ rule: 'OomKilled', subject, missing: [harmless] }],
      },
      STYLE,
    );
    expect(text.split('\n').length).toBe(clean.split('\n').length);
  });

  it('has colours only when asked to, and the same words either way', () => {
    const findings = [FINDING, { ...FINDING, severity: 'critical', rule: 'OomKilled' } as const];
    const coloured = table(base.model, findings, { columns: 120, color: true });
    // The escape character is what is looked for.
    const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(coloured).toMatch(codes);
    expect(coloured.replaceAll(codes, '')).toBe(table(base.model, findings));
  });

  it('keeps text within the width of the terminal', () => {
    const summary = 'word '.repeat(80).trim();
    const lines = table(base.model, [{ ...FINDING, summary }], { columns: 60, color: false }).split('\n');
    const wrapped = lines.filter((line) => line.includes('word'));
    expect(wrapped.length).toBeGreaterThan(5);
    for (const line of wrapped) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('ends with what is unknown and what could not be read, absent things left out', () => {
    const miss = (kind: 'failed' | 'absent', source: string) => ({ kind, reader: 'cpu.stat', source, detail: 'EIO' });
    const text = checkTable(
      { ...base.model, misses: [miss('failed', '/a'), miss('failed', '/b'), miss('absent', '/c')] },
      { findings: [], unjudged: [{ rule: 'OomKilled', subject: FINDING.subject, missing: ['memory.events'] }] },
      STYLE,
    );
    expect(text).toContain('1 verdicts are unknown, for want of:\n     1 x memory.events\n');
    expect(text).toContain('Could not be read:\n     2 x cpu.stat failed, for example /a: EIO\n');
  });

  it('counts processes it may not look at', () => {
    const unseen = { ...base.container, unseenProcesses: 3 };
    expect(table({ ...base.model, containers: [unseen] })).toContain('3 processes may not be looked at');
  });
});

describe('the name of a subject', () => {
  it('is namespace, pod and container, else the cgroup, else the node', () => {
    expect(subjectName(FINDING.subject)).toBe('shop/web-0/web');
    const bare = { ...FINDING.subject, namespace: undefined, pod: undefined, container: undefined };
    expect(subjectName({ ...bare, pid: 7, process: 'app' })).toBe('/a (app, pid 7)');
    expect(subjectName({ ...bare, cgroupPath: undefined })).toBe('this node');
  });
});

import { describe, expect, it } from 'vitest';
import { checkReport } from '../../../src/export/check-report.ts';
import { frame } from '../../../src/export/top/frame.ts';
import { reportLook } from '../../../src/export/top/report-look.ts';
import { type TopLook, topLook } from '../../../src/export/top/top-look.ts';
import { FIRST_VIEW } from '../../../src/export/top/view.ts';
import { container, goProcess, nodeModel, POD_PATH, pod } from '../../rules/models.ts';
import { baseModel, evaluate, FINDING } from '../base-model.ts';
import { fires, SCREEN, smallFindings, smallModel } from './looks.ts';

const reportOf = (model = smallModel, findings = smallFindings) =>
  checkReport(model, { findings: [...findings], unjudged: [] }, '0.0.0');
/** Everything that is ever drawn of a look. */
const drawn = (look: TopLook | string): string[] => {
  if (typeof look === 'string') throw new Error(look);
  const screen = { ...SCREEN, columns: 300, rows: 1000 };
  const details = look.workloads.map(({ row }) => ({ ...FIRST_VIEW, screen: 'details', selected: row.key }) as const);
  return [FIRST_VIEW, ...details].flatMap((view) => frame({ look, view, screen, notice: undefined }));
};

describe('a report of an agent', () => {
  it('shows what the agent sees, row for row', () => {
    const lines = drawn(reportLook(JSON.stringify(reportOf())));
    expect(lines).toEqual(drawn(topLook(smallModel, smallFindings)));
    expect(lines.join('\n')).toContain('shop/app-0/app');
  });

  it('shows a model that was read, too', () => {
    const { model } = baseModel();
    const { findings } = evaluate(model);
    const look = reportLook(JSON.stringify(checkReport(model, { findings, unjudged: [] }, '0.0.0')));
    expect(drawn(look)).toEqual(drawn(topLook(model, findings)));
  });

  it('puts what fires for a pod to the programs in it, and no others', () => {
    const other = { ...container(), key: 'other', cgroupPath: `${POD_PATH}-2/app`, goPids: [8] };
    const model = nodeModel({
      containers: [container(), other],
      pods: [pod()],
      goProcesses: [goProcess(), goProcess({ key: '8@1', pid: 8, containerKey: 'other' })],
    });
    const subject = { ...FINDING.subject, kind: 'pod', key: pod().key, cgroupPath: POD_PATH } as const;
    const look = reportLook(JSON.stringify(reportOf(model, [fires({ subject })])));
    if (typeof look === 'string') throw new Error(look);
    expect(look.workloads.map(({ row, findings }) => [row.key, row.firing, findings.length])).toEqual([
      ['7@5000', 1, 1],
      ['8@1', 0, 0],
    ]);
  });

  it('passes over fields it does not know', () => {
    expect(reportLook(JSON.stringify({ ...reportOf(), later: { any: 1 } }))).not.toBeTypeOf('string');
  });

  it.each([
    ['', /no JSON/],
    ['{}', /no report of cgopher: schemaVersion/],
    ['[]', /no report of cgopher/],
    ['null', /no report of cgopher/],
    [JSON.stringify({ ...reportOf(), schemaVersion: 2 }), /schemaVersion/],
    [JSON.stringify({ ...reportOf(), takenAt: 'soon' }), /takenAt: is no time/],
    [JSON.stringify({ ...reportOf(), goProcesses: [{}] }), /goProcesses\.0\.key/],
    [JSON.stringify(reportOf()).replace('"currentBytes":314572800', '"currentBytes":1e999'), /currentBytes/],
  ])('that is none says why: %#', (json, why) => {
    expect(reportLook(json)).toMatch(why);
  });
});

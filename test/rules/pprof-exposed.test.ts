import { describe, expect, it } from 'vitest';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { pprofExposed } from '../../src/rules/pprof-exposed.ts';
import { goProcess, judgeProcess } from './models.ts';

const judge = (pprof: Partial<GoProcessModel['pprof']>, endpointDetail = '') =>
  judgeProcess(pprofExposed, goProcess({ pprof, endpointDetail }));

describe('PprofExposed', () => {
  it('fires where pprof answers beyond loopback, and names the port to move', () => {
    const verdict = judge({ answersAt: '10.0.0.7:8080', beyondLoopback: true });
    expect(verdict).toMatchObject({ outcome: 'holds', severity: 'info' });
    expect(verdict.outcome === 'holds' ? verdict.remedy.text : '').toContain('127.0.0.1:8080');
    expect(judge({ answersAt: '[fd00::7]:6060', beyondLoopback: true })).toMatchObject({ outcome: 'holds' });
  });

  it('is silent on loopback, and for a program without the package', () => {
    expect(judge({})).toMatchObject({ outcome: 'clear', reason: 'pprof answers on loopback only' });
    expect(judge({ linked: false, answersAt: undefined, beyondLoopback: undefined })).toMatchObject({
      outcome: 'clear',
      reason: 'net/http/pprof is not in the program',
    });
  });

  it.each([true, undefined])('is unknown when nothing answered and the package may be there (linked: %s)', (linked) => {
    const silent = { linked, answersAt: undefined, beyondLoopback: undefined };
    expect(judge(silent, 'port 6060: 404')).toEqual({
      outcome: 'unknown',
      missing: ['whether pprof answers, and where (port 6060: 404)'],
    });
    expect(judge(silent)).toMatchObject({ missing: ['whether pprof answers, and where (no debug endpoint answered)'] });
  });
});

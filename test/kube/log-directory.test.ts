import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highestRestart, parsePodLogDirectory } from '../../src/kube/log-directory.ts';

describe('parsePodLogDirectory', () => {
  it('splits namespace, pod and UID', () => {
    expect(parsePodLogDirectory('monitoring_prometheus-0_3f8a6c1e-52b7-4d0e-9a41-7c1de0b6f2a8')).toEqual({
      namespace: 'monitoring',
      pod: 'prometheus-0',
      uid: '3f8a6c1e-52b7-4d0e-9a41-7c1de0b6f2a8',
    });
  });

  it('takes a static pod’s hash and a pod name with dots', () => {
    expect(parsePodLogDirectory('kube-system_etcd-node1.example.org_0123456789abcdef0123456789abcdef')).toEqual({
      namespace: 'kube-system',
      pod: 'etcd-node1.example.org',
      uid: '0123456789abcdef0123456789abcdef',
    });
  });

  it.each([
    '3f8a6c1e-52b7-4d0e-9a41-7c1de0b6f2a8',
    'a_b',
    'a_b_',
    '_b_c',
    'a__c',
    'a_b_c_d',
    'A_b_c',
    '../_b_c',
    'a_b_c\n',
    '',
    `${'a'.repeat(64)}_b_c`,
  ])('takes nothing from %j', (name) => {
    expect(parsePodLogDirectory(name)).toBeUndefined();
  });

  it('gives back any names', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, label, fc.uuid(), (namespace, pod, uid) => {
        expect(parsePodLogDirectory(`${namespace}_${pod}_${uid}`)).toEqual({ namespace, pod, uid });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const parsed = parsePodLogDirectory(name);
        expect(parsed === undefined || `${parsed.namespace}_${parsed.pod}_${parsed.uid}` === name).toBe(true);
      }),
    );
  });
});

describe('highestRestart', () => {
  it.each<[string[], number | undefined]>([
    [['0.log'], 0],
    [['9.log', '10.log'], 10],
    [['3.log.20250101-000000.gz', '2.log'], 3],
    [['0.log.20250101-000000'], 0],
    [['x.log', '1.logs', '1', '.log', '-1.log'], undefined],
    [[], undefined],
  ])('%j gives %s', (names, count) => {
    expect(highestRestart(names)).toBe(count);
  });
});

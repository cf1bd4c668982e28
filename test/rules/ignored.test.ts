import { describe, expect, it } from 'vitest';
import { AnnotationLog } from '../../src/agent/annotation-log.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { PodModel } from '../../src/model/container-types.ts';
import type { PodSpecModel } from '../../src/model/pod-spec-types.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { RuleEngine } from '../../src/rules/engine.ts';
import { unknownIgnores } from '../../src/rules/ignored.ts';
import { container, nodeModel, pod, THRESHOLDS } from './models.ts';

const told = (ignore: readonly string[]): PodModel => {
  const spec: PodSpecModel = {
    ageSeconds: 0,
    uid: 'a',
    namespace: 'shop',
    name: 'app-0',
    owner: undefined,
    resources: undefined,
    ignore,
  };
  return pod({ spec });
};

/** Rules about containers and pods that could not judge: of a container of which nothing is known. */
function asked(ignore: readonly string[]): string[] {
  const rules = catalogue.filter(({ id }) => id === 'SpecCgroupDrift' || id === 'RequestFarBelowLimit');
  const engine = new RuleEngine({ rules, thresholds: THRESHOLDS, forCycles: 1, clearCycles: 1 });
  const containers = [{ ...container(), unseenProcesses: 1 }];
  const { unjudged } = engine.evaluate(nodeModel({ pods: [told(ignore)], containers }));
  return unjudged.map(({ rule }) => rule).sort();
}

describe('the annotation cgopher.dev/ignore', () => {
  it('switches rules off for the pod and its containers', () => {
    expect(asked([])).toEqual(['RequestFarBelowLimit', 'SpecCgroupDrift']);
    expect(asked(['SpecCgroupDrift'])).toEqual(['RequestFarBelowLimit']);
    expect(asked(['SpecCgroupDrift', 'RequestFarBelowLimit'])).toEqual([]);
    expect(asked(['NoSuchRule'])).toEqual(['RequestFarBelowLimit', 'SpecCgroupDrift']);
  });

  it('does not reach other pods', () => {
    const rules = catalogue.filter(({ id }) => id === 'SpecCgroupDrift');
    const engine = new RuleEngine({ rules, thresholds: THRESHOLDS, forCycles: 1, clearCycles: 1 });
    const base = container();
    const containers = [{ ...base, identity: { ...base.identity, pod: 'other-0' } }];
    expect(engine.evaluate(nodeModel({ pods: [told(['SpecCgroupDrift'])], containers })).unjudged).toHaveLength(1);
  });

  it('that names rules which do not exist is told once, and again when it changes', () => {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const log = new AnnotationLog({ ...silentLogger, warn: (fields) => lines.push(fields) });
    const wrong = nodeModel({ pods: [told(['PprofExposed', 'NoSuchRule'])] });
    expect(unknownIgnores(wrong)).toEqual([{ namespace: 'shop', pod: 'app-0', podUid: 'a', names: ['NoSuchRule'] }]);
    log.note(wrong);
    log.note(wrong);
    expect(lines).toEqual([{ namespace: 'shop', pod: 'app-0', rules: 'NoSuchRule' }]);
    log.note(nodeModel({ pods: [told(['PprofExposed'])] }));
    log.note(wrong);
    expect(lines).toHaveLength(2);
  });
});

import { defaultConfig } from '../../src/config/config.ts';
import type { Snapshot } from '../../src/export/node-metrics.ts';
import { buildModel } from '../../src/model/build.ts';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { type Evaluation, RuleEngine } from '../../src/rules/engine.ts';
import type { Finding } from '../../src/rules/types.ts';
import { ID_A, POD_A, SmallNode, UID_A } from '../sample/small-node.ts';
import { taking } from '../sample/take.ts';

/** A model of one container with one Go process, as the readers make it of a small node. */
export function baseModel(): {
  readonly model: NodeModel;
  readonly container: ContainerModel;
  readonly process: GoProcessModel;
} {
  const node = new SmallNode();
  try {
    node.cgroup(POD_A);
    node.container(ID_A, 101);
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    const { sampler, take } = taking(node.paths);
    const first = take();
    const model = buildModel(take(), first);
    sampler.close();
    return { model, container: model.containers[0]!, process: model.goProcesses[0]! };
  } finally {
    node.close();
  }
}

/** What the rules say of a model, at once. */
export function evaluate(model: NodeModel): Evaluation {
  const { thresholds } = defaultConfig();
  return new RuleEngine({ rules: catalogue, thresholds, forCycles: 1, clearCycles: 1 }).evaluate(model);
}

export const snapshotOf = (model: NodeModel, findings: readonly Finding[] = []): Snapshot => ({
  model,
  findings,
  unjudgedByRule: new Map(),
});

export const named = (container: ContainerModel, identity: Partial<ContainerModel['identity']>): ContainerModel => ({
  ...container,
  identity: { ...container.identity, ...identity },
});

/** A finding that a test can dress up. */
export const FINDING: Finding = {
  rule: 'CpuThrottled',
  severity: 'warning',
  state: 'firing',
  subject: {
    kind: 'container',
    key: 'k',
    namespace: 'shop',
    pod: 'web-0',
    container: 'web',
    cgroupPath: '/a',
    pid: undefined,
    process: undefined,
  },
  summary: 'it is throttled',
  evidence: [{ signal: 'throttled periods', value: 0.25, unit: 'ratio', bound: 0.05, source: 'cpu.stat' }],
  remedy: { text: 'raise the limit', patch: { kind: 'resources', set: { 'limits.cpu': '2' } } },
  sinceUnixMs: 1,
};

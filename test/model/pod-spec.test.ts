import { describe, expect, it } from 'vitest';
import type { ContainerFacts, PodFacts } from '../../src/kube/api/types.ts';
import { buildModel } from '../../src/model/build.ts';
import { ignoredRuleNames } from '../../src/model/ignored-rules.ts';
import { workloadOwner } from '../../src/model/workload-owner.ts';
import type { NodeSample } from '../../src/sample/types.ts';
import { BEFORE, CONTAINER, identity, NOW, nodeSample, POD_UID, podTree } from './builders.ts';

const MIB = 1 << 20;

function containerFacts(over: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    name: 'cart',
    kind: 'container',
    resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: undefined, memory: '128Mi' } },
    goEnvironment: {},
    status: {
      containerId: 'c'.repeat(64),
      imageDigest: undefined,
      restartCount: 3,
      lastTermination: { reason: 'OOMKilled', exitCode: 137, finishedUnixMs: 1_699_999_000_000 },
      resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '0', memory: '1GiB' } },
    },
    ...over,
  };
}

function podFacts(over: Partial<PodFacts> = {}): PodFacts {
  return {
    uid: POD_UID,
    cgroupUid: POD_UID,
    namespace: 'shop',
    name: 'cart-0',
    owner: { kind: 'StatefulSet', name: 'cart' },
    podTemplateHash: undefined,
    labels: {},
    annotations: {},
    resources: undefined,
    restartPolicy: 'Always',
    resize: undefined,
    containers: [containerFacts()],
    ...over,
  };
}

function sampleWith(pod: PodFacts, at: NodeSample['at'] | undefined = NOW): NodeSample {
  const pods = { source: 'api', at, pods: new Map([[pod.cgroupUid, pod]]) } as const;
  return { ...nodeSample({ cgroups: podTree({}) }), pods };
}

describe('what the API says of a container', () => {
  it('is quantities in base units, and what nobody set is told apart from what could not be read', () => {
    const spec = buildModel(sampleWith(podFacts()), undefined).containers[0]?.spec;
    expect(spec?.resources).toEqual({
      requestCpuCores: 0.25,
      requestMemoryBytes: 64 * MIB,
      limitCpuCores: 'max',
      limitMemoryBytes: 128 * MIB,
    });
    // Zero stands for no limit; 1GiB is no quantity.
    expect(spec?.reported).toMatchObject({ limitCpuCores: 'max', limitMemoryBytes: undefined });
    expect(spec).toMatchObject({ ageSeconds: 0, restartCount: 3, lastTermination: { reason: 'OOMKilled' } });
  });

  it('is not taken for this one when it is of the container before a restart', () => {
    const before = containerFacts({ status: { ...containerFacts().status!, containerId: 'b'.repeat(64) } });
    const spec = buildModel(sampleWith(podFacts({ containers: [before] })), undefined).containers[0]?.spec;
    expect(spec?.reported).toBeUndefined();
    expect(spec?.resources.limitMemoryBytes).toBe(128 * MIB);
  });

  it('is left out where the API is not asked, and of a pod it does not know', () => {
    const [without] = buildModel(nodeSample({ cgroups: podTree({}) }), undefined).containers;
    const [other] = buildModel(sampleWith(podFacts({ cgroupUid: 'other' })), undefined).containers;
    expect([without, other].map((container) => 'spec' in (container ?? {}))).toEqual([false, false]);
  });

  it('gives the names that the node does not tell', () => {
    const unnamed = identity({ state: 'unresolved', namespace: undefined, pod: undefined, container: undefined });
    const sample = { ...sampleWith(podFacts()), identities: new Map([[CONTAINER, unnamed]]) };
    expect(buildModel(sample, undefined).containers[0]?.identity).toMatchObject({
      state: 'resolved',
      namespace: 'shop',
      pod: 'cart-0',
      container: 'cart',
    });
  });

  it('ages when the server does not answer', () => {
    const model = buildModel(sampleWith(podFacts(), BEFORE), undefined);
    // Ten seconds between the two.
    expect(model.containers[0]?.spec?.ageSeconds).toBe(10);
    expect(model.kubernetes).toEqual({ source: 'api', pods: 1, ageSeconds: 10 });
  });

  it('is not known before the first list', () => {
    const sample: NodeSample = {
      ...nodeSample({ cgroups: podTree({}) }),
      pods: { source: 'api', at: undefined, pods: new Map() },
    };
    const model = buildModel(sample, undefined);
    expect(model.containers[0]?.spec).toBeUndefined();
    expect(model.kubernetes).toEqual({ source: 'api', pods: 0, ageSeconds: undefined });
  });
});

describe('what the API says of a pod', () => {
  it('has its owner and the rules it does not want', () => {
    const pod = podFacts({
      owner: { kind: 'ReplicaSet', name: 'cart-5d8f7c9b6' },
      podTemplateHash: '5d8f7c9b6',
      annotations: { 'cgopher.dev/ignore': 'CpuThrottled, PprofExposed' },
    });
    expect(buildModel(sampleWith(pod), undefined).pods[0]?.spec).toMatchObject({
      namespace: 'shop',
      name: 'cart-0',
      owner: { kind: 'Deployment', name: 'cart' },
      ignore: ['CpuThrottled', 'PprofExposed'],
    });
  });
});

describe('a pod that says it is another', () => {
  const liar = podFacts({ uid: 'own', annotations: { 'cgopher.dev/ignore': 'CpuThrottled' } });
  const specs = (pod: PodFacts, over: Parameters<typeof identity>[0] = {}) => {
    const sample = { ...sampleWith(pod), identities: new Map([[CONTAINER, identity(over)]]) };
    const model = buildModel(sample, undefined);
    return [model.pods[0]?.spec, model.containers[0]?.spec].map((spec) => spec !== undefined);
  };
  const unnamed = { state: 'unresolved', namespace: undefined, pod: undefined, container: undefined } as const;

  it.each([
    ['has the names the node tells', liar, {}, true],
    ['has another namespace', { ...liar, namespace: 'tenant' }, {}, false],
    ['has another name', { ...liar, name: 'other' }, {}, false],
    ['has only its word, where the node tells no name', liar, unnamed, false],
    ['has the uid of the server, where the node tells no name', podFacts(), unnamed, true],
  ])('counts only when it is: %s', (_, pod, over, counts) => {
    expect(specs(pod, over)).toEqual([counts, counts]);
  });
});

describe('the workload of a pod', () => {
  const of = (kind: string, name: string, podTemplateHash?: string) =>
    workloadOwner({ owner: { kind, name }, podTemplateHash });

  it('is the Deployment of its ReplicaSet, by the hash', () => {
    expect(of('ReplicaSet', 'cart-v2-5d8f7c9b6', '5d8f7c9b6')).toEqual({ kind: 'Deployment', name: 'cart-v2' });
    // A ReplicaSet made by hand, and one whose name only looks so.
    expect(of('ReplicaSet', 'cart-5d8f7c9b6')).toEqual({ kind: 'ReplicaSet', name: 'cart-5d8f7c9b6' });
    expect(of('ReplicaSet', 'cart-5d8f7c9b6', 'other')).toEqual({ kind: 'ReplicaSet', name: 'cart-5d8f7c9b6' });
    expect(of('ReplicaSet', '-abc', 'abc')).toEqual({ kind: 'ReplicaSet', name: '-abc' });
  });

  it('is the CronJob of its Job, by the minute it was due', () => {
    // 28,333,333 minutes are 1,700,000,000 seconds: November 2023.
    expect(of('Job', 'report-28333333')).toEqual({ kind: 'CronJob', name: 'report' });
    // A date is no such minute: 20,261,121 minutes would be July 2008.
    expect(of('Job', 'report-20261121')).toEqual({ kind: 'Job', name: 'report-20261121' });
    expect(of('Job', 'migrate')).toEqual({ kind: 'Job', name: 'migrate' });
  });

  it('is the owner itself otherwise, or nobody', () => {
    expect(of('DaemonSet', 'log-28333333')).toEqual({ kind: 'DaemonSet', name: 'log-28333333' });
    expect(workloadOwner({ owner: undefined, podTemplateHash: undefined })).toBeUndefined();
  });
});

describe('the annotation cgopher.dev/ignore', () => {
  it('names rules, by commas or blanks, each once', () => {
    expect(ignoredRuleNames('CpuThrottled,PprofExposed  CpuThrottled,\n')).toEqual(['CpuThrottled', 'PprofExposed']);
    expect(ignoredRuleNames(undefined)).toEqual([]);
  });

  it('is bounded, and what can be no name is left out', () => {
    expect(ignoredRuleNames('cpuThrottled, <b>, A-B, X'.padEnd(40))).toEqual(['X']);
    expect(ignoredRuleNames('CpuThrottled '.repeat(200))).toEqual([]);
    expect(ignoredRuleNames(Array.from({ length: 100 }, (_, at) => `R${at}`).join())).toHaveLength(64);
  });
});

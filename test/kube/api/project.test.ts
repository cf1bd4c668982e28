import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { podFacts } from '../../../src/kube/api/project.ts';

const ID = '3f'.repeat(32);

/** A pod with much in it, shaped as Kubernetes 1.35 gives it. */
const full: Pod = {
  metadata: {
    name: 'cart-5d8f7c9b6-x2x4z',
    namespace: 'shop',
    uid: '0b5e3f4a-1111-4222-8333-444455556666',
    labels: { app: 'cart', 'pod-template-hash': '5d8f7c9b6' },
    annotations: {
      'cgopher.dev/ignore': 'CpuThrottled',
      'prometheus.io/port': '8080',
      'prometheus.io/other': 'no',
      'kubectl.kubernetes.io/last-applied-configuration': '{"secret":"no"}',
    },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Other', name: 'no', uid: '1' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5d8f7c9b6', uid: '2', controller: true },
    ],
  },
  spec: {
    nodeName: 'node-1',
    restartPolicy: 'Always',
    containers: [
      {
        name: 'cart',
        image: 'registry.example/cart:1',
        command: ['/cart', '--password=no'],
        env: [
          { name: 'GOMEMLIMIT', value: '100MiB' },
          { name: 'GOGC', valueFrom: { configMapKeyRef: { name: 'x', key: 'y' } } },
          { name: 'GODEBUG', value: '$(OTHER)' },
          { name: 'GOMAXPROCS', value: '2' },
          { name: 'DATABASE_PASSWORD', value: 'no' },
        ],
        resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      },
    ],
    initContainers: [
      { name: 'migrate', image: 'x' },
      { name: 'proxy', image: 'x', restartPolicy: 'Always' },
    ],
  },
  status: {
    containerStatuses: [
      {
        name: 'cart',
        image: 'registry.example/cart:1',
        imageID: `registry.example/cart@sha256:${'ab'.repeat(32)}`,
        containerID: `containerd://${ID}`,
        ready: true,
        restartCount: 2,
        lastState: {
          terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2023-11-14T22:13:20Z' },
        },
        resources: { limits: { memory: '256Mi' }, requests: { cpu: '250m' } },
      },
    ],
  },
};

describe('what is kept of a pod', () => {
  it('is this much', () => {
    expect(podFacts(full, 'node-1')).toEqual({
      uid: '0b5e3f4a-1111-4222-8333-444455556666',
      cgroupUid: '0b5e3f4a-1111-4222-8333-444455556666',
      namespace: 'shop',
      name: 'cart-5d8f7c9b6-x2x4z',
      owner: { kind: 'ReplicaSet', name: 'cart-5d8f7c9b6' },
      podTemplateHash: '5d8f7c9b6',
      labels: { app: 'cart', 'pod-template-hash': '5d8f7c9b6' },
      annotations: { 'cgopher.dev/ignore': 'CpuThrottled', 'prometheus.io/port': '8080' },
      resources: undefined,
      restartPolicy: 'Always',
      resize: undefined,
      containers: [
        {
          name: 'cart',
          kind: 'container',
          resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: undefined, memory: '128Mi' } },
          goEnvironment: { GOMEMLIMIT: '100MiB', GOMAXPROCS: '2' },
          status: {
            containerId: ID,
            imageDigest: `sha256:${'ab'.repeat(32)}`,
            restartCount: 2,
            // 1,700,000,000 seconds of Unix time.
            lastTermination: { reason: 'OOMKilled', exitCode: 137, finishedUnixMs: 1_700_000_000_000 },
            resources: {
              requests: { cpu: '250m', memory: undefined },
              limits: { cpu: undefined, memory: '256Mi' },
            },
          },
        },
        ...(['migrate', 'proxy'] as const).map((name) => ({
          name,
          kind: name === 'proxy' ? 'sidecar' : 'init',
          resources: {
            requests: { cpu: undefined, memory: undefined },
            limits: { cpu: undefined, memory: undefined },
          },
          goEnvironment: {},
          status: undefined,
        })),
      ],
    });
  });

  it('has no other variable, command or annotation anywhere', () => {
    expect(JSON.stringify(podFacts(full))).not.toMatch(/"no"|password|secret/i);
  });

  it('is nothing when it is of another node', () => {
    expect(podFacts(full, 'node-2')).toBeUndefined();
  });

  it('is found by the hash in the cgroup of a static pod, which no uid looks like', () => {
    const hash = 'd41d8cd98f00b204e9800998ecf8427e';
    const mirror = (value: string) =>
      podFacts({ ...full, metadata: { ...full.metadata, annotations: { 'kubernetes.io/config.mirror': value } } });
    expect(mirror(hash)?.cgroupUid).toBe(hash);
    // Somebody would like to stand for another pod.
    expect(mirror('99999999-1111-4222-8333-444455556666')?.cgroupUid).toBe(full.metadata?.uid);
    // The kubelet itself gives the hash as uid. What else is written is anybody's word.
    const own = { 'kubernetes.io/config.hash': hash, 'kubernetes.io/config.source': 'file' };
    expect(podFacts({ ...full, metadata: { ...full.metadata, uid: hash } })?.cgroupUid).toBe(hash);
    expect(podFacts({ ...full, metadata: { ...full.metadata, annotations: own } })?.cgroupUid).toBe(full.metadata?.uid);
  });

  it.each([
    [[{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }], 'infeasible'],
    [[{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }], 'deferred'],
    [[{ type: 'PodResizePending', status: 'False', reason: 'Deferred' }], undefined],
    [[{ type: 'PodResizeInProgress', status: 'True' }], 'in progress'],
    [[], undefined],
  ] as const)('says how far a resize is: %j', (conditions, resize) => {
    expect(podFacts({ ...full, status: { conditions } })?.resize).toBe(resize);
  });

  it('says so of older servers, too', () => {
    expect(podFacts({ ...full, status: { resize: 'Deferred' } })?.resize).toBe('deferred');
  });

  it('has the resources of the pod as a whole', () => {
    const spec = { ...full.spec, resources: { limits: { memory: '1Gi' } } };
    expect(podFacts({ ...full, spec })?.resources?.limits).toEqual({ cpu: undefined, memory: '1Gi' });
  });
});

describe('hostile data', () => {
  it('of any shape throws nothing', () => {
    const shaped = fc.record(
      {
        metadata: fc.oneof(fc.jsonValue(), fc.constant({ ...full.metadata, labels: 7, ownerReferences: [null, 3] })),
        spec: fc.oneof(fc.jsonValue(), fc.constant({ containers: [null, { name: 'a', env: 'x', resources: [] }] })),
        status: fc.oneof(fc.jsonValue(), fc.constant({ containerStatuses: [{ name: 'a', containerID: {} }] })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shaped, (value) => {
        const facts = podFacts(value);
        expect(facts === undefined || facts.name.length <= 253).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is bounded in number and length', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`cgopher.dev/k${at}`, 'v']));
    const facts = podFacts({
      metadata: { ...full.metadata, labels: many, annotations: { ...many, 'cgopher.dev/long': 'x'.repeat(3000) } },
      spec: { containers: Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}` })) },
    });
    expect([
      Object.keys(facts?.labels ?? {}).length,
      Object.keys(facts?.annotations ?? {}).length,
      facts?.containers.length,
    ]).toEqual([32, 16, 256]);
  });

  it('named after a prototype changes none', () => {
    const labels: unknown = JSON.parse('{"__proto__":"x","constructor":"y","app":"z"}');
    const facts = podFacts({ ...full, metadata: { ...full.metadata, labels } });
    expect(Object.keys(facts?.labels ?? {})).toEqual(['constructor', 'app']);
    expect(Object.getPrototypeOf(facts?.labels)).toBe(Object.prototype);
  });
});

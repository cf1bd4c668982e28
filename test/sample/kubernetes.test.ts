import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Miss } from '../../src/base/reading.ts';
import type { PodSource } from '../../src/kube/api/pod-source.ts';
import { podFacts } from '../../src/kube/api/project.ts';
import type { PodFacts } from '../../src/kube/api/types.ts';
import { buildModel } from '../../src/model/build.ts';
import { decodeLine } from '../../src/record/decode.ts';
import { encodeLine } from '../../src/record/encode.ts';
import { leavingOut } from '../../src/record/left-out.ts';
import { isSampleShaped } from '../../src/record/sample-shape.ts';
import { ID_A, POD_A, SmallNode, UID_A } from './small-node.ts';
import { taking } from './take.ts';

const MISS: Miss = { kind: 'failed', reader: 'kubernetes_pods', source: '/api/v1/pods', detail: 'ECONNREFUSED' };

const POD = podFacts({
  metadata: { uid: UID_A, namespace: 'shop', name: 'web-0', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', resources: { limits: { memory: '64Mi' } } }] },
  status: { containerStatuses: [{ name: 'web', containerID: `containerd://${ID_A}` }] },
})!;

/** A fake of a source: it was told once, and says what it is told to miss. */
function source(pods: readonly PodFacts[], misses: readonly Miss[] = []): PodSource {
  const at = { wallMs: 0, monotonicMs: 4000 };
  const known = new Map(pods.map((pod) => [pod.cgroupUid, pod]));
  return {
    sample: () => ({ source: 'api', at, pods: known }),
    misses: () => misses,
    first: Promise.resolve(),
    close: () => undefined,
  };
}

describe('a node whose pods the Kubernetes API tells', () => {
  let node: SmallNode;

  beforeEach(() => {
    node = new SmallNode();
    node.cgroup(POD_A);
    node.container(ID_A, 101);
  });

  afterEach(() => {
    node.close();
  });

  it('has them in its sample, and names and specs in its model', () => {
    const { sampler, take } = taking(node.paths, { pods: source([POD]) });
    const model = buildModel(take(), undefined);
    sampler.close();
    expect(model.containers[0]?.identity).toMatchObject({ namespace: 'shop', pod: 'web-0', container: 'web' });
    // 64 Mi; the clock of the sampler stands at five seconds, the pods are of the fourth.
    expect(model.containers[0]?.spec).toMatchObject({ ageSeconds: 1, resources: { limitMemoryBytes: 67_108_864 } });
    expect(model.pods[0]).toMatchObject({ namespace: 'shop', pod: 'web-0' });
  });

  it('goes on when the API does not answer: a miss, a collector that failed, and all else as ever', () => {
    const { sampler, take } = taking(node.paths, { pods: source([], [MISS]) });
    const sample = take();
    sampler.close();
    expect(sample.misses).toContainEqual(MISS);
    expect(sample.collectors.find(({ collector }) => collector === 'kubernetes')?.success).toBe(false);
    expect(sample.collectors.find(({ collector }) => collector === 'cgroups')?.success).toBe(true);
    expect(buildModel(sample, undefined).containers).toHaveLength(1);
  });

  it('has no trace of the API where it is not asked', () => {
    const { sampler, take } = taking(node.paths);
    const sample = take();
    sampler.close();
    expect('pods' in sample).toBe(false);
    expect(sample.collectors.map(({ collector }) => collector)).not.toContain('kubernetes');
  });

  it('is recorded without labels, and is the same model when read back', () => {
    const { sampler, take } = taking(node.paths, { pods: source([POD]) });
    const sample = take();
    sampler.close();
    const line = encodeLine(sample, { replace: leavingOut({ labels: false }) });
    const back = line.ok ? decodeLine(line.value) : line;
    if (!back.ok || !isSampleShaped(back.value)) throw new Error('not read back');
    expect(back.value.pods?.pods.get(UID_A)?.labels).toEqual({});
    expect(buildModel(back.value, undefined).containers[0]?.spec).toEqual(
      buildModel(sample, undefined).containers[0]?.spec,
    );
  });
});

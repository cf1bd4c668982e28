import { afterEach, describe, expect, it } from 'vitest';
import { kubernetesPods } from '../../src/agent/kubernetes-pods.ts';
import { systemClock } from '../../src/base/clock.ts';
import { defaultKubernetes, type KubernetesConfig } from '../../src/config/kubernetes.ts';
import type { PodSource } from '../../src/kube/api/pod-source.ts';

let source: PodSource | undefined;

afterEach(() => {
  source?.close();
});

function told(over: Partial<KubernetesConfig>, environment: Record<string, string> = {}): string | undefined {
  source = kubernetesPods({ ...defaultKubernetes(), ...over }, environment, systemClock, 'once');
  return source?.misses()[0]?.detail;
}

const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1', NODE_NAME: 'node-1' };

describe('access to the Kubernetes API', () => {
  it('is not there unless it is asked for', () => {
    expect(kubernetesPods(defaultKubernetes(), IN_CLUSTER, systemClock, 'daemon')).toBeUndefined();
  });

  it.each([
    ['the node has no name', { source: 'api' }, { ...IN_CLUSTER, NODE_NAME: '' }, /NODE_NAME/],
    ['the name is none', { source: 'api' }, { ...IN_CLUSTER, NODE_NAME: 'a,metadata.name=b' }, /NODE_NAME/],
    ['there is no server', { source: 'api' }, { NODE_NAME: 'node-1' }, /KUBERNETES_SERVICE_HOST/],
    ['the port is none', { source: 'api' }, { ...IN_CLUSTER, KUBERNETES_SERVICE_PORT: 'tcp://x' }, /port/],
    ['the kubelet has no address', { source: 'kubelet' }, { NODE_NAME: 'node-1' }, /NODE_IP/],
  ] as const)('says what is missing when %s, and the agent goes on', async (_, config, environment, pattern) => {
    expect(told(config, environment)).toMatch(pattern);
    await source?.first;
    expect(source?.sample()).toMatchObject({ source: config.source, at: undefined });
  });

  it('says so when there is no token', async () => {
    told({ source: 'api', credentialsDirectory: '/nowhere' }, IN_CLUSTER);
    await source?.first;
    await new Promise((resolve) => setImmediate(resolve));
    expect(source?.misses()).toEqual([
      { kind: 'absent', reader: 'kubernetes_pods', source: '/nowhere/token', detail: 'ENOENT' },
    ]);
  });
});

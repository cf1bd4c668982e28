import type { Clock } from '../base/clock.ts';
import type { Miss } from '../base/reading.ts';
import type { KubernetesConfig } from '../config/kubernetes.ts';
import { FileReader } from '../io/file-reader.ts';
import { httpsStream } from '../io/https-stream.ts';
import { pause } from '../io/pause.ts';
import { ApiPods } from '../kube/api/api-pods.ts';
import { KubeletPods } from '../kube/api/kubelet-pods.ts';
import type { PodSource, PodSourceOptions } from '../kube/api/pod-source.ts';
import { serverAccess } from '../kube/api/server-access.ts';

/** Variables of the agent's own environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A bundle of certificates is some tens of KB. */
const MAX_FILE_BYTES = 1 << 20;
const START_JITTER_MS = 5000;
const FIRST_MS = 5000;
const NODE_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * The pods of this node as configured; undefined when the API is not to be asked. What is missing to ask it makes a source that tells
 * so as a miss: the agent works without. `once`: asked at once, for a command that ends soon.
 */
export function kubernetesPods(
  config: KubernetesConfig,
  environment: Environment,
  clock: Clock,
  pace: 'daemon' | 'once',
): PodSource | undefined {
  const { source, kubelet, credentialsDirectory } = config;
  if (source === 'none') return undefined;
  const nodeName = config.nodeName ?? environment['NODE_NAME'] ?? '';
  const [host, port] =
    source === 'kubelet'
      ? [kubelet.address ?? environment['NODE_IP'] ?? '', kubelet.port]
      : [environment['KUBERNETES_SERVICE_HOST'] ?? '', Number(environment['KUBERNETES_SERVICE_PORT'] ?? '443')];
  const wants = source === 'kubelet' ? 'kubernetes.kubelet.address or NODE_IP' : 'KUBERNETES_SERVICE_HOST';
  if (source === 'api' && !NODE_NAME.test(nodeName))
    return unusable(source, 'the name of this node is not known: set NODE_NAME (downward API) or kubernetes.nodeName');
  if (!/^[0-9A-Za-z.:-]{1,253}$/.test(host)) return unusable(source, `the server’s address is not known: set ${wants}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return unusable(source, 'the server’s port is no number');
  const options: PodSourceOptions = {
    clock,
    random: Math.random,
    pause,
    stream: httpsStream,
    server: serverAccess(
      {
        host,
        port,
        tokenFile: `${credentialsDirectory}/token`,
        caFile: `${credentialsDirectory}/ca.crt`,
        insecureSkipVerify: source === 'kubelet' && kubelet.insecureSkipVerify,
      },
      new FileReader({ maxBytes: MAX_FILE_BYTES, maxKept: 0 }),
    ),
    nodeName,
    startJitterMs: pace === 'daemon' ? START_JITTER_MS : 0,
  };
  const pods =
    source === 'api' ? new ApiPods(options) : new KubeletPods({ ...options, intervalMs: kubelet.intervalMs });
  if (pace === 'daemon') return pods;
  // A server that does not answer may not hold up a command that a person waits for.
  const waited = new AbortController();
  const first = Promise.race([pods.first, pause(FIRST_MS, waited.signal)]).finally(() => {
    waited.abort();
  });
  return {
    first,
    sample: () => pods.sample(),
    misses: () => pods.misses(),
    close: () => {
      waited.abort();
      pods.close();
    },
  };
}

function unusable(source: 'api' | 'kubelet', detail: string): PodSource {
  const reader = source === 'api' ? 'kubernetes_pods' : 'kubelet_pods';
  const misses: readonly Miss[] = [{ kind: 'failed', reader, source: `kubernetes.source: ${source}`, detail }];
  return {
    sample: () => ({ source, at: undefined, pods: new Map() }),
    misses: () => misses,
    first: Promise.resolve(),
    close: () => undefined,
  };
}

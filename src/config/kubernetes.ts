import type { KubernetesInFile } from './kubernetes-schema.ts';

/** Access to the Kubernetes API, defaults filled in. */
export interface KubernetesConfig {
  readonly source: 'none' | 'api' | 'kubelet';
  /** Undefined: as the environment says. */
  readonly nodeName: string | undefined;
  readonly credentialsDirectory: string;
  readonly kubelet: {
    /** Undefined: as the environment says. */
    readonly address: string | undefined;
    readonly port: number;
    readonly intervalMs: number;
    readonly insecureSkipVerify: boolean;
  };
}

/** Puts the unit into the names. */
export function kubernetesFrom({
  source,
  nodeName,
  credentialsDirectory,
  kubelet,
}: KubernetesInFile): KubernetesConfig {
  const { address, port, interval: intervalMs, insecureSkipVerify } = kubelet;
  return {
    source,
    nodeName,
    credentialsDirectory,
    kubelet: { address, port, intervalMs, insecureSkipVerify },
  };
}

/** What an empty file means. */
export function defaultKubernetes(): KubernetesConfig {
  return {
    source: 'none',
    nodeName: undefined,
    credentialsDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
    kubelet: { address: undefined, port: 10_250, intervalMs: 60_000, insecureSkipVerify: false },
  };
}

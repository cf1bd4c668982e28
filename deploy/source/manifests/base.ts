import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { clusterMeta, LABELS, meta, NAMESPACE } from './names.ts';

/** hostPID, host paths and the capabilities are beyond the Pod Security level `baseline`: so a namespace of its own, which nobody else uses. */
export const namespace: INamespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    ...clusterMeta(NAMESPACE),
    labels: {
      ...LABELS,
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/audit': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
    },
  },
};

/** Bound to no role, and no token of it is mounted, unless access to the API is switched on. */
export const serviceAccount: IServiceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: meta(),
  automountServiceAccountToken: false,
};

/** The configuration file, as YAML text. */
export const configMap = (config: string): IConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: meta(),
  data: { 'cgopher.yaml': config },
});

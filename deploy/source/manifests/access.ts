import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import type { IPolicyRule } from 'kubernetes-models/rbac.authorization.k8s.io/v1/PolicyRule';
import { clusterMeta, NAME, NAMESPACE } from './names.ts';

/** Where owners and specs of pods come from (docs/kubernetes-api.md). */
export type Source = 'api' | 'kubelet';

/** All that is asked for. Never nodes/proxy, with which one can run commands in every container of a node. */
const RULES: Readonly<Record<Source, IPolicyRule>> = {
  api: { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  kubelet: { apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] },
};

const ROLE = `${NAME}-pods`;

export const clusterRole = (source: Source): IClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: clusterMeta(ROLE),
  rules: [RULES[source]],
});

export const clusterRoleBinding: IClusterRoleBinding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: clusterMeta(ROLE),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ROLE },
  subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
};

/** Address of the node, for its kubelet. */
export const NODE_IP = { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } } as const;

import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { DaemonSet, type IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IContainer } from 'kubernetes-models/v1/Container';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parseAllDocuments } from 'yaml';

/** An object of Kubernetes, as much of it as every one has. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The schemas of all kinds that are installed. */
const KINDS: Readonly<Record<string, new (data: never) => { validate: () => void }>> = {
  'apps/v1 DaemonSet': DaemonSet,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'monitoring.coreos.com/v1 PrometheusRule': PrometheusRule,
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitor,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'rbac.authorization.k8s.io/v1 ClusterRole': ClusterRole,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': ClusterRoleBinding,
  'v1 ConfigMap': ConfigMap,
  'v1 Namespace': Namespace,
  'v1 Service': Service,
  'v1 ServiceAccount': ServiceAccount,
};

/** The documents of a YAML text, empty ones left out. Throws on what is no YAML. */
export function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isManifest(value)) throw new Error(`no object of Kubernetes: ${String(document).slice(0, 100)}`);
    return [value];
  });
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** Throws when the schema of its kind does not take it, or the kind is none of those that are installed. */
export function validate(document: Manifest): void {
  const kind = `${document.apiVersion} ${document.kind}`;
  const Model = KINDS[kind];
  if (Model === undefined) throw new Error(`unexpected kind: ${kind}`);
  new Model(structuredClone(document) as never).validate();
}

/** The one document of a kind, and of a name where there are several. */
export function only(documents: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = documents.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  const [document] = found;
  if (found.length !== 1 || document === undefined) throw new Error(`${found.length} documents of kind ${kind}`);
  return document;
}

/** Pod and container of the one DaemonSet. */
export function agentOf(documents: readonly Manifest[]): {
  readonly pod: IPodSpec;
  readonly container: IContainer;
  readonly metadata: NonNullable<NonNullable<IDaemonSet['spec']>['template']['metadata']>;
} {
  const { spec } = only(documents, 'DaemonSet') as unknown as IDaemonSet;
  const pod = spec?.template.spec;
  const [container, ...others] = pod?.containers ?? [];
  if (pod === undefined || container === undefined || others.length > 0) throw new Error('not one container');
  return { pod, container, metadata: spec?.template.metadata ?? {} };
}

import type { Pod, PodCondition, PodSpec, PodStatus } from 'kubernetes-types/core/v1.js';
import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.js';
import { field, list, text, texts } from './fields.ts';
import { containerFacts, resourceFacts } from './project-container.ts';
import type { ContainerFacts, PodFacts } from './types.ts';

const MAX_NAME = 253;
/** A prefix of 253 characters, a slash, a name of 63 (apimachinery, validation.IsQualifiedName). */
const MAX_KEY = 317;
const MAX_CONTAINERS = 256;
const MAX_OWNERS = 16;
const LABELS = { entries: 32, characters: 63 };
const ANNOTATIONS = { entries: 16, characters: 2048 };
const HINTS: ReadonlySet<string> = new Set(['scrape', 'port', 'path', 'scheme'].map((name) => `prometheus.io/${name}`));
const UID = /^[0-9a-zA-Z-]{1,64}$/;
/** The hash that stands for a uid in the cgroup of a static pod. No uid of the API server looks like it: no other pod's place can be taken. */
const STATIC_HASH = /^[0-9a-f]{32}$/;

/** Fields newer than the type package. */
type NewerSpec = PodSpec & { readonly resources?: unknown };
type NewerStatus = PodStatus & { readonly resize?: unknown };

function ownerOf(metadata: unknown): PodFacts['owner'] {
  const owners = list(field<ObjectMeta>(metadata, 'ownerReferences'), MAX_OWNERS);
  const owner = owners.find((entry) => field<OwnerReference>(entry, 'controller') === true) ?? owners[0];
  const kind = text(field<OwnerReference>(owner, 'kind'), MAX_NAME);
  const name = text(field<OwnerReference>(owner, 'name'), MAX_NAME);
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

/**
 * Static pods are in the API as mirrors with another uid; the hash of their file is in the path of their cgroup. The kubelet itself gives
 * them that hash as uid. Whoever writes a pod can write the annotation too: see {@link PodFacts.cgroupUid}.
 */
function cgroupUidOf(metadata: unknown, uid: string): string {
  type Mirror = Record<'kubernetes.io/config.mirror', string>;
  const hash = field<Mirror>(field<ObjectMeta>(metadata, 'annotations'), 'kubernetes.io/config.mirror');
  return typeof hash === 'string' && STATIC_HASH.test(hash) ? hash : uid;
}

/** Conditions since Kubernetes 1.33, a field of the status before. */
function resizeOf(status: unknown): PodFacts['resize'] {
  const conditions = list(field<PodStatus>(status, 'conditions'), 64);
  const holding = (type: string): unknown =>
    conditions.find(
      (entry) => field<PodCondition>(entry, 'type') === type && field<PodCondition>(entry, 'status') === 'True',
    );
  const pending = holding('PodResizePending');
  const reason = pending === undefined ? field<NewerStatus>(status, 'resize') : field<PodCondition>(pending, 'reason');
  if (reason === 'Infeasible') return 'infeasible';
  if (reason === 'Deferred' || pending !== undefined) return 'deferred';
  return reason === 'InProgress' || reason === 'Proposed' || holding('PodResizeInProgress') !== undefined
    ? 'in progress'
    : undefined;
}

function containersOf(spec: unknown, status: unknown): ContainerFacts[] {
  const named = (
    specs: 'containers' | 'initContainers',
    statuses: 'containerStatuses' | 'initContainerStatuses',
  ): ContainerFacts[] => {
    const known = list(field<PodStatus>(status, statuses), MAX_CONTAINERS);
    return list(field<PodSpec>(spec, specs), MAX_CONTAINERS).flatMap(
      (entry) => containerFacts(entry, specs === 'initContainers', known) ?? [],
    );
  };
  return [...named('containers', 'containerStatuses'), ...named('initContainers', 'initContainerStatuses')];
}

/**
 * The few fields of a pod that are kept, from data of any shape. Environment variables other than Go's own, commands, volumes and
 * all else are dropped here. Undefined: it has no uid, namespace or name, or belongs to another node than the one given.
 */
export function podFacts(pod: unknown, node?: string): PodFacts | undefined {
  const metadata = field<Pod>(pod, 'metadata');
  const spec = field<Pod>(pod, 'spec');
  const status = field<Pod>(pod, 'status');
  const uid = text(field<ObjectMeta>(metadata, 'uid'), 64);
  const namespace = text(field<ObjectMeta>(metadata, 'namespace'), MAX_NAME);
  const name = text(field<ObjectMeta>(metadata, 'name'), MAX_NAME);
  if (uid === undefined || !UID.test(uid) || namespace === undefined || name === undefined) return undefined;
  if (node !== undefined && field<PodSpec>(spec, 'nodeName') !== node) return undefined;
  const labels = field<ObjectMeta>(metadata, 'labels');
  const resources = field<NewerSpec>(spec, 'resources');
  return {
    uid,
    cgroupUid: cgroupUidOf(metadata, uid),
    namespace,
    name,
    owner: ownerOf(metadata),
    podTemplateHash: text(field<Record<'pod-template-hash', string>>(labels, 'pod-template-hash'), LABELS.characters),
    labels: texts(labels, (key) => key.length <= MAX_KEY, LABELS),
    annotations: texts(
      field<ObjectMeta>(metadata, 'annotations'),
      (key) => key.length <= MAX_KEY && (key.startsWith('cgopher.dev/') || HINTS.has(key)),
      ANNOTATIONS,
    ),
    resources: typeof resources === 'object' && resources !== null ? resourceFacts(resources) : undefined,
    restartPolicy: text(field<PodSpec>(spec, 'restartPolicy'), 64),
    resize: resizeOf(status),
    containers: containersOf(spec, status),
  };
}

import type { Limit } from '../base/limit.ts';
import type { PodFacts, PodsSample, ResourceFacts } from '../kube/api/types.ts';
import type { NodeSample } from '../sample/types.ts';
import type { ContainerModel, PodModel } from './container-types.ts';
import { ignoredRuleNames } from './ignored-rules.ts';
import { parseBytes, parseCores } from './kubernetes-quantity.ts';
import type { NodeModel } from './node-types.ts';
import type { ContainerSpecModel, PodSpecModel, ResourcesModel } from './pod-spec-types.ts';
import { workloadOwner } from './workload-owner.ts';

function resourcesModel({ requests, limits }: ResourceFacts): ResourcesModel {
  // Zero is how an API object says that there is none (kuberuntime_container_linux.go, getMemoryLimit: IsZero).
  const limit = (text: string | undefined, parse: (text: string) => number | undefined): Limit | undefined => {
    if (text === undefined) return 'max';
    const value = parse(text);
    return value === 0 ? 'max' : value;
  };
  return {
    requestCpuCores: requests.cpu === undefined ? 'none' : parseCores(requests.cpu),
    requestMemoryBytes: requests.memory === undefined ? 'none' : parseBytes(requests.memory),
    limitCpuCores: limit(limits.cpu, parseCores),
    limitMemoryBytes: limit(limits.memory, parseBytes),
  };
}

const resourcesOf = (facts: ResourceFacts | undefined): ResourcesModel | undefined =>
  facts === undefined ? undefined : resourcesModel(facts);

/** Seconds since the pods were last known to be as told; undefined: they never were. */
export function podsAgeSeconds(pods: PodsSample | undefined, at: NodeSample['at']): number | undefined {
  return pods?.at === undefined ? undefined : Math.max(0, (at.monotonicMs - pods.at.monotonicMs) / 1000);
}

/** A cgroup of a pod, with the names the node itself tells. */
type PodPlace = Pick<PodModel, 'namespace' | 'pod'> & { readonly podUid: string | undefined };

/**
 * What the API says of this pod; undefined: not asked, not known there, or of another name than the node tells. A uid is the API
 * server's word. The hash of a static pod is that of whoever wrote the pod, and counts only with the names.
 */
function podFactsOf({ pods }: NodeSample, { podUid, namespace, pod }: PodPlace): PodFacts | undefined {
  const facts = podUid === undefined ? undefined : pods?.pods.get(podUid);
  if (facts === undefined) return undefined;
  if (namespace === undefined || pod === undefined) return facts.cgroupUid === facts.uid ? facts : undefined;
  return facts.namespace === namespace && facts.name === pod ? facts : undefined;
}

function podSpecModel(sample: NodeSample, place: PodPlace): PodSpecModel | undefined {
  const facts = podFactsOf(sample, place);
  const ageSeconds = podsAgeSeconds(sample.pods, sample.at);
  if (facts === undefined || ageSeconds === undefined) return undefined;
  return {
    ageSeconds,
    uid: facts.uid,
    namespace: facts.namespace,
    name: facts.name,
    owner: workloadOwner(facts),
    resources: resourcesOf(facts.resources),
    ignore: ignoredRuleNames(facts.annotations['cgopher.dev/ignore']),
  };
}

/** What the API says of a container, found by its id where the kubelet told it, else by its name. */
function containerSpecModel(
  sample: NodeSample,
  pod: PodFacts,
  of: Pick<ContainerModel['identity'], 'container' | 'containerId'>,
): ContainerSpecModel | undefined {
  const ageSeconds = podsAgeSeconds(sample.pods, sample.at);
  if (ageSeconds === undefined) return undefined;
  const facts =
    pod.containers.find(({ status }) => status?.containerId !== undefined && status.containerId === of.containerId) ??
    pod.containers.find(({ name }) => name === of.container);
  if (facts === undefined) return undefined;
  const { status } = facts;
  // After a restart the status may still be of the container before.
  const current = status?.containerId !== undefined && status.containerId === of.containerId;
  return {
    ageSeconds,
    kind: facts.kind,
    resources: resourcesModel(facts.resources),
    podResources: resourcesOf(pod.resources),
    reported: current ? resourcesOf(status.resources) : undefined,
    resize: pod.resize,
    imageDigest: current ? status.imageDigest : undefined,
    restartCount: status?.restartCount,
    lastTermination: status?.lastTermination,
  };
}

/** The container with what the API says of it. Names that the node itself does not tell are taken from there. */
export function withContainerSpec(sample: NodeSample, container: ContainerModel): ContainerModel {
  const { identity } = container;
  const pod = podFactsOf(sample, identity);
  if (pod === undefined) return container;
  const spec = containerSpecModel(sample, pod, identity);
  const named = pod.containers.find(
    ({ status }) => status?.containerId !== undefined && status.containerId === identity.containerId,
  );
  const known = { namespace: pod.namespace, pod: pod.name, container: identity.container ?? named?.name };
  return {
    ...container,
    identity:
      identity.state === 'resolved'
        ? identity
        : { ...identity, ...known, state: known.container === undefined ? 'unresolved' : 'resolved' },
    ...(spec === undefined ? {} : { spec }),
  };
}

/** The pod with what the API says of it. */
export function withPodSpec(sample: NodeSample, pod: PodModel): PodModel {
  const spec = podSpecModel(sample, pod);
  if (spec === undefined) return pod;
  return { ...pod, namespace: pod.namespace ?? spec.namespace, pod: pod.pod ?? spec.name, spec };
}

/** How much is known from the API; left out where it is not asked. */
export function kubernetesModel({ pods, at }: NodeSample): Pick<NodeModel, 'kubernetes'> {
  return pods === undefined
    ? {}
    : { kubernetes: { source: pods.source, pods: pods.pods.size, ageSeconds: podsAgeSeconds(pods, at) } };
}

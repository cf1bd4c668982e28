import { humanBytes, kubernetesBytes, percent, round } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** At half of the limit a node can be promised to pods that may use twice its memory. */
const FAR_BELOW = 0.5;

/** The largest working set since the container was first seen: what it was found to need. */
interface Needed {
  readonly workingSetBytes: number | undefined;
}

function observe(before: Needed | undefined, { container }: ContainerContext): Needed {
  const now = container.memory.workingSetBytes;
  const most = Math.max(now ?? 0, before?.workingSetBytes ?? 0);
  return { workingSetBytes: now === undefined && before?.workingSetBytes === undefined ? undefined : most };
}

function detect({ container, processes, thresholds }: ContainerContext, needed: Needed): Verdict {
  if (container.identity.kind !== 'kubernetes') return clear('not a container of a Kubernetes pod');
  if (processes.length === 0)
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  const { spec } = container;
  if (spec === undefined) return unknown('the memory request, from the Kubernetes API (kubernetes.source)');
  if (spec.kind === 'init') return clear('an init container: its memory is free again when the others start');
  const { limitMemoryBytes: limit, requestMemoryBytes: asked } = spec.resources;
  if (asked === 'none' && spec.podResources !== undefined && spec.podResources.requestMemoryBytes !== 'none')
    return clear('the request is made for the pod as a whole');
  if (limit === undefined) return unknown('limits.memory of the spec as a quantity');
  if (limit === 'max') return clear('the spec sets no memory limit');
  if (asked === undefined) return unknown('requests.memory of the spec as a quantity');
  const request = asked === 'none' ? 0 : asked;
  const evidence: Evidence[] = [
    {
      signal: 'memory request',
      value: request,
      unit: 'bytes',
      bound: limit * FAR_BELOW,
      source: 'Kubernetes API: requests.memory',
    },
    { signal: 'memory limit', value: limit, unit: 'bytes', source: 'Kubernetes API: limits.memory' },
  ];
  if (request >= limit * FAR_BELOW) return clear(`the request is ${percent(request / limit)} of the limit`, evidence);
  const workingSet = container.memory.workingSetBytes;
  if (workingSet === undefined) return unknown('working set of the container');
  evidence.push({
    signal: 'working set',
    value: workingSet,
    unit: 'bytes',
    bound: request,
    source: 'memory.current - inactive_file',
  });
  if (workingSet <= request) return clear('the working set is within the request', evidence);
  const most = Math.max(workingSet, needed.workingSetBytes ?? 0);
  const wanted = Math.min(limit, most * (1 + thresholds.memory.headroomRatio));
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `the memory request of ${humanBytes(request)} is ${percent(request / limit)} of the limit, and the program works with ${humanBytes(workingSet)}: ${request === 0 ? 'all of it' : `${round(workingSet / request, 1)} times what was asked for, which`} was promised to nobody`,
    evidence,
    remedy: {
      text: `Ask for ${kubernetesBytes(wanted)}: the largest working set seen, ${humanBytes(most)}, and ${percent(thresholds.memory.headroomRatio)} more. The scheduler then keeps room for it. When the node runs short of memory, pods above their request are evicted first.`,
      patch: { kind: 'resources', set: { 'requests.memory': kubernetesBytes(wanted) } },
    },
  };
}

/** Memory in use beyond what was asked for (Kubernetes, node-pressure eviction; pkg/kubelet/eviction/helpers.go, rankMemoryPressure). */
export const requestFarBelowLimit: Rule = {
  id: 'RequestFarBelowLimit',
  title: 'The program works with more memory than its pod asks for, far below its limit',
  subject: 'container',
  forSeconds: 600,
  about: {
    meaning:
      'The scheduler counts the memory request, the kernel enforces the limit. Between the two lies memory that no node keeps free. A program that works there is fine until its neighbours do the same: then the kubelet evicts pods above their request first, and the kernel kills them first. Only memory is judged: CPU above its request is given back at once.',
    firesWhen:
      'The memory request is below half of the memory limit and the working set above the request, for ten minutes, in a container with a Go program.',
    severity: 'info.',
    change: 'Raise the request to the largest working set seen, with `thresholds.memory.headroomRatio` more.',
    silentWhen:
      'The request is half of the limit or more, there is no limit, the working set fits the request, the request is made for the pod as a whole, or it is an init container.',
    unknownWhen:
      'The Kubernetes API is not asked (`kubernetes.source: none`, the default) or does not know the container; a quantity could not be read; the working set is not known.',
    sources: [
      'Kubernetes, Node-pressure Eviction: pod selection for kubelet eviction',
      'pkg/kubelet/eviction/helpers.go rankMemoryPressure, Kubernetes 1.35',
      'pkg/kubelet/qos/policy.go GetContainerOOMScoreAdjust, Kubernetes 1.35',
    ],
  },
  ...remembering(observe, detect),
};

import type { Step } from './types.ts';

type Resource = 'cpu' | 'memory';

const each = (resources: readonly Resource[]): string => resources.map((name) => `"${name}":"VALUE"`).join(',');

/** Changes limits of one pod that runs. Needs Kubernetes 1.33, or 1.32 with the feature on, and kubectl 1.32. */
export const resizeCommand = (...resources: readonly Resource[]): string =>
  `kubectl -n NAMESPACE patch pod POD --subresource resize --patch '{"spec":{"containers":[{"name":"CONTAINER","resources":{"limits":{${each(resources)}}}}]}}'`;

/** A resize that would change the QoS class of the pod is refused. */
export const forGuaranteed = (...resources: readonly Resource[]): string =>
  `A pod whose \`status.qosClass\` is Guaranteed takes it only with the same request: write \`"requests":{${each(resources)}},\` before \`"limits"\`.`;

/** Raises a limit of one pod in place; `lead` says when. */
export const resize = (resource: Resource, lead: string): Step => ({
  say: `${lead} ${forGuaranteed(resource)}`,
  sh: resizeCommand(resource),
});

const setLimit = (resource: Resource, value: string): string =>
  `kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --limits=${resource}=${value}`;

/** After a resize: new pods have the limits of the template. */
export const limitInTemplate = (resource: Resource): Step => ({
  say: `Put the raised limit into the template too: a resize is of one pod only, and each rollout, \`set env\` included, makes pods with the limit of the template. This rolls the workload. Guaranteed: \`--requests=${resource}=VALUE\` with it.`,
  sh: setLimit(resource, 'VALUE'),
});

/** Limit and GOMEMLIMIT of the template, in an order in which no pod has the new GOMEMLIMIT with the old limit. */
export const limitAndGomemlimitInTemplate = (lead: string): Step => ({
  say: `${lead} Both belong into the template, the limit first: \`set env\` alone makes pods with the old limit of the template. LIMIT as \`1Gi\`, GOMEMLIMIT in Go’s own grammar as \`900MiB\`. This rolls the workload. Guaranteed: \`--requests=memory=LIMIT\` with it.`,
  sh: `${setLimit('memory', 'LIMIT')} && kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE`,
});

/** Restarts a container with the limits its pod has now. `lead` says when. */
export const restartContainer = (lead: string): Step => ({
  say: `${lead} End process 1 of the container; the kubelet starts it again in the same pod. Not \`rollout restart\`: its pods have the limits of the template. Without a shell in the image, or with \`shareProcessNamespace\`: \`crictl stop CONTAINER_ID\` on the node.`,
  sh: `kubectl -n NAMESPACE exec POD -c CONTAINER -- sh -c 'kill 1'`,
});

/** Label matchers by the variables of a dashboard. A matcher for a label that a series lacks matches the empty string. */

/** Workloads that the fleet overview shows. */
export const FLEET = 'cluster=~"$cluster", node=~"$node", namespace=~"$namespace"';

/** Agents that the fleet overview shows. */
export const AGENTS = 'cluster=~"$cluster", node=~"$node"';

/** The containers of the chosen pod. */
export const WORKLOAD = 'cluster=~"$cluster", namespace="$namespace", pod="$pod", container=~"$container"';

/** The same with what is said of the pod as a whole, which has no container. */
export const WORKLOAD_AND_POD = 'cluster=~"$cluster", namespace="$namespace", pod="$pod", container=~"$container|"';

/** Everything that the agent of one node says. */
export const NODE = 'cluster=~"$cluster", node="$node"';

/** What tells one container from another. */
export const CONTAINER_LABELS = 'cluster, node, namespace, pod, container';

/** Zero where an agent reports: without one, "no findings" is not known. */
export const ZERO_WHEN_SEEN = `0 * count(cgopher_build_info{${AGENTS}})`;

/** Per second, by the scrape interval that the data source is set to. */
export const rate = (metric: string, matchers: string): string => `rate(${metric}{${matchers}}[$__rate_interval])`;

/** A metric of the agent's own process: others on the node have metrics of the same name. */
export const ofAgent = (series: string): string => `${series} and on (job, instance) cgopher_build_info{${NODE}}`;

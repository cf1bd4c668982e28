/** The names in a pod's log directory. */
export interface PodLogName {
  readonly namespace: string;
  readonly pod: string;
  /** For a static pod the hash of its manifest, as in its cgroup. */
  readonly uid: string;
}

const POD_DIRECTORY = /^([a-z0-9][a-z0-9-]{0,62})_([a-z0-9][a-z0-9.-]{0,252})_([A-Za-z0-9][A-Za-z0-9.-]{0,252})$/;
const CONTAINER_DIRECTORY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LOG_FILE = /^(\d{1,9})\.log(?:\.|$)/;

/**
 * Parses the name of a directory in /var/log/pods: `<namespace>_<pod>_<uid>`. A namespace or pod name cannot hold `_`. Undefined for
 * anything else, such as the bare UID of very old kubelets.
 * Source: kubernetes pkg/kubelet/kuberuntime/helpers.go BuildPodLogsDirectory.
 */
export function parsePodLogDirectory(name: string): PodLogName | undefined {
  const match = POD_DIRECTORY.exec(name);
  const [, namespace, pod, uid] = match ?? [];
  if (namespace === undefined || pod === undefined || uid === undefined) return undefined;
  return { namespace, pod, uid };
}

/** Whether `name` can be a container's directory: a DNS label. */
export function isContainerDirectory(name: string): boolean {
  return CONTAINER_DIRECTORY.test(name);
}

/**
 * How often a container was restarted: the highest N of its files `N.log` and `N.log.<date>[.gz]`. Undefined when there is none.
 * The kubelet's restart count starts again from the files it finds, so this is a lower bound after logs were cleaned by hand.
 */
export function highestRestart(names: readonly string[]): number | undefined {
  let highest: number | undefined;
  for (const name of names) {
    const count = LOG_FILE.exec(name)?.[1];
    if (count !== undefined && Number(count) >= (highest ?? 0)) highest = Number(count);
  }
  return highest;
}

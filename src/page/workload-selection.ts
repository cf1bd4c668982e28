import type { ContainerModel, PodModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Subject } from '../rules/types.ts';
import { containerReference } from './links.ts';

/** What the page of one workload is about. */
export interface Selection {
  readonly process: GoProcessModel | undefined;
  readonly container: ContainerModel | undefined;
  readonly pod: PodModel | undefined;
}

/** What an address means in this model: a process by its key, or a container by its inode. Undefined: there is no such, or no longer. */
export function selectionOf(model: NodeModel, reference: string): Selection | undefined {
  const process = model.goProcesses.find(({ key }) => key === reference);
  const container = model.containers.find(({ key }) =>
    process === undefined ? containerReference(key) === reference : key === process.containerKey,
  );
  if (process === undefined && container === undefined) return undefined;
  const pod =
    container === undefined ? undefined : model.pods.find(({ containers }) => containers.includes(container.key));
  return { process, container, pod };
}

/** Whether a verdict is about the process, its container or its pod. */
export function aboutSelection({ process, container, pod }: Selection): (subject: Subject) => boolean {
  const keys: Readonly<Record<Subject['kind'], string | undefined>> = {
    process: process?.key,
    container: container?.key,
    pod: pod?.key,
    node: undefined,
  };
  return ({ kind, key }) => keys[kind] === key;
}

/** Key of each container and pod to the key of the first Go process in it. */
export function processOfEach({ goProcesses, pods }: NodeModel): ReadonlyMap<string, string> {
  const processOf = new Map<string, string>();
  for (const { key, containerKey } of goProcesses)
    if (containerKey !== undefined && !processOf.has(containerKey)) processOf.set(containerKey, key);
  for (const { key, containers } of pods) {
    const inside = containers.find((container) => processOf.has(container));
    const process = inside === undefined ? undefined : processOf.get(inside);
    if (process !== undefined) processOf.set(key, process);
  }
  return processOf;
}

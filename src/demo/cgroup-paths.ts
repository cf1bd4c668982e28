import type { Running } from './world.ts';

/** Path of a pod's slice: the systemd driver turns the UID's dashes into underscores and repeats every parent's name. */
export function podPath({ workload, podUid }: Running): string | undefined {
  if (workload.place.kind !== 'pod') return undefined;
  const qos = workload.place.qos;
  const prefix = qos === 'Guaranteed' ? 'kubepods' : `kubepods-${qos.toLowerCase()}`;
  const parent = qos === 'Guaranteed' ? '/kubepods.slice' : `/kubepods.slice/${prefix}.slice`;
  return `${parent}/${prefix}-pod${podUid.replaceAll('-', '_')}.slice`;
}

/** Path of the cgroup the workload's process is in. */
export function workloadPath(running: Running): string {
  const pod = podPath(running);
  if (pod !== undefined) return `${pod}/cri-containerd-${running.containerId}.scope`;
  return running.workload.place.kind === 'unit' ? running.workload.place.path : '/';
}

/** Path of a pod's pause container. */
export function sandboxPath(running: Running): string | undefined {
  const pod = podPath(running);
  return pod === undefined ? undefined : `${pod}/cri-containerd-${running.sandboxId}.scope`;
}

/** Thread ids of a process: its own and those after it. */
export function threadIds(pid: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => pid + index);
}

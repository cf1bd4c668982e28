import type { IVolume } from 'kubernetes-models/v1/Volume';
import type { IVolumeMount } from 'kubernetes-models/v1/VolumeMount';
import { NAME } from './names.ts';

const HOST_PATHS = { cgroup: '/sys/fs/cgroup', podlogs: '/var/log/pods' } as const;

/**
 * The node's directories below /host, read-only: a writable cgroup tree could freeze or kill any pod. Not over /sys/fs/cgroup itself, so that the
 * container's own mount stays as it is. HostToContainer: what the node mounts below them later is seen.
 */
export const HOST_MOUNTS: IVolumeMount[] = Object.entries(HOST_PATHS).map(([name, path]) => ({
  name,
  mountPath: `/host${path}`,
  readOnly: true,
  mountPropagation: 'HostToContainer',
}));

/** The whole volume, not one file of it: only then the kubelet replaces the file, and the agent reads it anew. */
export const VOLUMES: IVolume[] = [
  { name: 'config', configMap: { name: NAME } },
  ...Object.entries(HOST_PATHS).map(([name, path]) => ({ name, hostPath: { path, type: 'Directory' as const } })),
];

import { hexId } from './identifiers.ts';
import type { Running } from './world.ts';

const DISK = 'ext4 /dev/nvme0n1p1 rw';
const CGROUP = 'cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';

/** /proc/PID/mountinfo of a process outside any container. */
export const HOST_MOUNTS = mountLines(22, [
  ['259:1', '/', '/', 'rw,relatime', DISK],
  ['0:20', '/', '/proc', 'rw,nosuid,nodev,noexec,relatime', 'proc proc rw'],
  ['0:21', '/', '/sys', 'rw,nosuid,nodev,noexec,relatime', 'sysfs sysfs rw'],
  ['0:26', '/', '/sys/fs/cgroup', 'rw,nosuid,nodev,noexec,relatime', CGROUP],
]);

/**
 * /proc/PID/mountinfo of a container's process as the kubelet and containerd leave it: the termination log names pod UID and
 * container, hostname and resolv.conf name the sandbox; a pause container has only the latter. A pod whose names cannot be learnt has neither.
 */
export function containerMounts(running: Running, of: 'container' | 'sandbox'): string {
  const { workload, podUid, sandboxId } = running;
  const kubelet = `/var/lib/kubelet/pods/${podUid}`;
  const sandbox = `/containerd/io.containerd.grpc.v1.cri/sandboxes/${sandboxId}`;
  const log = hexId(`log/${running.containerId}`).slice(0, 8);
  const named = workload.place.kind === 'pod' && workload.place.named;
  return mountLines(900 + Math.floor(running.sandboxPid / 100), [
    ['0:210', '/', '/', 'rw,relatime', 'overlay overlay rw,lowerdir=/var/lib/containerd/snapshots/1/fs'],
    ['0:211', '/', '/proc', 'rw,nosuid,nodev,noexec,relatime', 'proc proc rw'],
    ['0:212', '/', '/sys', 'ro,nosuid,nodev,noexec,relatime', 'sysfs sysfs ro'],
    ['0:26', '/', '/sys/fs/cgroup', 'ro,nosuid,nodev,noexec,relatime', CGROUP],
    ...(named && of === 'container'
      ? [
          ['259:1', `${kubelet}/etc-hosts`, '/etc/hosts', 'rw,relatime', DISK],
          ['259:1', `${kubelet}/containers/${workload.name}/${log}`, '/dev/termination-log', 'rw,relatime', DISK],
        ]
      : []),
    ...(named
      ? [
          ['259:1', `/var/lib${sandbox}/hostname`, '/etc/hostname', 'rw,relatime', DISK],
          ['259:1', `/var/lib${sandbox}/resolv.conf`, '/etc/resolv.conf', 'rw,relatime', DISK],
          ['0:200', '/', '/dev/shm', 'rw,nosuid,nodev,noexec,relatime', 'tmpfs shm rw,size=65536k'],
        ]
      : []),
  ]);
}

function mountLines(firstId: number, rows: readonly (readonly string[])[]): string {
  return rows
    .map(([device = '', root = '', point = '', options = '', rest = ''], index) => {
      const parent = index === 0 ? firstId - 1 : firstId;
      return `${firstId + index} ${parent} ${device} ${root} ${point} ${options} - ${rest}\n`;
    })
    .join('');
}

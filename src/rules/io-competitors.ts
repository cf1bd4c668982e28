import type { ContainerModel } from '../model/container-types.ts';
import type { IoDeviceModel } from '../model/io-types.ts';
import { containerName } from './subjects.ts';

/** One container's part in what a device did in the window. */
export interface IoShare {
  readonly container: ContainerModel;
  readonly device: IoDeviceModel;
  readonly bytesPerSecond: number;
  /** Of the bytes of all containers on that device. */
  readonly share: number;
}

/** io.weight that nobody set (cgroup-v2.rst, io.weight). */
export const DEFAULT_WEIGHT = 100;

/** Bytes per second read and written; undefined when there was no window, as between two readings of the slow files. */
export function deviceRate({ readBytesPerSecond, writtenBytesPerSecond }: IoDeviceModel): number | undefined {
  if (readBytesPerSecond === undefined || writtenBytesPerSecond === undefined) return undefined;
  return readBytesPerSecond + writtenBytesPerSecond;
}

/** Who used the device in the window, largest first; undefined when a rate of the container itself is not known. */
export function sharesOf(device: string, containers: readonly ContainerModel[]): IoShare[] {
  const users: { container: ContainerModel; device: IoDeviceModel; bytesPerSecond: number }[] = [];
  let total = 0;
  for (const container of containers) {
    const own = container.io.devices?.find((candidate) => candidate.device === device);
    const bytesPerSecond = own === undefined ? undefined : deviceRate(own);
    if (own === undefined || bytesPerSecond === undefined || bytesPerSecond === 0) continue;
    users.push({ container, device: own, bytesPerSecond });
    total += bytesPerSecond;
  }
  return users
    .map((user) => ({ ...user, share: user.bytesPerSecond / total }))
    .toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond);
}

/** `shop/cart-0/cart`, `backup.service`. */
export function whoIs(container: ContainerModel): string {
  const { namespace, pod } = container.identity;
  const parts = [namespace, pod, containerName(container)].filter((part) => part !== undefined);
  return parts.length === 0 ? container.cgroupPath : parts.join('/');
}

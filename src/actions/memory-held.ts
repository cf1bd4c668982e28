import type { NodeModel } from '../model/node-types.ts';

/** Memory of the containers at or below a cgroup, bytes. */
export interface MemoryHeld {
  /** memory.current. */
  readonly currentBytes: number;
  /** memory.current - inactive_file: without the page cache the kernel takes back first. */
  readonly workingSetBytes: number;
}

/**
 * What the containers at or below a cgroup hold, added up; a lower bound for a pod, whose pause container is left out.
 * Undefined when there is none, or one of them was not read.
 */
export function memoryHeld({ containers }: Pick<NodeModel, 'containers'>, path: string): MemoryHeld | undefined {
  let currentBytes = 0;
  let workingSetBytes = 0;
  let seen = false;
  for (const { cgroupPath, memory } of containers) {
    if (cgroupPath !== path && !cgroupPath.startsWith(`${path}/`)) continue;
    if (memory.currentBytes === undefined || memory.workingSetBytes === undefined) return undefined;
    currentBytes += memory.currentBytes;
    workingSetBytes += memory.workingSetBytes;
    seen = true;
  }
  return seen ? { currentBytes, workingSetBytes } : undefined;
}

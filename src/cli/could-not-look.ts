import type { NodePaths } from '../agent/paths.ts';
import type { NodeModel } from '../model/node-types.ts';

/** Why nothing could be judged, and what to do; undefined when the look worked. */
export function couldNotLook(model: NodeModel, paths: NodePaths): string | undefined {
  const { hierarchy, hierarchyDetail, kernelRelease, memoryTotalBytes } = model.node;
  const { cgroupfs, procfs } = paths;
  const unseen = model.containers.reduce((sum, container) => sum + container.unseenProcesses, 0);
  if (hierarchy === 'unified' && model.goProcesses.length === 0 && unseen > 0) {
    return `cgopher could not look: none of ${unseen} processes may be looked at, so it cannot tell which are Go. Run it as root, or with the SYS_PTRACE capability.`;
  }
  if (hierarchy === 'unified') {
    if (kernelRelease === undefined && memoryTotalBytes === undefined && model.goProcesses.length === 0) {
      return `cgopher could not look: no /proc at ${procfs}. In a container, share the host's process namespace (hostPID), or name a mounted one with --path.procfs.`;
    }
    return undefined;
  }
  const go = model.goProcesses.length;
  const seen = go === 0 ? '' : ` It still found ${go} Go process${go === 1 ? '' : 'es'}, listed above.`;
  if (hierarchy === 'none') {
    return `cgopher could not look: no cgroup v2 file system at ${cgroupfs} (${hierarchyDetail}). In a container, mount the host's /sys/fs/cgroup read-only and name it with --path.cgroupfs.`;
  }
  const mounted = hierarchy === 'v1' ? 'cgroup v1' : 'cgroup v1 and v2 side by side (hybrid)';
  return `cgopher could not judge: this node has ${mounted}: ${hierarchyDetail}. Limits and pressure are read from the unified cgroup v2 hierarchy only; boot with systemd.unified_cgroup_hierarchy=1.${seen}`;
}

/**
 * A /proc of another machine, or lxcfs over one of the two, makes every memory figure wrong, so a /proc in an unusual place is held
 * against what this process itself sees.
 */
export async function memoryDoubt(model: NodeModel, procfs: string): Promise<string | undefined> {
  const told = model.node.memoryTotalBytes;
  if (procfs === '/proc' || told === undefined) return undefined;
  const { readHostMemory } = await import('../io/host-memory.ts');
  const own = await readHostMemory();
  if (!own.ok || Math.abs(own.value.totalBytes - told) <= told * 0.01) return undefined;
  return `note: MemTotal under ${procfs} is not that of this machine (${told} against ${own.value.totalBytes} bytes): another machine's /proc, or lxcfs over one of the two`;
}

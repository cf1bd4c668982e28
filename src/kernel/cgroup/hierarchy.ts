import { entries, subdirectories } from '../../io/directory.ts';
import type { FileReader } from '../../io/file-reader.ts';
import { parseControllers } from './core.ts';

/**
 * How a node's cgroups are set up.
 *
 * - `unified`: cgroup v2 alone, the one this project reads.
 * - `hybrid`: controllers on v1, and a v2 tree at `unified/` with little but process lists and pressure.
 * - `v1`: no v2 tree.
 * - `none`: nothing that looks like cgroups; `detail` says what was seen.
 */
export type HierarchyMode = 'unified' | 'hybrid' | 'v1' | 'none';

/** Mount options of the cgroup2 file system that change what its files mean. */
export interface CgroupMountOptions {
  readonly nsdelegate: boolean;
  /** memory.low and memory.min of a cgroup protect its descendants too. */
  readonly memoryRecursiveprot: boolean;
  /** memory.events counts the cgroup alone, not its descendants. */
  readonly memoryLocalevents: boolean;
  /** pids.events counts the cgroup alone, not its descendants. */
  readonly pidsLocalevents: boolean;
}

/** One mount, as /proc/PID/mountinfo tells it. */
export interface CgroupMount {
  readonly fsType: string;
  readonly mountPoint: string;
  readonly superOptions: readonly string[];
}

/** What was found under a cgroup mount. */
export interface Hierarchy {
  readonly mode: HierarchyMode;
  /** Controllers of the v2 tree (`unified`, `hybrid`) or names of the v1 trees (`v1`); a unified node has at least cpu and memory. */
  readonly controllers: readonly string[];
  /** Where the v2 tree is, undefined without one. */
  readonly root: string | undefined;
  /**
   * True when the v2 root is not the machine's: it has a cgroup.type, so it is one container's own part of the tree, and
   * other containers are out of sight. Undefined without a v2 tree.
   */
  readonly partial: boolean | undefined;
  /** Undefined without a v2 tree or when its mount was not in the list given. */
  readonly mountOptions: CgroupMountOptions | undefined;
  /** One line for a person. */
  readonly detail: string;
}

/**
 * Tells how `root` (normally /sys/fs/cgroup or where the host's is mounted) is set up, from its files alone, so that a copied
 * tree works too. `mounts` adds the mount options.
 * Source: Documentation/admin-guide/cgroup-v2.rst "Mounting" and systemd's CGROUP_DELEGATION "Three Different Tree Setups".
 */
export function detectHierarchy(root: string, files: FileReader, mounts: readonly CgroupMount[] = []): Hierarchy {
  const unified = controllersOf(root, files);
  if (unified !== undefined) return v2('unified', root, unified, mounts);
  const hybrid = controllersOf(`${root}/unified`, files);
  if (hybrid !== undefined) return v2('hybrid', `${root}/unified`, hybrid, mounts);
  const names = subdirectories(root, 'cgroup_hierarchy');
  if (!names.ok) return noTree('none', [], `${root}: ${names.miss.detail}`);
  const v1 = names.value.filter((name) => isV1Tree(`${root}/${name}`));
  if (v1.length === 0) return noTree('none', [], `${root} has no cgroup.controllers and no v1 controller directory`);
  const controllers = [...new Set(v1.flatMap((name) => name.split(',')))].sort();
  return noTree('v1', controllers, `${root} has v1 controller directories only: ${v1.sort().join(' ')}`);
}

function v2(mode: 'unified' | 'hybrid', root: string, controllers: readonly string[], mounts: readonly CgroupMount[]) {
  const names = entries(root, 'cgroup_hierarchy');
  const partial = names.ok && names.value.includes('cgroup.type');
  const has = controllers.length === 0 ? 'no controllers' : `controllers ${controllers.join(' ')}`;
  const detail = `cgroup2 at ${root} with ${has}${partial ? ', only a part of the tree' : ''}`;
  return { mode, controllers, root, partial, mountOptions: optionsOf(root, mounts), detail };
}

function noTree(mode: 'v1' | 'none', controllers: readonly string[], detail: string): Hierarchy {
  return { mode, controllers, root: undefined, partial: undefined, mountOptions: undefined, detail };
}

function controllersOf(directory: string, files: FileReader): readonly string[] | undefined {
  const length = files.read(`${directory}/cgroup.controllers`);
  return length < 0 ? undefined : parseControllers(files.bytes, length);
}

function isV1Tree(directory: string): boolean {
  const names = entries(directory, 'cgroup_hierarchy');
  return names.ok && (names.value.includes('tasks') || names.value.includes('cgroup.procs'));
}

function optionsOf(root: string, mounts: readonly CgroupMount[]): CgroupMountOptions | undefined {
  // One superblock serves every cgroup2 mount of a machine, so any of them tells the options when `root` is not listed.
  const v2Mounts = mounts.filter((mount) => mount.fsType === 'cgroup2');
  const mount = v2Mounts.find((candidate) => candidate.mountPoint === root) ?? v2Mounts[0];
  if (mount === undefined) return undefined;
  const has = (option: string): boolean => mount.superOptions.includes(option);
  return {
    nsdelegate: has('nsdelegate'),
    memoryRecursiveprot: has('memory_recursiveprot'),
    memoryLocalevents: has('memory_localevents'),
    pidsLocalevents: has('pids_localevents'),
  };
}

import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodePaths } from '../../src/agent/paths.ts';
import { cgroupFiles } from '../../src/demo/cgroup-files.ts';
import { sandboxPath } from '../../src/demo/cgroup-paths.ts';
import { cgroupTree } from '../../src/demo/cgroup-tree.ts';
import { goBinary, otherBinary } from '../../src/demo/go-binary.ts';
import { containerMounts } from '../../src/demo/mountinfo-file.ts';
import { NETWORK_NAMESPACE, netFiles } from '../../src/demo/net-files.ts';
import { nodeProcFiles, STEADY_PROC_FILES, SYSFS_FILES } from '../../src/demo/node-files.ts';
import { processFiles, sandboxProcess, workloadProcess } from '../../src/demo/proc-files.ts';
import type { SimulatedProcess } from '../../src/demo/simulated-process.ts';
import { TreeWriter } from '../../src/demo/tree-writer.ts';
import type { Running } from '../../src/demo/world.ts';

/** Room the tree takes on tmpfs, a page a file, with some to spare. */
const ROOM_BYTES = 512 * 1024 * 1024;
const SHARED_MEMORY = '/dev/shm';

/** A node made of files: /proc, /sys and a cgroup tree in the forms of Linux 6.1, all controllers on. */
export interface SyntheticNode {
  readonly directory: string;
  readonly paths: NodePaths;
  remove(): void;
}

/** Writes the node into a new directory, in memory where there is room. Go programs seem to listen on `port`. */
export function makeSyntheticNode(running: readonly Running[], port: number): SyntheticNode {
  const directory = mkdtempSync(join(hasRoom(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'cgopher-bench-'));
  const paths = {
    cgroupfs: join(directory, 'sys/fs/cgroup'),
    procfs: join(directory, 'proc'),
    podlogs: join(directory, 'var/log/pods'),
    sysfs: join(directory, 'sys'),
  };
  const writer = new TreeWriter();
  const all = (at: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) writer.file(join(at, name), content);
  };
  const tree = cgroupTree(running, 0);
  const written = new Set<string>();
  // Containers that share a pod list it once each.
  for (const state of tree) {
    if (written.has(state.path)) continue;
    written.add(state.path);
    all(join(paths.cgroupfs, state.path), cgroupFiles(state));
  }
  const [root] = tree;
  if (root !== undefined) all(paths.procfs, nodeProcFiles(root, 0, 1_700_000_000));
  all(paths.procfs, STEADY_PROC_FILES);
  all(paths.sysfs, SYSFS_FILES);

  const pause = join(directory, 'images/pause');
  writer.file(pause, otherBinary());
  const processes = new Set<number>();
  const process = (shown: SimulatedProcess, image: string, mountinfo: string, inode: number | undefined): void => {
    if (processes.has(shown.pid)) return;
    processes.add(shown.pid);
    const at = join(paths.procfs, String(shown.pid));
    all(at, { ...processFiles(shown), mountinfo });
    all(join(at, 'net'), netFiles(inode === undefined ? [] : [{ port, inode }]));
    writer.link(join(at, 'exe'), image);
    writer.link(join(at, 'ns/net'), NETWORK_NAMESPACE);
    for (const [fd, target] of ['/dev/null', ...(inode === undefined ? [] : [`socket:[${inode}]`])].entries())
      writer.link(join(at, 'fd', String(fd)), target);
  };
  for (const entry of running) {
    const { workload, podUid } = entry;
    const image = join(directory, 'images', workload.name);
    writer.file(image, workload.go === undefined ? otherBinary() : goBinary(workload.go));
    const inode = workload.go === undefined ? undefined : entry.socketInode;
    process(workloadProcess(entry), image, containerMounts(entry, 'container'), inode);
    process(sandboxProcess(entry, sandboxPath(entry) ?? '/'), pause, containerMounts(entry, 'sandbox'), undefined);
    if (workload.place.kind === 'pod') {
      const { namespace, pod } = workload.place;
      writer.file(join(paths.podlogs, `${namespace}_${pod}_${podUid}`, workload.name, '0.log'), '');
    }
  }
  const first = [...processes][0];
  if (first !== undefined) writer.link(join(paths.procfs, 'self'), String(first));
  return {
    directory,
    paths,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function hasRoom(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false;
  }
}

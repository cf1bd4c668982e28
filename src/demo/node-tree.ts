import { join } from 'node:path';
import { cgroupFiles } from './cgroup-files.ts';
import { sandboxPath } from './cgroup-paths.ts';
import type { CgroupState } from './cgroup-state.ts';
import { cgroupTree } from './cgroup-tree.ts';
import { goBinary, otherBinary } from './go-binary.ts';
import { containerMounts, HOST_MOUNTS } from './mountinfo-file.ts';
import { type Listener, NETWORK_NAMESPACE, netFiles } from './net-files.ts';
import { nodeProcFiles, STEADY_PROC_FILES, SYSFS_FILES } from './node-files.ts';
import { processFiles, sandboxProcess, workloadProcess } from './proc-files.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { TreeWriter } from './tree-writer.ts';
import type { Running } from './world.ts';

/** Where the simulated node's files are. */
export interface NodePaths {
  readonly cgroupfs: string;
  readonly procfs: string;
  readonly podlogs: string;
  readonly sysfs: string;
}

/** Keeps the files of the simulated node in step with its world. */
export class NodeTree {
  readonly paths: NodePaths;
  readonly #images: string;
  readonly #bootWallSeconds: number;
  readonly #writer = new TreeWriter();
  #cgroups = new Set<string>();
  #pids = new Set<number>();

  constructor(directory: string, bootWallSeconds: number, running: readonly Running[]) {
    this.paths = {
      cgroupfs: join(directory, 'sys/fs/cgroup'),
      procfs: join(directory, 'proc'),
      podlogs: join(directory, 'var/log/pods'),
      sysfs: join(directory, 'sys'),
    };
    this.#images = join(directory, 'images');
    this.#bootWallSeconds = bootWallSeconds;
    this.#all(this.paths.procfs, STEADY_PROC_FILES);
    this.#all(this.paths.sysfs, SYSFS_FILES);
    this.#writer.directory(this.paths.podlogs);
    this.#writer.file(join(this.#images, 'pause'), otherBinary());
    for (const entry of running) {
      const { go } = entry.workload;
      this.#writer.file(this.#image(entry), go === undefined ? otherBinary() : goBinary(go));
    }
    const self = running.at(-1);
    if (self !== undefined) this.#writer.link(join(this.paths.procfs, 'self'), String(self.pid));
  }

  /** Brings every file to this moment, makes what is new and removes what is gone. `listeners`: by workload. */
  update(running: readonly Running[], second: number, listeners: ReadonlyMap<string, Listener>): void {
    const tree = cgroupTree(running, second);
    const [root] = tree;
    if (root === undefined) return;
    this.#updateCgroups(tree);
    this.#all(this.paths.procfs, nodeProcFiles(root, second, this.#bootWallSeconds));
    this.#updateProcesses(running, listeners);
    for (const entry of running) this.#updateLogs(entry);
  }

  #updateCgroups(tree: readonly CgroupState[]): void {
    const paths = new Set(tree.map((state) => state.path));
    for (const state of tree) this.#all(join(this.paths.cgroupfs, state.path), cgroupFiles(state));
    for (const path of this.#cgroups) if (!paths.has(path)) this.#writer.remove(join(this.paths.cgroupfs, path));
    this.#cgroups = paths;
  }

  #updateProcesses(running: readonly Running[], listeners: ReadonlyMap<string, Listener>): void {
    const net = netFiles([...listeners.values()]);
    const pids = new Set<number>();
    const update = (process: SimulatedProcess, image: string, mounts: string, sockets: readonly string[]) => {
      const directory = join(this.paths.procfs, String(process.pid));
      pids.add(process.pid);
      if (!this.#pids.has(process.pid)) {
        this.#writer.link(join(directory, 'exe'), image);
        this.#writer.link(join(directory, 'ns/net'), NETWORK_NAMESPACE);
        for (const [fd, target] of ['/dev/null', ...sockets].entries())
          this.#writer.link(join(directory, 'fd', String(fd)), target);
      }
      this.#all(directory, { ...processFiles(process), mountinfo: mounts });
      this.#all(join(directory, 'net'), net);
    };
    for (const entry of running) {
      const sandbox = sandboxPath(entry);
      const listener = listeners.get(entry.workload.name);
      const sockets = listener === undefined ? [] : ['anon_inode:[eventpoll]', `socket:[${listener.inode}]`];
      const mounts = sandbox === undefined ? HOST_MOUNTS : containerMounts(entry, 'container');
      update(workloadProcess(entry), this.#image(entry), mounts, sockets);
      if (sandbox === undefined) continue;
      update(sandboxProcess(entry, sandbox), join(this.#images, 'pause'), containerMounts(entry, 'sandbox'), []);
    }
    for (const pid of this.#pids) if (!pids.has(pid)) this.#writer.remove(join(this.paths.procfs, String(pid)));
    this.#pids = pids;
  }

  /** The kubelet keeps the log of the container that runs and of the one before it. */
  #updateLogs({ workload, podUid, kills }: Running): void {
    const { place } = workload;
    if (place.kind !== 'pod' || !place.named) return;
    const directory = join(this.paths.podlogs, `${place.namespace}_${place.pod}_${podUid}`, workload.name);
    this.#writer.file(join(directory, `${kills}.log`), '');
    if (kills > 0) this.#writer.file(join(directory, `${kills - 1}.log`), '');
    if (kills > 1) this.#writer.remove(join(directory, `${kills - 2}.log`));
  }

  #image({ workload }: Running): string {
    return join(this.#images, workload.name, workload.executable);
  }

  #all(directory: string, files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) this.#writer.file(join(directory, name), content);
  }
}

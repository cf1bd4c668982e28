import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { type Endpoint, openEndpoint } from '../../src/demo/endpoints.ts';
import { viewOf } from '../../src/demo/node.ts';
import { type NodePaths, NodeTree } from '../../src/demo/node-tree.ts';
import type { Workload } from '../../src/demo/workload.ts';
import { createWorld, type Running, UP_BEFORE, type World } from '../../src/demo/world.ts';

/** The simulated node of the demo, with workloads that come and go when a test says so. */
export interface ChangingNode extends NodePaths {
  /** Replaces the pods of a workload by one of another configuration, as a rollout does: new pod, new process, the same image. */
  rollOut(workload: Workload): void;
  close(): Promise<void>;
}

const TICK_MS = 250;

export async function changingNode(initial: readonly Workload[]): Promise<ChangingNode> {
  const directory = mkdtempSync(join(tmpdir(), 'changing-node-'));
  const start = systemClock.now();
  // One that is gone keeps its place: UIDs and pids follow from it.
  const deployed: Workload[] = [...initial];
  const present = new Set<Workload>(initial);
  let world: World = createWorld(deployed, undefined);
  let running: readonly Running[] = [];
  let second = 0;
  const endpoints = new Map<string, Endpoint>();
  const look = (): void => {
    second = (systemClock.now().monotonicMs - start.monotonicMs) / 1000;
    running = world.at(second).filter(({ workload }) => present.has(workload));
  };
  const listeners = () =>
    new Map(
      running.flatMap(({ workload: { name }, socketInode }) => {
        const port = endpoints.get(name)?.port;
        return port === undefined ? [] : [[name, { port, inode: socketInode }] as const];
      }),
    );
  look();
  for (const { name, go } of initial) {
    if (go === undefined || Object.keys(go.serves).length === 0) continue;
    const view = () =>
      viewOf(
        running.find(({ workload }) => workload.name === name),
        start.wallMs,
        second,
      );
    endpoints.set(name, await openEndpoint('127.0.0.1', view, () => start.wallMs + second * 1000));
  }
  const tree = new NodeTree(directory, Math.floor(start.wallMs / 1000) - UP_BEFORE, running);
  const tick = (): void => {
    look();
    tree.update(running, second, listeners());
  };
  tick();
  const ticker = setInterval(tick, TICK_MS);
  return {
    ...tree.paths,
    rollOut: (workload) => {
      for (const old of present) if (old.name === workload.name) present.delete(old);
      deployed.push(workload);
      present.add(workload);
      world = createWorld(deployed, undefined);
      endpoints.get(workload.name)?.hangUp();
      tick();
    },
    close: async () => {
      clearInterval(ticker);
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
      rmSync(directory, { recursive: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import { routes } from '../../src/agent/routes.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { startSimulatedNode } from '../../src/demo/node.ts';
import { startServer } from '../../src/io/http-server.ts';

/** The agent on the simulated node. Time goes on only in steps, so that an hour of history is made in as long as the work takes. */
export interface SteppedDemo {
  readonly url: string;
  /** The address of the page of a workload whose name holds this. */
  workloadPath(name: string): string;
  /** Lets so many minutes go by, one look of the agent every 15 s of them. */
  pass(minutes: number): Promise<void>;
  close(): Promise<void>;
}

const STEP_MS = 15_000;
/** The agent looks for endpoints that are due four times a second. */
const POLL_MS = 260;

export async function steppedDemo(version: string, startUnixMs: number): Promise<SteppedDemo> {
  let goneMs = 0;
  const clock: Clock = { now: () => ({ wallMs: startUnixMs + goneMs, monotonicMs: 1_000_000 + goneMs }) };
  const directory = mkdtempSync(join(tmpdir(), 'stepped-demo-'));
  const node = await startSimulatedNode({ directory, clock, host: '127.0.0.1', self: process.pid });
  const defaults = defaultConfig();
  const agent = new Agent({
    paths: node,
    config: {
      ...defaults,
      // Cycles are begun here, not by the agent's own timer.
      intervalMs: 3_600_000,
      // Simulated programs have no memory to read.
      runtimeMemory: { ...defaults.runtimeMemory, enabled: false },
      endpoints: { ...defaults.endpoints, intervalMs: STEP_MS, profileIntervalMs: 4 * STEP_MS, timeoutMs: 10_000 },
    },
    clock,
    logger: silentLogger,
    resolver: addressResolver(undefined),
    build: { version, revision: 'demo' },
  });
  const server = await startServer({
    addresses: ['127.0.0.1:0'],
    routes: routes(agent, { telemetryPath: '/metrics', version, report: () => undefined }),
    logger: silentLogger,
  });
  if (!server.ok) throw new Error(server.miss.detail);
  agent.configReloaded(true);
  await agent.start();
  return {
    url: server.value.addresses[0]?.url ?? '',
    workloadPath: (name) => {
      const process = agent.last?.snapshot.model.goProcesses.find((one) => one.name === name);
      if (process === undefined) throw new Error(`no Go process is called ${name}`);
      return `/workload/${encodeURIComponent(process.key)}`;
    },
    pass: async (minutes) => {
      for (let step = 0; step < minutes * (60_000 / STEP_MS); step += 1) {
        goneMs += STEP_MS;
        node.tick();
        await sleep(POLL_MS);
        await agent.cycle();
      }
    },
    close: async () => {
      await agent.stop();
      await server.value.close();
      await node.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type RunningAgent, startAgent } from '../../src/cli/agent.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';

/** The agent on the simulated node, in this process, on a port the system chooses. */
export interface RunningDemo {
  readonly url: string;
  readonly node: SimulatedNode;
  get(path: string): Promise<{ readonly status: number; readonly type: string | null; readonly text: string }>;
  /** Waits until a page holds something. */
  until(path: string, holds: (text: string) => boolean): Promise<string>;
  close(): Promise<void>;
}

export async function runningDemo(
  options: { readonly intervalMs?: number; readonly logger?: Logger } = {},
): Promise<RunningDemo> {
  const directory = mkdtempSync(join(tmpdir(), 'running-demo-'));
  const node = await startSimulatedNode({ directory, clock: systemClock, host: '127.0.0.1', self: process.pid });
  const ticker = setInterval(() => {
    node.tick();
  }, 500);
  const defaults = defaultConfig();
  const { intervalMs = 1000, logger = silentLogger } = options;
  const running: RunningAgent = await startAgent({
    paths: node,
    config: { ...defaults, intervalMs, endpoints: { ...defaults.endpoints, intervalMs, timeoutMs: 2000 } },
    configFile: undefined,
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    maxRequests: 40,
    logger,
    clock: systemClock,
  });
  const url = running.urls[0]!;
  const get: RunningDemo['get'] = async (path) => {
    const answer = await fetch(url + path);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  return {
    url,
    node,
    get,
    until: async (path, holds) => {
      for (let tries = 0; tries < 150; tries += 1) {
        const { text } = await get(path);
        if (holds(text)) return text;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`${path} never held what was waited for`);
    },
    close: async () => {
      clearInterval(ticker);
      await running.stop();
      await node.close();
      rmSync(directory, { recursive: true });
    },
  };
}

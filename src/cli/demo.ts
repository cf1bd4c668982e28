import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../agent/log.ts';
import { systemClock } from '../base/clock.ts';
import { defaultConfig } from '../config/config.ts';
import { startSimulatedNode } from '../demo/node.ts';
import { startAgent } from './agent.ts';
import type { CommonOptions } from './options.ts';

export interface DemoOptions extends Pick<CommonOptions, 'log.level' | 'log.format'> {
  readonly 'web.listenAddress'?: readonly string[];
  readonly keep?: boolean;
}

const TICK_MS = 1000;
/** Short enough that findings come within a minute. */
const INTERVAL_MS = 5000;

/** `cgopher demo`: the real agent on a simulated node, which is made of files and local servers in a temporary directory. */
export async function demoCommand(
  options: DemoOptions,
  stopped: Promise<string>,
  say: (text: string) => void,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cgopher-demo-'));
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const node = await startSimulatedNode({ directory, clock: systemClock, host: '127.0.0.1', self: process.pid });
  const ticker = setInterval(() => {
    node.tick();
  }, TICK_MS);
  try {
    const defaults = defaultConfig();
    const running = await startAgent({
      paths: node,
      config: {
        ...defaults,
        intervalMs: INTERVAL_MS,
        // Simulated programs have no memory to read.
        runtimeMemory: { ...defaults.runtimeMemory, enabled: false },
        endpoints: { ...defaults.endpoints, intervalMs: INTERVAL_MS, timeoutMs: 2000, profileIntervalMs: 30_000 },
      },
      configFile: undefined,
      listenAddresses: options['web.listenAddress'] ?? ['127.0.0.1:10119'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger: createLogger({ level: options['log.level'], format: options['log.format'] }),
      clock: systemClock,
    });
    const url = running.urls[0] ?? '';
    say(
      [
        '',
        'cgopher watches a simulated node: real file formats and the real agent, invented workloads.',
        '',
        `  page      ${url}/`,
        `  metrics   ${url}/metrics`,
        `  findings  ${url}/findings`,
        '',
        'The same node in the terminal, from another window:',
        `  node dist/cgopher.mjs check --path.cgroupfs ${node.cgroupfs} --path.procfs ${node.procfs} --path.sysfs ${node.sysfs} --path.podlogs ${node.podlogs}`,
        '',
        'Findings appear within a minute; the memory story of media/thumbnailer takes a few. Ctrl-C ends it.',
        '',
      ].join('\n'),
    );
    await stopped;
    await running.stop();
  } finally {
    // Also when it could not start: what goes on ticking would keep the process alive.
    clearInterval(ticker);
    await node.close();
    remove();
  }
}

import { Agent } from '../agent/agent.ts';
import { createLogger } from '../agent/log.ts';
import type { NodePaths } from '../agent/paths.ts';
import { routes } from '../agent/routes.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { checkReport } from '../export/check-report.ts';
import { watchFile } from '../io/file-watch.ts';
import { readHostMemory } from '../io/host-memory.ts';
import { startServer } from '../io/http-server.ts';
import { build } from './build.ts';
import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';

export interface AgentCommandOptions extends CommonOptions {
  readonly 'web.listenAddress'?: readonly string[];
  readonly 'web.telemetryPath': string;
  readonly 'web.maxRequests': number;
}

/** A running agent with its web server. */
export interface RunningAgent {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly paths: NodePaths;
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  readonly maxRequests: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The paths are those of the machine this runs on, so figures may be compared with what the process itself sees. */
  readonly realNode: boolean;
}

/** Starts server and loop. Throws when an address cannot be listened on. */
export async function startAgent(options: StartOptions): Promise<RunningAgent> {
  const { paths, config, configFile, logger, clock } = options;
  const agent = new Agent({ paths, config, clock, logger, build });
  const report = (): string | undefined => {
    const last = agent.last;
    return last === undefined
      ? undefined
      : `${JSON.stringify(checkReport(last.snapshot.model, last.evaluation, build.version), undefined, 2)}\n`;
  };
  const server = await startServer({
    addresses: options.listenAddresses,
    routes: routes(agent, { telemetryPath: options.telemetryPath, version: build.version, report }),
    maxRequests: options.maxRequests,
    logger,
  });
  if (!server.ok) throw new Error(`cannot listen on ${server.miss.source}: ${server.miss.detail}`);
  const watch =
    configFile === undefined
      ? undefined
      : watchFile(configFile, () => {
          reload(agent, configFile, logger);
        });
  agent.configReloaded(true);
  await agent.start();
  if (options.realNode) void crossCheckMemory(agent, logger);
  return {
    urls: server.value.addresses.map((address) => address.url),
    stop: async () => {
      await watch?.close();
      await agent.stop();
      await server.value.close();
    },
  };
}

/** A bad file changes nothing: the agent goes on with what it had, and says so in log and metric. */
function reload(agent: Agent, file: string, logger: Logger): void {
  try {
    agent.reconfigure(readConfig(file));
    agent.configReloaded(true);
    logger.info({ file }, 'configuration reloaded');
  } catch (error) {
    agent.configReloaded(false);
    logger.error(
      { file, problems: error instanceof Error ? error.message : String(error) },
      'configuration refused, the one in use stays',
    );
  }
}

/** A /proc of another machine, or lxcfs over one of the two, makes every memory figure wrong: worth one look at start. */
async function crossCheckMemory(agent: Agent, logger: Logger): Promise<void> {
  const own = await readHostMemory();
  const told = agent.last?.snapshot.model.node.memoryTotalBytes;
  if (!own.ok || told === undefined || Math.abs(own.value.totalBytes - told) <= told * 0.01) return;
  logger.warn(
    { procfs: told, own: own.value.totalBytes },
    'MemTotal under --path.procfs differs from what this process sees: is it the /proc of this machine, and is lxcfs mounted over it?',
  );
}

/** `cgopher agent`: runs until it is told to stop. */
export async function agentCommand(options: AgentCommandOptions, stopped: Promise<string>): Promise<void> {
  const config = readConfig(options['config.file']);
  const logger = createLogger({ level: options['log.level'], format: options['log.format'] });
  logger.info({ version: build.version, revision: build.revision, node: process.version }, 'cgopher starts');
  const running = await startAgent({
    paths: pathsOf(options),
    config,
    configFile: options['config.file'],
    listenAddresses: options['web.listenAddress'] ?? [':10119'],
    telemetryPath: options['web.telemetryPath'],
    maxRequests: options['web.maxRequests'],
    logger,
    clock: systemClock,
    realNode: true,
  });
  for (const url of running.urls) logger.info({ url }, 'listening');
  logger.info({ signal: await stopped }, 'cgopher stops');
  await running.stop();
}

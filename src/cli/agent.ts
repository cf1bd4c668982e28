import { hostname } from 'node:os';
import { addressResolver } from '../agent/address-worker.ts';
import { Agent } from '../agent/agent.ts';
import { AlertPush, pushProblem } from '../agent/alert-push/alert-push.ts';
import { GcNudge } from '../agent/gc-nudge.ts';
import { createLogger } from '../agent/log.ts';
import type { NodePaths } from '../agent/paths.ts';
import { routes } from '../agent/routes.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { checkReport } from '../export/check-report.ts';
import { startServer } from '../io/http-server.ts';
import type { WebConfigFile } from '../io/web-config-file.ts';
import { build, resolverScript } from './build.ts';
import { type CollectorOptions, enabledCollectors } from './collector-options.ts';
import { ConfigRefused, readConfig } from './config.ts';
import { nodeName } from './node-name.ts';
import { type CommonOptions, pathsOf } from './options.ts';
import { openWebConfig } from './web-config.ts';

export interface AgentCommandOptions extends CommonOptions, CollectorOptions {
  readonly 'web.listenAddress'?: readonly string[];
  readonly 'web.telemetryPath': string;
  readonly 'web.maxRequests': number;
  readonly 'web.config.file'?: string;
  readonly 'web.disableExporterMetrics'?: boolean;
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
  /** Undefined: not known. Only alerts that are pushed need it. */
  readonly nodeName?: string | undefined;
  /** TLS, users and headers of the web server; left out: none. */
  readonly web?: WebConfigFile | undefined;
  /** Collectors whose series are served; left out: all. */
  readonly collectors?: ReadonlySet<string> | undefined;
  /** Whether the agent's own process has metrics; left out: yes. */
  readonly exporterMetrics?: boolean | undefined;
}

/** Starts server and loop. Throws when an address cannot be listened on. */
export async function startAgent(options: StartOptions): Promise<RunningAgent> {
  const { paths, config, configFile, logger, clock } = options;
  const refused = pushProblem(config, options.nodeName);
  if (refused !== undefined) throw new ConfigRefused(refused);
  const resolver = addressResolver(resolverScript);
  const agent = new Agent({
    paths,
    config,
    clock,
    logger,
    build,
    resolver,
    collectors: options.collectors,
    exporterMetrics: options.exporterMetrics,
    onCycle: (_, { evaluation, snapshot }) => {
      push.note(evaluation.findings);
      nudge.note(snapshot.model);
    },
  });
  const push = new AlertPush(config, {
    clock,
    logger,
    nodeName: options.nodeName,
    metrics: () => agent.notificationMetrics,
    evidenceIdOf: (finding) => agent.evidence.idOf(finding),
    random: Math.random,
  });
  const nudge = new GcNudge(config, {
    clock,
    logger,
    metrics: () => agent.gcNudgeMetrics,
    collect: (processKey) => agent.collect(processKey),
  });
  const report = (): string | undefined => {
    const last = agent.last;
    return last === undefined
      ? undefined
      : `${JSON.stringify(checkReport(last.snapshot.model, agent.evidence.marked(last.evaluation), build.version), undefined, 2)}\n`;
  };
  const close = async (): Promise<void> => {
    push.close();
    nudge.close();
    await agent.stop();
  };
  const server = await startServer({
    addresses: options.listenAddresses,
    routes: routes(agent, { telemetryPath: options.telemetryPath, version: build.version, report }),
    maxRequests: options.maxRequests,
    logger,
    web: options.web,
  });
  if (!server.ok) {
    await close();
    if (server.miss.reader === 'web config') throw new ConfigRefused(server.miss.detail);
    throw new Error(`cannot listen on ${server.miss.source}: ${server.miss.detail}`);
  }
  const watch =
    configFile === undefined
      ? undefined
      : (await import('../io/file-watch.ts')).watchFile(configFile, () => {
          void reload(agent, push, nudge, configFile, logger);
        });
  agent.configReloaded(true);
  await agent.start();
  return {
    urls: server.value.addresses.map((address) => address.url),
    stop: async () => {
      await watch?.close();
      await close();
      await server.value.close();
    },
  };
}

/** A bad file changes nothing: the agent goes on with what it had, and says so in log and metric. */
async function reload(agent: Agent, push: AlertPush, nudge: GcNudge, file: string, logger: Logger): Promise<void> {
  try {
    const config = await readConfig(file);
    // First, because it may refuse.
    push.reconfigure(config);
    agent.reconfigure(config);
    nudge.reconfigure(config);
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

/** `cgopher agent`: runs until it is told to stop. */
export async function agentCommand(options: AgentCommandOptions, stopped: Promise<string>): Promise<void> {
  const config = await readConfig(options['config.file']);
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
    nodeName: nodeName(process.env, hostname()),
    web: await openWebConfig(options['web.config.file']),
    collectors: enabledCollectors(options),
    exporterMetrics: options['web.disableExporterMetrics'] !== true,
  });
  for (const url of running.urls) logger.info({ url }, 'listening');
  logger.info({ signal: await stopped }, 'cgopher stops');
  await running.stop();
}

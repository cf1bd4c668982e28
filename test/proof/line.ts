import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { startAgent } from '../../src/cli/agent.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import type { Finding, Unjudged } from '../../src/rules/types.ts';
import { ROOT } from '../deploy/committed.ts';
import { type RunningAlertmanager, startAlertmanager } from '../tools/running-alertmanager.ts';
import { type ChangingNode, changingNode } from './changing-node.ts';
import { healthyWorkloads } from './reports.ts';
import { scaled } from './scaled.ts';
import { startWebhook, type Webhook } from './webhook.ts';

/** A minute of waiting, in rules and in the configuration of Alertmanager, is a second here. */
export const FACTOR = 60;
/** Where the example configuration of Alertmanager sends to. */
const PLACEHOLDER = 'http://alert-receiver.monitoring.svc:8080';

/** What the agent tells of itself: findings, and rules that could not judge. */
export interface Judged {
  readonly findings: readonly Finding[];
  readonly unknown: readonly Unjudged[];
}

/** A node, the agent on it, Alertmanager with the example configuration, and whom it tells. */
export interface Line {
  readonly node: ChangingNode;
  readonly agentUrl: string;
  readonly alertmanager: RunningAlertmanager;
  readonly webhook: Webhook;
  judged(): Promise<Judged>;
  /** Closed first when the line is. */
  alsoClose(close: () => Promise<void>): void;
  close(): Promise<void>;
}

/** `configure` gets the usual configuration at an interval of a second, and the address of Alertmanager. */
export async function startLine(
  configure: (config: Config, alertmanagerUrl: string) => Config = (config) => config,
): Promise<Line> {
  const closings: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).reverse()) await closing();
  };
  try {
    const webhook = await startWebhook();
    closings.push(() => webhook.close());
    const example = readFileSync(`${ROOT}deploy/alertmanager/alertmanager.yaml`, 'utf8');
    const alertmanager = await startAlertmanager({
      config: scaled(example, FACTOR).replaceAll(PLACEHOLDER, webhook.url),
    });
    closings.push(alertmanager.stop);
    const node = await changingNode(healthyWorkloads());
    closings.push(() => node.close());
    const usual = defaultConfig();
    const intervalMs = 1000;
    const endpoints = { ...usual.endpoints, intervalMs, timeoutMs: 2000 };
    const agent = await startAgent({
      paths: node,
      config: configure({ ...usual, intervalMs, endpoints }, alertmanager.url),
      configFile: undefined,
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger: silentLogger,
      clock: systemClock,
      nodeName: 'simulated-node',
    });
    closings.push(() => agent.stop());
    const agentUrl = agent.urls[0]!;
    return {
      node,
      agentUrl,
      alertmanager,
      webhook,
      judged: async () => (await (await fetch(`${agentUrl}/findings`)).json()) as Judged,
      alsoClose: (closing) => closings.push(closing),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { startAgent } from '../../../src/cli/agent.ts';
import { readConfig } from '../../../src/cli/config.ts';
import { startSimulatedNode } from '../../../src/demo/node.ts';
import { RULE_IDS } from '../../../src/rules/types.ts';
import { parseExposition } from '../../export/parse-exposition.ts';
import { startAlertmanager, withoutAlertmanager } from '../../tools/running-alertmanager.ts';
import { recordingLogger } from '../recording-logger.ts';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (tries === 600) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(withoutAlertmanager() !== undefined)('the agent and a real Alertmanager', { timeout: 120_000 }, () => {
  it('pushes from the moment the configuration says so, with metrics, and leaves the alerts alone when it ends', async () => {
    const target = await startAlertmanager();
    endings.push(() => target.stop());
    const directory = mkdtempSync(join(tmpdir(), 'alert-agent-'));
    const node = await startSimulatedNode({ directory, clock: systemClock, host: '127.0.0.1', self: process.pid });
    endings.push(async () => {
      await node.close();
      rmSync(directory, { recursive: true });
    });
    const ticker = setInterval(() => {
      node.tick();
    }, 500);
    endings.push(() => {
      clearInterval(ticker);
    });
    const configFile = join(directory, 'cgopher.yaml');
    const usual = 'interval: 1s\nendpoints: { interval: 1s, timeout: 1s }\nruntimeMemory: { enabled: false }\n';
    writeFileSync(configFile, usual);
    const { logger, lines } = recordingLogger();
    const agent = await startAgent({
      paths: node,
      config: await readConfig(configFile),
      configFile,
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger,
      clock: systemClock,
      nodeName: 'simulated-node',
    });
    let running = true;
    endings.push(async () => {
      if (running) await agent.stop();
    });
    const url = agent.urls[0]!;
    const metrics = async () => parseExposition(await (await fetch(`${url}/metrics`)).text());
    expect((await metrics()).find('cgopher_notifications_sent_total')).toEqual([]);

    const section = `alertmanager:
  targets: [{ url: '${target.url}' }]
  resendInterval: 10s
  externalLabels: { cluster: lab }
  externalUrl: https://cgopher.example/{node}
`;
    // A watch that was not yet set may have missed the first writing.
    const writing = setInterval(() => {
      writeFileSync(configFile, usual + section);
    }, 1000);
    await until(target.alerts, (alerts) => alerts.length > 0).finally(() => {
      clearInterval(writing);
    });
    // Evidence is kept a moment after a finding began, and named from the next sending on.
    const alerts = await until(target.alerts, (seen) => seen.some(({ annotations }) => 'evidence' in annotations));
    for (const { labels, annotations } of alerts) {
      expect(RULE_IDS.map((id) => `Cgopher${id}`)).toContain(labels['alertname']);
      expect(labels).toMatchObject({ node: 'simulated-node', cluster: 'lab' });
      expect(annotations['description']).toMatch(/: .+ Change: .+/);
    }
    const evidence = alerts.find(({ annotations }) => 'evidence' in annotations)!.annotations['evidence']!;
    const kept = await fetch(evidence.replace('https://cgopher.example/simulated-node', url));
    expect(kept.status).toBe(200);
    await kept.arrayBuffer();

    const own = await metrics();
    const alertmanager = `${target.url}/api/v2/alerts`;
    expect(own.find('cgopher_notifications_sent_total', { alertmanager })[0]?.value).toBeGreaterThan(0);
    expect(own.find('cgopher_notifications_errors_total', { alertmanager })[0]?.value).toBe(0);
    expect(own.find('cgopher_notifications_queue_capacity', { alertmanager })[0]?.value).toBe(1000);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);

    running = false;
    await agent.stop();
    expect((await target.alerts()).length).toBeGreaterThan(0);
  });
});

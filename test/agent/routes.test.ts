import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import { AlertPush } from '../../src/agent/alert-push/alert-push.ts';
import { GcNudge } from '../../src/agent/gc-nudge.ts';
import { routes } from '../../src/agent/routes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type RunningAgent, startAgent } from '../../src/cli/agent.ts';
import { defaultConfig } from '../../src/config/config.ts';
import type { HttpResponse } from '../../src/io/http-server.ts';
import { ID_A, POD_A, SmallNode } from '../sample/small-node.ts';
import { recordingLogger } from './recording-logger.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
});
afterEach(() => {
  node.close();
});

describe('what the agent serves', () => {
  async function ask(agent: Agent, path: string, telemetryPath = '/metrics'): Promise<HttpResponse> {
    const handler = routes(agent, { telemetryPath, version: '1', report: () => undefined }).get(path);
    if (handler === undefined) throw new Error(`nothing at ${path}`);
    const url = new URL(`http://agent${path}`);
    return handler({ method: 'GET', url, headers: {}, scrapeTimeoutMs: undefined });
  }

  it('is healthy from the start and ready after the first cycle', async () => {
    const options = { paths: node.paths, config: defaultConfig(), clock: systemClock, logger: silentLogger };
    const agent = new Agent({
      ...options,
      resolver: addressResolver(undefined),
      build: { version: '1', revision: '1' },
    });
    expect((await ask(agent, '/-/healthy')).status).toBe(200);
    expect((await ask(agent, '/healthz')).status).toBe(200);
    expect((await ask(agent, '/-/ready')).status).toBe(503);
    expect(await ask(agent, '/findings')).toMatchObject({ status: 503 });
    expect(await ask(agent, '/report')).toMatchObject({ status: 503 });
    expect((await ask(agent, '/metrics')).status).toBe(200);
    expect((await ask(agent, '/')).status).toBe(200);
    await agent.cycle();
    expect((await ask(agent, '/-/ready')).status).toBe(200);
    const { status, body, contentType } = await ask(agent, '/findings');
    expect([status, contentType]).toEqual([200, 'application/json; charset=utf-8']);
    expect(Object.keys(JSON.parse(String(body)) as object)).toEqual(['findings', 'unknown']);
    // Metrics are where the operator wants them, also where the page or another route would be.
    for (const path of ['/', '/healthz', '/m'])
      expect((await ask(agent, path, path)).contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    await agent.stop();
  });
});

describe('a running agent', () => {
  let running: RunningAgent;
  let log: ReturnType<typeof recordingLogger>;
  const get = async (path: string) => {
    const answer = await fetch(running.urls[0]! + path);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  async function start(configFile?: string): Promise<void> {
    log = recordingLogger();
    running = await startAgent({
      paths: node.paths,
      config: defaultConfig(),
      configFile,
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger: log.logger,
      clock: systemClock,
    });
  }

  it('serves report, findings, metrics and a page that runs no script', async () => {
    await start();
    const report = JSON.parse((await get('/report')).text) as { goProcesses: { pid: number }[] };
    expect(report.goProcesses.map((process) => process.pid)).toEqual([101]);
    expect((await get('/findings')).status).toBe(200);
    expect((await get('/metrics')).text).toContain('cgopher_go_info{');
    const page = await get('/');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('href="./metrics"');
    expect((await get('/nothing')).status).toBe(404);
    await running.stop();
  });

  it('takes a new configuration, keeps it over a bad one, and tells by metric and log', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(directory, 'cgopher.yaml');
    writeFileSync(file, 'interval: 15s\n');
    await start(file);
    const successful = async () =>
      /^cgopher_config_last_reload_successful (\d)$/m.exec((await get('/metrics')).text)?.[1];
    const after = async (text: string, message: string) => {
      // The file is written again until the watch, which takes a moment to begin, has seen it.
      const said = () => log.lines.filter((line) => line.message.startsWith(message)).length;
      const before = said();
      for (let tries = 0; tries < 200 && said() === before; tries += 1) {
        if (tries % 20 === 0) writeFileSync(file, text);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(said()).toBeGreaterThan(before);
    };
    expect(await successful()).toBe('1');
    await after('interval: soon\nendpoint: {}\n', 'configuration refused');
    expect(await successful()).toBe('0');
    const refused = log.lines.find((line) => line.message.startsWith('configuration refused'))!;
    expect(refused.level).toBe('error');
    // Every problem at once, with its place.
    expect(String(refused.fields['problems']).split('\n')).toHaveLength(2);
    expect(String(refused.fields['problems'])).toContain(`${file}:1:`);
    expect((await get('/-/ready')).status).toBe(200);
    await after('interval: 20s\n', 'configuration reloaded');
    expect(await successful()).toBe('1');
    await running.stop();
    rmSync(directory, { recursive: true });
  });

  it('refuses a taken port with one error and leaves nothing running', async () => {
    await start();
    const taken = new URL(running.urls[0]!).host;
    const ended = [
      vi.spyOn(Agent.prototype, 'stop'),
      vi.spyOn(AlertPush.prototype, 'close'),
      vi.spyOn(GcNudge.prototype, 'close'),
    ];
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const usual = defaultConfig();
    const alertmanager = { ...usual.alertmanager, targets: [{ url: 'http://127.0.0.1:1' }] };
    await expect(
      startAgent({
        paths: node.paths,
        config: { ...usual, alertmanager },
        nodeName: 'node-1',
        configFile: undefined,
        listenAddresses: ['127.0.0.1:0', taken],
        telemetryPath: '/metrics',
        maxRequests: 1,
        logger: log.logger,
        clock: systemClock,
      }),
    ).rejects.toThrow(`cannot listen on ${taken}: EADDRINUSE`);
    for (const end of ended) expect(end).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    expect(timers()).toBeLessThanOrEqual(before);
    await running.stop();
  });
});

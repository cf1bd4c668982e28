import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AlertPush } from '../../../src/agent/alert-push/alert-push.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { AlertmanagerConfig } from '../../../src/config/alertmanager.ts';
import { defaultConfig } from '../../../src/config/config.ts';
import type { Finding } from '../../../src/rules/types.ts';
import { FINDING } from '../../export/base-model.ts';
import { hasOpenssl, TestAuthority } from '../../tools/certificates.ts';
import {
  type AlertmanagerOptions,
  type RunningAlertmanager,
  startAlertmanager,
  withoutAlertmanager,
} from '../../tools/running-alertmanager.ts';
import { recordingLogger } from '../recording-logger.ts';
import { countingMetrics } from './counting-metrics.ts';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function alertmanager(options: AlertmanagerOptions = {}): Promise<RunningAlertmanager> {
  const running = await startAlertmanager(options);
  endings.push(() => running.stop());
  return running;
}

/** Seconds as in a configuration, but shorter than one may write. */
function push(config: Partial<AlertmanagerConfig>) {
  const defaults = defaultConfig();
  const log = recordingLogger();
  const metrics = countingMetrics();
  const made = new AlertPush(
    {
      ...defaults,
      intervalMs: 60_000,
      alertmanager: { ...defaults.alertmanager, resendIntervalMs: 1000, timeoutMs: 2000, ...config },
    },
    {
      clock: systemClock,
      logger: log.logger,
      metrics: () => metrics,
      nodeName: 'node-7',
      evidenceIdOf: () => 'CpuThrottled-1795000000-1',
      random: () => 0.1,
    },
  );
  endings.push(() => {
    made.close();
  });
  return { push: made, lines: log.lines, metrics };
}

const started = Date.now() - 90_000;
const finding = (pod: string): Finding => ({
  ...FINDING,
  sinceUnixMs: started,
  subject: { ...FINDING.subject, key: pod, pod },
});

async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (tries === 450) throw new Error(`never came: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const PATIENT = { timeout: 60_000 };

describe.skipIf(withoutAlertmanager() !== undefined)('a real Alertmanager', PATIENT, () => {
  it('shows an alert with its labels and texts, and no longer when the finding resolved', async () => {
    const target = await alertmanager({ routePrefix: '/alerting' });
    const { push: one, metrics } = push({
      targets: [{ url: `${target.url}/` }],
      externalLabels: { cluster: 'lab' },
      externalUrl: 'https://cgopher.example/{node}',
    });
    one.note([finding('web-0'), { ...finding('web-1'), severity: 'info' }]);
    const [alert, ...others] = await until(target.alerts, (alerts) => alerts.length > 0);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      labels: {
        alertname: 'CgopherCpuThrottled',
        rule: 'CpuThrottled',
        severity: 'warning',
        cluster: 'lab',
        node: 'node-7',
        namespace: 'shop',
        pod: 'web-0',
        container: 'web',
      },
      annotations: {
        summary: 'The CPU limit stops a Go program again and again.',
        description: 'shop/web-0/web: it is throttled. Change: raise the limit. Set (resources): limits.cpu=2.',
        evidence: 'https://cgopher.example/node-7/evidence/CpuThrottled-1795000000-1',
      },
      startsAt: new Date(started).toISOString(),
      generatorURL: 'https://cgopher.example/node-7/',
      status: { state: 'active' },
    });
    expect(alert?.annotations['runbook_url']).toMatch(/^https:\/\/.*\/docs\/runbooks\/CgopherCpuThrottled\.md$/);
    expect(Object.keys(alert?.labels ?? {})).toHaveLength(8);
    // Four intervals of one second ahead, and it goes on: the end moves with each sending.
    const first = Date.parse(alert!.endsAt);
    const [later] = await until(target.alerts, ([seen]) => seen !== undefined && Date.parse(seen.endsAt) > first);
    expect(later?.startsAt).toBe(alert?.startsAt);
    one.note([{ ...finding('web-0'), state: 'resolved' }]);
    await until(target.alerts, (alerts) => alerts.length === 0);
    // Not because it ran out: the last sending was good for three seconds more.
    expect(await target.metrics()).toMatch(
      /alertmanager_alerts_received_total\{status="resolved",version="v2"\} [1-9]/,
    );
    expect(metrics.counts.errors).toBe(0);
  });

  it('gets everything again after a restart', async () => {
    const before = await alertmanager();
    const { push: one, lines } = push({ targets: [{ url: before.url }] });
    one.note([finding('web-0'), finding('web-1')]);
    await until(before.alerts, (alerts) => alerts.length === 2);
    await before.stop();
    await until(
      () => lines.map(({ message }) => message),
      (messages) => messages.includes('alerts were not accepted (failed)'),
    );
    const after = await alertmanager({ port: before.port });
    const alerts = await until(after.alerts, (seen) => seen.length === 2);
    expect(alerts.map(({ labels }) => labels['pod']).sort()).toEqual(['web-0', 'web-1']);
    expect(lines.map(({ message }) => message)).toEqual([
      'alerts were not accepted (failed)',
      'alerts are accepted again',
    ]);
  });

  it('is not held up by another that is down', async () => {
    const gone = await alertmanager();
    await gone.stop();
    const [one, two] = [await alertmanager(), await alertmanager()];
    const { push: pushed, metrics } = push({ targets: [gone, one, two].map(({ url }) => ({ url })) });
    pushed.note([finding('web-0')]);
    await until(one.alerts, (alerts) => alerts.length === 1);
    await until(two.alerts, (alerts) => alerts.length === 1);
    await until(
      () => metrics.of(gone.url).errors,
      (errors) => errors > 0,
    );
    expect(metrics.of(one.url).errors).toBe(0);
    expect(metrics.of(gone.url)).toMatchObject({ sent: 0, waiting: 1 });
  });

  it('tells a receiver that it fires, and that it ended', async () => {
    const told: { status: string; alerts: { status: string; labels: Record<string, string> }[] }[] = [];
    const receiver: Server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        told.push(JSON.parse(text) as (typeof told)[number]);
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    endings.push(() => {
      receiver.closeAllConnections();
      receiver.close();
    });
    const { port } = receiver.address() as AddressInfo;
    const target = await alertmanager({
      config: `
route: { receiver: hook, group_by: [ alertname, pod ], group_wait: 100ms, group_interval: 500ms }
receivers:
  - name: hook
    webhook_configs: [ { url: 'http://127.0.0.1:${port}/', send_resolved: true } ]
`,
    });
    const { push: one } = push({ targets: [{ url: target.url }] });
    one.note([finding('web-0')]);
    await until(
      () => told,
      (seen) => seen.some(({ status }) => status === 'firing'),
    );
    one.note([]);
    await until(
      () => told,
      (seen) => seen.some(({ status }) => status === 'resolved'),
    );
    expect(told.at(-1)?.alerts).toMatchObject([
      { status: 'resolved', labels: { alertname: 'CgopherCpuThrottled', pod: 'web-0' } },
    ]);
  });
});

describe.skipIf(withoutAlertmanager() !== undefined || !hasOpenssl())(
  'a real Alertmanager behind TLS and a password',
  PATIENT,
  () => {
    let directory = '';
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'alert-tls-'));
    });
    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    it('takes alerts with the right authority, name, password and client certificate, and only then', async () => {
      const authority = new TestAuthority(directory);
      const server = authority.issue('server', 'DNS:localhost,DNS:alertmanager.example', 'serverAuth');
      const client = authority.issue('client', 'DNS:cgopher', 'clientAuth');
      const passwordFile = join(directory, 'password');
      writeFileSync(passwordFile, 'wrong\n');
      // A certificate is only asked for, so that the test itself can look without one.
      const webConfig = `
tls_server_config: { cert_file: ${server.cert}, key_file: ${server.key}, client_auth_type: VerifyClientCertIfGiven, client_ca_file: ${authority.cert} }
basic_auth_users: { cgopher: '${hashSync('s3cret', 4)}' }
`;
      const target = await alertmanager({
        secured: {
          webConfig,
          ca: readFileSync(authority.cert, 'utf8'),
          authorization: `Basic ${Buffer.from('cgopher:s3cret').toString('base64')}`,
        },
      });
      const basicAuth = { username: 'cgopher', passwordFile };
      const tls = {
        caFile: authority.cert,
        certFile: client.cert,
        keyFile: client.key,
        serverName: 'alertmanager.example',
      };
      const { push: one, lines } = push({ targets: [{ url: target.url, basicAuth, tls }] });
      one.note([finding('web-0')]);
      await until(
        () => lines,
        (seen) => seen.length > 0,
      );
      expect(lines[0]?.fields['error']).toBe('HTTP 401: Unauthorized');
      expect(await target.alerts()).toEqual([]);
      // The file is read again for each sending.
      writeFileSync(passwordFile, 's3cret\n');
      await until(target.alerts, (alerts) => alerts.length === 1);

      const unknown = push({ targets: [{ url: target.url, basicAuth }] });
      unknown.push.note([finding('web-1')]);
      const misnamed = push({
        targets: [{ url: target.url, basicAuth, tls: { ...tls, serverName: 'other.example' } }],
      });
      misnamed.push.note([finding('web-2')]);
      const at = `${target.url}/api/v2/alerts`;
      for (const [{ lines: told }, error] of [
        [unknown, `${at}: UNABLE_TO_VERIFY_LEAF_SIGNATURE`],
        [misnamed, `${at}: ERR_TLS_CERT_ALTNAME_INVALID`],
      ] as const) {
        await until(
          () => told,
          (seen) => seen.length > 0,
        );
        expect(told[0]?.fields['error']).toBe(error);
      }
      expect((await target.alerts()).map(({ labels }) => labels['pod'])).toEqual(['web-0']);
    });
  },
);

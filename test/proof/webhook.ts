import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An alert as Alertmanager tells it to a webhook. */
export interface ToldAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** One alert of one notification: where it was sent to, and when it came. */
export interface Told extends ToldAlert {
  /** The last part of the address, which is the receiver's name: `pager`. */
  readonly path: string;
  readonly receiver: string;
  readonly atMs: number;
}

export interface Webhook {
  readonly url: string;
  readonly told: readonly Told[];
  close(): Promise<void>;
}

/** A receiver of notifications on loopback that keeps what it is told. */
export async function startWebhook(): Promise<Webhook> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const atMs = Date.now();
      const { receiver, alerts } = JSON.parse(body) as { receiver: string; alerts: readonly ToldAlert[] };
      for (const alert of alerts) told.push({ ...alert, path: (request.url ?? '').slice(1), receiver, atMs });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

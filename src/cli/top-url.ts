import { reportLook } from '../export/top/report-look.ts';
import { HttpClient } from '../io/http-client.ts';
import { prometheusServer } from '../io/prometheus-range.ts';
import type { LookSource } from './top-source.ts';

/** A report of some thousand containers is a few megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 10_000;

/** What a running agent sees: its `/report`, below the URL a person gave. Throws when that is no URL, or its host is not known. */
export async function urlSource(url: string): Promise<LookSource> {
  const found = await prometheusServer(url);
  if (!found.ok) throw new Error(`--url ${url}: ${found.miss.detail}`);
  const { address, port, tls, hostHeader, prefix } = found.value;
  const client = new HttpClient();
  return {
    name: `the agent at ${hostHeader}`,
    next: async () => {
      const answer = await client.get({
        host: address,
        port,
        tls,
        hostHeader,
        path: `${prefix}/report`,
        reader: 'report',
        deadlineMs: DEADLINE_MS,
        maxBytes: MAX_BYTES,
        accept: 'application/json',
        gzip: true,
      });
      if (!answer.ok) return { look: undefined, problem: `${hostHeader}/report: ${answer.miss.detail}` };
      const look = reportLook(answer.value.body.toString('utf8'));
      if (typeof look === 'string') return { look: undefined, problem: `${hostHeader}/report: ${look}` };
      return { look, problem: undefined };
    },
    close: () => {
      client.close();
    },
  };
}
